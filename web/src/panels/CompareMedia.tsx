import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary";
import type { LayerChoice } from "../media/layers";
import type { ItemViewProps, MediaKind } from "../media/registry";
import { FITTED } from "../media/zoom";
import { Dialog, IconButton } from "../ui";
import styles from "./CompareMedia.module.css";
import { FullScreenButton } from "./FullScreenButton";
import type { Pick } from "./picks";

const ImageDifference = lazy(() => import("../media/ImageDifference"));

interface CompareMediaProps {
  picks: readonly Pick[];
  kind: MediaKind;
  choice: LayerChoice;
  onChoose: (choice: LayerChoice) => void;
  onClose: () => void;
}

interface ModeProps {
  kind: MediaKind;
  /** All that are compared; of two modes only the first pair is. */
  picks: readonly Pick[];
}

const MODES = {
  beside: { word: "Side by side", View: Beside, pair: false },
  swipe: { word: "Swipe", View: Swipe, pair: true },
  flicker: { word: "Flicker", View: Flicker, pair: false },
  difference: { word: "Difference", View: Apart, pair: true },
} as const;
type Mode = keyof typeof MODES;

const modesOf = (kind: MediaKind): Mode[] =>
  kind.stacks ? (Object.keys(MODES) as Mode[]) : ["beside"];

/** Two to four items beside each other or, if they are images, one over the other. */
export default function CompareMedia(props: CompareMediaProps) {
  const { kind, onClose } = props;
  const stage = useRef<HTMLDivElement>(null);
  const [mode, setMode] = useState<Mode>("beside");
  const [zoom, setZoom] = useState(FITTED);
  const [pair, setPair] = useState<readonly [number, number]>([0, 1]);
  const choice = { ...props.choice, zoom };
  const onChoose = (next: LayerChoice): void => {
    setZoom(next.zoom);
    props.onChoose({ ...next, zoom: props.choice.zoom });
  };
  const picks = props.picks.map((pick) => ({
    ...pick,
    one: { ...pick.one, large: true, choice, onChoose },
  }));
  const { View, pair: two } = MODES[mode];
  const shown = two ? pair.flatMap((at) => picks[at] ?? []) : picks;
  const modes = modesOf(kind);
  return (
    <Dialog title={`Compare ${picks.length} ${kind.word}s`} wide onClose={onClose}>
      <div className={styles["stage"]} ref={stage}>
        <div className={styles["tools"]}>
          {modes.length > 1 && (
            <fieldset className={styles["modes"]}>
              <legend className="visually-hidden">How to compare</legend>
              {modes.map((name) => (
                <label key={name}>
                  <input
                    type="radio"
                    name="compare-mode"
                    checked={mode === name}
                    onChange={() => setMode(name)}
                  />
                  {MODES[name].word}
                </label>
              ))}
            </fieldset>
          )}
          {two && picks.length > 2 && <Pair picks={picks} pair={pair} onPair={setPair} />}
          <span className={styles["gap"]} />
          <FullScreenButton of={stage} />
        </div>
        <ErrorBoundary what="The comparison" resetOn={mode}>
          <View kind={kind} picks={shown} />
        </ErrorBoundary>
        {kind.Controls && (
          <Suspense fallback={null}>
            <kind.Controls
              items={picks.map(({ one }) => one)}
              choice={choice}
              onChoose={onChoose}
            />
          </Suspense>
        )}
      </div>
    </Dialog>
  );
}

interface PairProps {
  picks: readonly Pick[];
  pair: readonly [number, number];
  onPair: (pair: readonly [number, number]) => void;
}

function Pair({ picks, pair, onPair }: PairProps) {
  const choose = (place: 0 | 1) => (
    <select
      aria-label={place === 0 ? "The first" : "The second"}
      value={pair[place]}
      onChange={({ target }) => {
        const at = Number(target.value);
        onPair(place === 0 ? [at, pair[1]] : [pair[0], at]);
      }}
    >
      {picks.map((pick, at) => (
        <option key={pick.id} value={at}>
          {pick.title}
        </option>
      ))}
    </select>
  );
  return (
    <>
      {choose(0)} {choose(1)}
    </>
  );
}

function One({ kind, one }: { kind: MediaKind; one: ItemViewProps }) {
  return <Suspense fallback={null}>{kind.Item && <kind.Item key={one.label} {...one} />}</Suspense>;
}

function Beside({ kind, picks }: ModeProps) {
  return (
    <ul className={styles["beside"]} data-count={picks.length}>
      {picks.map((pick) => (
        <li key={pick.id}>
          <h3 title={pick.title}>{pick.title}</h3>
          <div className={styles["item"]}>
            <One kind={kind} one={pick.one} />
          </div>
        </li>
      ))}
    </ul>
  );
}

/** The first to the left of a line, the second to its right. */
function Swipe({ kind, picks }: ModeProps) {
  const [part, setPart] = useState(50);
  const [first, second] = picks;
  if (!first || !second) return null;
  return (
    <div className={styles["over"]}>
      <div className={styles["names"]}>
        <span>{first.title}</span>
        <span>{second.title}</span>
      </div>
      <div className={styles["pile"]}>
        <One kind={kind} one={first.one} />
        <div className={styles["top"]} style={{ clipPath: `inset(0 0 0 ${part}%)` }}>
          <One kind={kind} one={second.one} />
        </div>
        <i className={styles["line"]} style={{ left: `${part}%` }} />
      </div>
      <input
        type="range"
        min={0}
        max={100}
        step={0.5}
        value={part}
        aria-label="Where the second begins"
        aria-valuetext={`${part} %`}
        onChange={({ target }) => setPart(Number(target.value))}
      />
    </div>
  );
}

const PACES = [250, 500, 1000, 2000] as const;

/** One after the other in the same place. */
function Flicker({ kind, picks }: ModeProps) {
  const [at, setAt] = useState(0);
  const [pace, setPace] = useState<number>(500);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const [running, setRunning] = useState(!calm);
  const { length } = picks;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setAt((now) => now + 1), pace);
    return () => clearInterval(timer);
  }, [running, pace]);
  const shown = picks[at % length];
  return (
    <div className={styles["over"]}>
      <div className={styles["names"]}>
        <span>{shown?.title}</span>
      </div>
      <div className={styles["pile"]}>
        {picks.map((pick) => (
          <div key={pick.id} className={styles["top"]} hidden={pick.id !== shown?.id}>
            <One kind={kind} one={pick.one} />
          </div>
        ))}
      </div>
      <div className={styles["tools"]}>
        <IconButton
          icon={running ? "pause" : "play"}
          label={running ? "Stop" : "Play"}
          onClick={() => setRunning(!running)}
        />
        <IconButton
          icon="arrowLeft"
          label="The next one"
          className={styles["next"]}
          onClick={() => {
            setRunning(false);
            setAt(at + 1);
          }}
        />
        <select
          aria-label="How long each stays"
          value={pace}
          onChange={({ target }) => setPace(Number(target.value))}
        >
          {PACES.map((one) => (
            <option key={one} value={one}>
              {one / 1000} s each
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

const GAINS = [1, 2, 4, 8, 16, 32] as const;

function Apart({ picks }: ModeProps) {
  const [gain, setGain] = useState<number>(1);
  const [first, second] = picks;
  if (!first || !second) return null;
  return (
    <div className={styles["over"]}>
      <div className={styles["names"]}>
        <span>
          {first.title} − {second.title}
        </span>
      </div>
      <div className={styles["pile"]}>
        <Suspense fallback={null}>
          <ImageDifference first={first.one} second={second.one} gain={gain} />
        </Suspense>
      </div>
      <div className={styles["tools"]}>
        <label className={styles["modes"]}>
          Drawn
          <select value={gain} onChange={({ target }) => setGain(Number(target.value))}>
            {GAINS.map((one) => (
              <option key={one} value={one}>
                {one === 1 ? "as it is" : `${one} times as large`}
              </option>
            ))}
          </select>
        </label>
      </div>
    </div>
  );
}
