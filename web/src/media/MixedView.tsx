import { mediaNameOf } from "../state/mediaTypes";
import FileView from "./FileView";
import styles from "./Media.module.css";
import { type ItemViewProps, MEDIA } from "./registry";
import { SummaryCell } from "./SummaryCell";

/** One of several things of different types that were logged together, by its own viewer. */
export default function MixedView(props: ItemViewProps) {
  const { fields, index } = props.item;
  const name = mediaNameOf([String(fields["_type"])]);
  if (name === "histogram") return <OneHistogram {...props} />;
  const Item = (name && MEDIA[name].Item) ?? FileView;
  // Two tables of one list are looked at each in its own way.
  return <Item {...props} keyName={`${props.keyName}[${index}]`} />;
}

const nothing = (): void => {};

function OneHistogram({ item, path, run, label, large }: ItemViewProps) {
  const { bins, values } = item.fields;
  const edges = Array.isArray(bins) ? bins : [];
  return (
    <div className={styles["bars"]} data-large={large}>
      <SummaryCell
        summary={{
          kind: "histogram",
          edges,
          counts: values,
          min: edges[0],
          max: edges.at(-1),
        }}
        column={label}
        log={false}
        onFilter={nothing}
        context={{ path, run, files: {} }}
      />
    </div>
  );
}
