import { useMemo } from "react";
import { useFileText } from "../state/queries";
import { ErrorNote } from "../ui";
import { formatCount } from "../ui/format";
import { Broken } from "./Broken";
import styles from "./GraphView.module.css";
import { graphOf } from "./graph";
import media from "./Media.module.css";
import type { ItemViewProps } from "./registry";

/** The layers of a model, in order, each with what it feeds. */
export default function GraphView({ item, urlOf, label }: ItemViewProps) {
  const url = urlOf(item.path);
  const text = useFileText(url ?? "", url !== null);
  const nodes = useMemo(
    () => (text.data === undefined ? undefined : graphOf(text.data)),
    [text.data],
  );
  if (url === null) return <Broken>The graph’s file is not known.</Broken>;
  if (text.error) {
    return (
      <ErrorNote small error={text.error} what="The graph" onRetry={() => void text.refetch()} />
    );
  }
  if (nodes === undefined)
    return <div className={media["wait"]} role="status" aria-label={`Loading ${label}`} />;
  if (nodes === null) return <Broken url={url}>The file is no graph.</Broken>;
  const sum = nodes.reduce((all, node) => all + (node.parameters ?? 0), 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
    <div className={styles["scroll"]} tabIndex={0} data-arrows="">
      <table className={styles["table"]}>
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">Layer</th>
            <th scope="col">Kind</th>
            <th scope="col">Output</th>
            <th scope="col">Parameters</th>
            <th scope="col">Feeds</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: nodes never move, and ids may repeat
            <tr key={at}>
              <th scope="row">{node.name}</th>
              <td>{node.kind}</td>
              <td>{node.shape}</td>
              <td>{node.parameters === null ? "–" : formatCount(node.parameters)}</td>
              <td>{node.feeds.join(", ")}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{formatCount(nodes.length)} in all</th>
            <td />
            <td />
            <td>{formatCount(sum)}</td>
            <td />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
