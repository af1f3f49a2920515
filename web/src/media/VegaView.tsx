import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { useChartPreset, useMediaAt, useMediaSteps } from "../state/media";
import type { DrawnRun } from "../state/runSet";
import { useView } from "../state/useView";
import { ErrorNote } from "../ui";
import { plural } from "../ui/format";
import type { ProjectPath } from "../wire/api";
import { isRecord } from "../wire/check";
import { type MediaValue, readTable, type TablePage } from "../wire/media";
import { Broken } from "./Broken";
import { FrameView } from "./FrameView";
import styles from "./Media.module.css";
import type { WholeViewProps } from "./registry";
import { tableSourceOf } from "./tableState";
import { chartOf, type DataRow, sharesOf, tableKeyOf } from "./vegaSpec";

/** Rows of all runs that a chart is drawn from; more can't be told apart. It says if there are. */
const MOST_ROWS = 10_000;
const PAGE = 1000;

/** A chart with a specification of its own, over the tables of the runs. */
export default function VegaView({ path, title, drawn, lastStep, chart }: WholeViewProps) {
  const id = chart?.config["panelDefId"];
  const key = tableKeyOf(chart?.config["userQuery"]);
  if (chart === null || typeof id !== "string" || !id.includes("/")) {
    return <Broken>The chart doesn’t name how it is drawn.</Broken>;
  }
  if (key === null) return <Broken>The chart is not drawn from a table.</Broken>;
  return (
    <TableChart
      path={path}
      title={title}
      drawn={drawn}
      lastStep={lastStep}
      id={id}
      tableKey={key}
      config={chart.config}
    />
  );
}

interface TableChartProps extends Pick<WholeViewProps, "path" | "title" | "drawn" | "lastStep"> {
  id: string;
  tableKey: string;
  config: Readonly<Record<string, unknown>>;
}

function TableChart({ path, title, drawn, lastStep, id, tableKey, config }: TableChartProps) {
  const [view] = useView();
  const preset = useChartPreset(id);
  const ids = useMemo(() => drawn.map((run) => run.id), [drawn]);
  const { query: stepsQuery, steps } = useMediaSteps(path, ids, tableKey, lastStep);
  const wanted = view.mediaStep ?? steps.all.at(-1) ?? 0;
  const { query, values } = useMediaAt(path, ids, tableKey, steps, wanted);
  const tables = useTables(path, drawn, values);
  const spec = useMemo(
    () => (preset.data && tables.rows ? chartOf(preset.data.spec, config, tables.rows) : null),
    [preset.data, tables.rows, config],
  );
  const failed = [preset, stepsQuery, query].find((one) => one.error && !one.data);
  if (failed?.error) {
    return (
      <ErrorNote small error={failed.error} what={title} onRetry={() => void failed.refetch()} />
    );
  }
  if (tables.error)
    return <ErrorNote small error={tables.error} what={title} onRetry={tables.retry} />;
  const settled = !stepsQuery.isLoading && !query.isLoading;
  if (settled && values.size === 0) {
    return <Broken>{`No table “${tableKey}” was logged up to step ${wanted}.`}</Broken>;
  }
  if (!spec)
    return <div className={styles["wait"]} role="status" aria-label={`Loading ${title}`} />;
  const count = tables.rows?.length ?? 0;
  return (
    <div className={styles["counted"]}>
      <FrameView name="vega" content={spec} label={title} />
      {count < tables.total && (
        <p>{`Drawn from the first ${count.toLocaleString("en-US")} of ${plural(tables.total, "row")}${among(tables.tables)}.`}</p>
      )}
    </div>
  );
}

const among = (tables: number): string => (tables > 1 ? ` in ${plural(tables, "table")}` : "");

async function readRows(path: ProjectPath, source: Record<string, unknown>, signal: AbortSignal) {
  const pages: TablePage[] = [];
  for (let offset = 0; offset < MOST_ROWS; offset += PAGE) {
    const page = await readTable(
      path,
      { source, filter: null, sort: [], group: [], offset, limit: PAGE },
      signal,
    );
    pages.push(page);
    if (offset + PAGE >= page.matching) break;
  }
  return pages;
}

function tableOf(value: MediaValue | undefined): Record<string, unknown> | null {
  return isRecord(value?.value) && typeof value.value["path"] === "string" ? value.value : null;
}

/** The rows of all runs' tables, each with the name of its run. */
function useTables(
  path: ProjectPath,
  drawn: readonly DrawnRun[],
  values: ReadonlyMap<string, MediaValue>,
) {
  const asked = drawn.flatMap((run) => {
    const table = tableOf(values.get(run.id));
    return table === null ? [] : [{ run, source: tableSourceOf(run.id, table) }];
  });
  const queries = useQueries({
    queries: asked.map(({ source }) => ({
      queryKey: ["table-rows", path.entity, path.project, source],
      queryFn: ({ signal }: { signal: AbortSignal }) => readRows(path, source, signal),
      staleTime: 1_800_000,
    })),
  });
  const failed = queries.find((query) => query.error);
  const ready = asked.length > 0 && queries.every((query) => query.data);
  const counts = queries.map((query) => query.data?.[0]?.matching ?? 0);
  const shares = sharesOf(counts, MOST_ROWS);
  const spelled = asked.map(({ run, source }) => `${run.id} ${run.name} ${source.path}`).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the string spells runs and files out
  const rows = useMemo(
    () =>
      ready
        ? asked.flatMap(({ run }, at) =>
            (queries[at]?.data ?? []).flatMap((page) => rowsOf(page, run)).slice(0, shares[at]),
          )
        : null,
    [ready, spelled],
  );
  return {
    rows,
    total: counts.reduce((sum, count) => sum + count, 0),
    tables: asked.length,
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
  };
}

function rowsOf(page: TablePage, run: DrawnRun): DataRow[] {
  const names = page.columns.map((column) => column.name);
  return page.rows.map(({ cells }) => ({
    name: run.name,
    id: run.id,
    ...Object.fromEntries(names.map((name, at) => [name, cells[at]])),
  }));
}
