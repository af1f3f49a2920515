import { Suspense, useMemo, useState } from "react";
import { ALL_LAYERS, type LayerChoice } from "../media/layers";
import { type ItemViewProps, MEDIA, type MediaKind } from "../media/registry";
import { useMediaAt, useMediaSteps } from "../state/media";
import { itemsOf } from "../state/mediaTypes";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import { useView } from "../state/useView";
import { Button, ErrorNote } from "../ui";
import { plural } from "../ui/format";
import { useDelayed } from "../ui/time";
import type { ProjectPath } from "../wire/api";
import { CompareBar } from "./CompareBar";
import styles from "./MediaBody.module.css";
import { MediaRun } from "./MediaRun";
import { OneMedia } from "./OneMedia";
import { type Pick, pickId, repicked } from "./picks";
import { StepSlider } from "./StepSlider";

export interface MediaBodyProps {
  panel: Panel;
  path: ProjectPath;
  drawn: DrawnRun[];
  large: boolean;
}

const RUNS_AT_ONCE = 12;

/** The values of a panel's key at one step, run by run, or all steps at once. */
export function MediaBody({ panel, path, drawn, large }: MediaBodyProps) {
  const logged = useMemo(() => {
    const those = new Set(panel.runs);
    return drawn.filter((run) => those.has(run.id));
  }, [drawn, panel.runs]);
  if (!panel.media) return null;
  const kind = MEDIA[panel.media];
  const { Whole } = kind;
  if (Whole) {
    return (
      <div className={styles["whole"]}>
        <Suspense fallback={null}>
          <Whole
            path={path}
            keyName={panel.key}
            title={panel.title}
            drawn={logged}
            lastStep={panel.lastStep}
            chart={panel.chart}
            large={large}
          />
        </Suspense>
      </div>
    );
  }
  return <MediaGrid kind={kind} panel={panel} path={path} drawn={logged} large={large} />;
}

function MediaGrid({ kind, panel, path, drawn, large }: MediaBodyProps & { kind: MediaKind }) {
  const [view, change] = useView();
  const [most, setMost] = useState(RUNS_AT_ONCE);
  const [choice, setChoice] = useState<LayerChoice>(ALL_LAYERS);
  const [picks, setPicks] = useState<readonly Pick[]>([]);
  const [open, setOpen] = useState<{ run: string; index: number } | null>(null);
  const shown = useMemo(() => drawn.slice(0, most), [drawn, most]);
  const ids = useMemo(() => shown.map((run) => run.id), [shown]);
  const { query: stepsQuery, steps } = useMediaSteps(path, ids, panel.key, panel.lastStep);
  const last = steps.all.at(-1) ?? 0;
  const wanted = view.mediaStep ?? last;
  const { query, values, fetchAhead } = useMediaAt(path, ids, panel.key, steps, wanted);
  const rows = useMemo(
    () =>
      shown.map((run) => {
        const value = values.get(run.id);
        const items = itemsOf(value?.value).map(
          (item): ItemViewProps => ({
            item,
            urlOf: (wantedPath) => {
              const url = typeof wantedPath === "string" ? value?.files[wantedPath] : null;
              return typeof url === "string" ? url : null;
            },
            label: item.caption ?? `${panel.title}, ${run.name}, step ${value?.step}`,
            large: false,
            choice,
            onChoose: setChoice,
            path,
            run: run.id,
            keyName: panel.key,
          }),
        );
        return { run, step: value?.step ?? null, items };
      }),
    [shown, values, panel.title, panel.key, choice, path],
  );
  const waiting = useDelayed(stepsQuery.isLoading || query.isLoading);
  const error = stepsQuery.error ?? query.error;
  if (error && values.size === 0) {
    const retry = () => void (stepsQuery.error ? stepsQuery : query).refetch();
    return <ErrorNote small error={error} what={panel.title} onRetry={retry} />;
  }
  const items = rows.flatMap((row) => row.items);
  const opened = open && {
    at: items.findIndex((one) => one.run === open.run && one.item.index === open.index),
  };
  const settled = !stepsQuery.isLoading && !query.isLoading;
  const slider = (
    <StepSlider
      label={`Step of ${panel.title}`}
      steps={steps.all}
      at={wanted}
      onMove={(step) => change({ mediaStep: step === last ? null : step })}
      onAhead={(step) => void fetchAhead(step).then(kind.preload, () => undefined)}
      busy={stepsQuery.isFetching || query.isFetching}
      large={large || opened !== null}
    />
  );
  return (
    <div className={styles["body"]}>
      <div
        className={styles["scroll"]}
        data-layout={layoutOf(rows, kind.width)}
        aria-busy={!settled}
      >
        {waiting && items.length === 0 && (
          <div className={styles["wait"]} role="status" aria-label={`Loading ${panel.title}`} />
        )}
        {settled && items.length === 0 && (
          <p className={styles["empty"]}>
            {values.size > 0
              ? `What was logged at step ${wanted} is no ${kind.word} that can be shown.`
              : `No ${kind.word} was logged up to step ${wanted}.`}
          </p>
        )}
        {items.length > 0 &&
          rows.map((row) => (
            <MediaRun
              key={row.run.id}
              run={row.run}
              step={row.step === wanted ? null : row.step}
              items={row.items}
              kind={kind}
              named={drawn.length > 1}
              large={large}
              onOpen={(index) => setOpen({ run: row.run.id, index })}
              isPicked={(index) => {
                const id = pickId(row.run.id, row.step, index);
                return picks.some((pick) => pick.id === id);
              }}
              onPick={(one) => {
                const id = pickId(row.run.id, row.step, one.item.index);
                const title = [
                  drawn.length > 1 && row.run.name,
                  `step ${row.step}`,
                  one.item.caption,
                ];
                const pick = { id, one, title: title.filter(Boolean).join(" · ") };
                setPicks(repicked(picks, pick));
              }}
            />
          ))}
        {drawn.length > most && (
          <Button className={styles["more"]} onClick={() => setMost(most + RUNS_AT_ONCE)}>
            Show {plural(Math.min(drawn.length - most, RUNS_AT_ONCE), "more run")}
          </Button>
        )}
      </div>
      {kind.Controls && items.length > 0 && (
        <Suspense fallback={null}>
          <kind.Controls items={items} choice={choice} onChoose={setChoice} />
        </Suspense>
      )}
      <CompareBar
        picks={picks}
        kind={kind}
        choice={choice}
        onChoose={setChoice}
        onClear={() => setPicks([])}
      />
      {slider}
      {opened && opened.at >= 0 && (
        <OneMedia
          items={items}
          at={opened.at}
          kind={kind}
          choice={choice}
          onChoose={setChoice}
          onGo={({ run, item }) => setOpen({ run, index: item.index })}
          onClose={() => setOpen(null)}
        >
          {slider}
        </OneMedia>
      )}
    </div>
  );
}

/** One item fills the panel; single items of several runs lie side by side. */
function layoutOf(rows: readonly { items: readonly unknown[] }[], width: "panel" | "full"): string {
  const shown = rows.filter((row) => row.items.length > 0);
  if (!shown.every((row) => row.items.length === 1)) return "list";
  if (shown.length === 1) return "single";
  return width === "full" ? "list" : "each";
}
