import { useMemo } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary";
import { useShortcuts } from "../app/shortcuts";
import { extent } from "../charts/scale";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import { useView } from "../state/useView";
import { toggled } from "../state/view";
import { Button, Dialog, Icon, IconButton } from "../ui";
import { downloadText } from "../ui/download";
import { formatValue } from "../ui/format";
import { Swatch } from "../ui/Swatch";
import type { ProjectPath, StreamName } from "../wire/api";
import type { SeriesBlock } from "../wire/series";
import { xName } from "./axisText";
import { csvOf } from "./csv";
import styles from "./FullPanel.module.css";
import { LinePlot } from "./LinePlot";
import { usePlotLines } from "./usePlotLines";

interface FullPanelProps {
  path: ProjectPath;
  panels: readonly Panel[];
  at: number;
  drawn: DrawnRun[];
  stream: StreamName;
}

/** One chart in the whole window, with its values as a table. */
export default function FullPanel({ path, panels, at, drawn, stream }: FullPanelProps) {
  const [view, change] = useView();
  const panel = panels[at];
  const go = (to: number): void => {
    const next = panels[to];
    if (next) change({ full: next.key });
  };
  const close = () => change({ full: null });
  const toggleLog = () => panel && change({ logY: toggled(view.logY, panel.key) });
  useShortcuts({
    ArrowLeft: () => go(at - 1),
    ArrowRight: () => go(at + 1),
    y: toggleLog,
    f: close,
  });
  if (!panel) return null;
  return (
    <Dialog title={panel.title} wide onClose={close}>
      <div className={styles["tools"]}>
        <IconButton
          icon="arrowLeft"
          label="Previous chart"
          disabled={at === 0}
          onClick={() => go(at - 1)}
        />
        <IconButton
          icon="arrowLeft"
          label="Next chart"
          className={styles["next"]}
          disabled={at === panels.length - 1}
          onClick={() => go(at + 1)}
        />
        <span className={styles["place"]}>
          {at + 1} of {panels.length}
        </span>
        <Button aria-pressed={view.logY.has(panel.key)} onClick={toggleLog}>
          {view.logY.has(panel.key) ? "Linear y" : "Logarithmic y"}
        </Button>
      </div>
      <div className={styles["plot"]} key={panel.key}>
        <ErrorBoundary what="This chart">
          <LinePlot panel={panel} path={path} drawn={drawn} stream={stream} />
        </ErrorBoundary>
      </div>
      <ErrorBoundary what="The table" resetOn={panel.key}>
        <PanelTable panel={panel} path={path} drawn={drawn} stream={stream} />
      </ErrorBoundary>
    </Dialog>
  );
}

type PanelTableProps = Omit<FullPanelProps, "panels" | "at"> & { panel: Panel };

const TABLE_WIDTH = 1000;

function PanelTable({ panel, path, drawn, stream }: PanelTableProps) {
  const [view] = useView();
  const plot = usePlotLines({ panel, path, drawn, stream, view, width: TABLE_WIDTH });
  const blocks = useMemo(
    () => new Map(plot.lines.map((block) => [block.run, block])),
    [plot.lines],
  );
  const save = (): void => {
    const names = new Map(drawn.map((run) => [run.id, run.name]));
    downloadText(`${panel.title.replaceAll("/", "_")}.csv`, csvOf(plot.lines, names, plot.xKey));
  };
  return (
    <div className={styles["scroll"]}>
      <Button className={styles["save"]} onClick={save}>
        <Icon name="download" size={14} />
        Download these points as CSV
      </Button>
      <table className={styles["table"]}>
        <caption className="visually-hidden">Values of {panel.title}</caption>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Last</th>
            <th scope="col">Lowest</th>
            <th scope="col">Highest</th>
            <th scope="col">Last {xName(plot.xKey).toLowerCase()}</th>
            <th scope="col">Points</th>
          </tr>
        </thead>
        <tbody>
          {drawn.map((run) => (
            <tr key={run.id}>
              <th scope="row">
                <Swatch ink={run.ink} /> {run.name}
              </th>
              {cellsOf(blocks.get(run.id)).map(([name, text]) => (
                <td key={name}>{text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellsOf(block: SeriesBlock | undefined): [string, string][] {
  const range = block && extent([block.y, block.min ?? block.y, block.max ?? block.y], false);
  const end = block ? block.y.length - 1 : -1;
  const write = (value: number | undefined): string =>
    value === undefined ? "–" : formatValue(value);
  return [
    ["last", write(block?.y[end])],
    ["lowest", write(range?.min)],
    ["highest", write(range?.max)],
    ["x", write(block?.x[end])],
    ["points", block ? formatValue(block.points) : "–"],
  ];
}
