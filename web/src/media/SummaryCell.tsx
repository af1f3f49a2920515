import { formatCell, formatCount, formatValue, plural } from "../ui/format";
import { isRecord } from "../wire/check";
import type { Condition } from "../wire/media";
import styles from "./SummaryCell.module.css";
import { type CellContext, TableCell } from "./TableCell";

interface SummaryCellProps {
  summary: unknown;
  column: string;
  /** Whether histograms count by the logarithm. */
  log: boolean;
  onFilter: (condition: Condition) => void;
  context: CellContext;
}

type SummaryProps = Omit<SummaryCellProps, "summary"> & { summary: Record<string, unknown> };

/** What the cells of a group are, by the kind of the column. */
const VIEWS: Readonly<Record<string, (props: SummaryProps) => React.ReactNode>> = {
  histogram: Histogram,
  top: Tops,
  words: Tops,
  gallery: Gallery,
  count: Count,
};

export function SummaryCell({ summary, ...rest }: SummaryCellProps) {
  if (!isRecord(summary)) return null;
  const View = VIEWS[String(summary["kind"])];
  const missing = Number(summary["missing"] ?? 0);
  return (
    <div className={styles["summary"]}>
      {View && <View summary={summary} {...rest} />}
      {missing > 0 && <span className={styles["missing"]}>{formatCount(missing)} missing</span>}
    </div>
  );
}

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);

function Histogram({ summary, column, log, onFilter }: SummaryProps) {
  const edges = numbers(summary["edges"]);
  const counts = numbers(summary["counts"]);
  if (counts.length === 0) return <span className={styles["none"]}>no numbers</span>;
  const size = (count: number): number => (log ? Math.log1p(count) : count);
  const most = size(Math.max(...counts)) || 1;
  const [low = 0] = edges;
  const high = edges.at(-1) ?? 1;
  const mean = typeof summary["mean"] === "number" ? formatValue(summary["mean"]) : null;
  return (
    <>
      <svg
        className={styles["histogram"]}
        viewBox={`0 0 ${counts.length * 10} 100`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${column}: from ${formatCell(summary["min"])} to ${formatCell(summary["max"])}${mean === null ? "" : `, mean ${mean}`}`}
      >
        {counts.map((count, at) => {
          const [from, to] = [edges[at] ?? low, edges[at + 1] ?? high];
          const height = count > 0 ? Math.max((size(count) / most) * 100, 3) : 0;
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: the filter form does the same by keyboard
            <g
              key={from}
              onClick={() =>
                onFilter({
                  column,
                  op: "between",
                  value: [from, to],
                })
              }
            >
              <title>
                {formatValue(from)} – {formatValue(to)}: {plural(count, "row")}
              </title>
              <rect className={styles["catch"]} x={at * 10} y={0} width={10} height={100} />
              <rect
                className={styles["bar"]}
                x={at * 10 + 0.5}
                y={100 - height}
                width={9}
                height={height}
              />
            </g>
          );
        })}
      </svg>
      <div className={styles["axis"]} aria-hidden="true">
        <span>{formatValue(low)}</span>
        <span>{mean === null ? "" : `x̄ ${mean}`}</span>
        <span>{formatValue(high)}</span>
      </div>
    </>
  );
}

interface Counted {
  value: unknown;
  count: number;
}

function countedOf(summary: Record<string, unknown>): Counted[] {
  const values = Array.isArray(summary["values"]) ? summary["values"] : [];
  return values
    .filter(isRecord)
    .map((one) => ({ value: one["value"], count: Number(one["count"] ?? 0) }));
}

function Tops({ summary, column, onFilter }: SummaryProps) {
  const values = countedOf(summary);
  const words = summary["kind"] === "words";
  const distinct = Number(summary["distinct"] ?? 0);
  const leftOut = Number(summary["left_out"] ?? 0);
  const most = Math.max(...values.map((one) => one.count), 1);
  if (values.length === 0) return <span className={styles["none"]}>nothing</span>;
  const shown = values.slice(0, words ? 8 : 4);
  return (
    <ul className={words ? styles["words"] : styles["tops"]}>
      {shown.map(({ value, count }) => {
        const text = value === null ? "(missing)" : formatCell(value);
        return (
          <li key={text}>
            <button
              type="button"
              title={`${text}: ${plural(count, "row")}`}
              onClick={() => onFilter({ column, op: words ? "contains" : "is", value })}
            >
              {!words && (
                <i style={{ width: `${(count / most) * 100}%` }} className={styles["share"]} />
              )}
              <span>{text}</span>
              <small>{formatCount(count)}</small>
            </button>
          </li>
        );
      })}
      {distinct > shown.length && (
        <li className={styles["none"]}>and {formatCount(distinct - shown.length)} others</li>
      )}
      {leftOut > 0 && <li className={styles["none"]}>without {plural(leftOut, "row")}</li>}
    </ul>
  );
}

function Gallery({ summary, column, context }: SummaryProps) {
  const values = Array.isArray(summary["values"]) ? summary["values"].filter(isRecord) : [];
  return (
    <div className={styles["gallery"]}>
      {values.slice(0, 4).map((one) => (
        <div key={String(one["row"])}>
          <TableCell value={one["value"]} kind="media" column={column} context={context} />
        </div>
      ))}
    </div>
  );
}

function Count({ summary }: SummaryProps) {
  return <span className={styles["none"]}>{plural(Number(summary["count"] ?? 0), "value")}</span>;
}
