import { Suspense, useState } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary";
import { itemsOf, mediaNameOf } from "../state/mediaTypes";
import { Dialog } from "../ui";
import { formatValue } from "../ui/format";
import { isRecord } from "../wire/check";
import { ALL_LAYERS } from "./layers";
import { type ItemViewProps, MEDIA } from "./registry";
import styles from "./TableView.module.css";

export interface CellContext extends Pick<ItemViewProps, "path" | "run"> {
  files: Readonly<Record<string, unknown>>;
  /** Reads a text that was cut, whole. */
  readWhole?: (() => Promise<string>) | undefined;
}

interface TableCellProps {
  value: unknown;
  kind: string;
  column: string;
  context: CellContext;
}

/** One cell, by what it holds. */
export function TableCell({ value, kind, column, context }: TableCellProps) {
  if (value === null || value === undefined) return <span className={styles["missing"]}>–</span>;
  if (typeof value === "number") return <span title={String(value)}>{formatValue(value)}</span>;
  if (typeof value === "boolean") return <span>{value ? "true" : "false"}</span>;
  if (typeof value === "string") {
    if (kind === "number") return <span>{value}</span>;
    return <Text text={value} column={column} readWhole={undefined} />;
  }
  if (isRecord(value) && typeof value["_clipped"] === "string") {
    return <Text text={`${value["_clipped"]}…`} column={column} readWhole={context.readWhole} />;
  }
  const media =
    isRecord(value) && typeof value["_type"] === "string" && mediaNameOf([value["_type"]]);
  if (media) return <Media value={value} column={column} context={context} />;
  return <Text text={JSON.stringify(value)} column={column} readWhole={undefined} mono />;
}

interface TextProps {
  text: string;
  column: string;
  readWhole: (() => Promise<string>) | undefined;
  mono?: boolean;
}

function Text({ text, column, readWhole, mono = false }: TextProps) {
  const [open, setOpen] = useState<string | null>(null);
  const show = (): void => {
    setOpen(text);
    if (readWhole) void readWhole().then(setOpen, () => undefined);
  };
  return (
    <>
      <button
        type="button"
        className={`${styles["text"]} ${mono ? styles["json"] : ""}`}
        onClick={show}
      >
        {text}
      </button>
      {open !== null && (
        <Dialog title={column} wide onClose={() => setOpen(null)}>
          <pre className={styles["whole"]}>{open}</pre>
        </Dialog>
      )}
    </>
  );
}

type MediaProps = Omit<TableCellProps, "kind">;

function Media({ value, column, context }: MediaProps) {
  const [item] = itemsOf(value);
  const name = isRecord(value) ? mediaNameOf([String(value["_type"])]) : null;
  const Item = name && name !== "table" ? MEDIA[name].Item : null;
  if (!item || !Item) return <span className={styles["json"]}>{name ?? "value"}</span>;
  return (
    <ErrorBoundary what="This cell">
      <Suspense fallback={null}>
        <Item
          item={item}
          urlOf={(path) => {
            const url = typeof path === "string" ? context.files[path] : null;
            return typeof url === "string" ? url : null;
          }}
          label={item.caption ?? column}
          large={false}
          choice={ALL_LAYERS}
          path={context.path}
          run={context.run}
          keyName={column}
        />
      </Suspense>
    </ErrorBoundary>
  );
}
