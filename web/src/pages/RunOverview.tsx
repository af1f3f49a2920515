import type { ReactNode } from "react";
import { useState } from "react";
import { Ago, IconButton, SearchBox, Skeleton, StateGlyph } from "../ui";
import { formatDate, formatDuration, formatValue } from "../ui/format";
import { copyText } from "../ui/Notes";
import { useNow } from "../ui/time";
import type { RunPath } from "../wire/api";
import { isRecord } from "../wire/check";
import type { RunDetail } from "../wire/shapes";
import styles from "./RunOverview.module.css";
import { ValueTable } from "./ValueTable";

interface RunOverviewProps {
  path: RunPath;
  run: RunDetail | null;
}

export function RunOverview({ path, run }: RunOverviewProps) {
  const [search, setSearch] = useState("");
  if (!run) {
    return (
      <div className={styles["page"]}>
        <Skeleton rows={14} rowHeight={30} label="Loading the run" />
      </div>
    );
  }
  return (
    <div className={styles["page"]}>
      {run.warnings.map((warning) => (
        <p key={warning} className={styles["warning"]} role="note">
          {warning}
        </p>
      ))}
      {run.notes && <p className={styles["notes"]}>{run.notes}</p>}
      <div className={styles["columns"]}>
        <RunFacts path={path} run={run} />
        <div className={styles["values"]}>
          <SearchBox
            label="Search config and summary"
            value={search}
            onChange={setSearch}
            shortcut
          />
          <div className={styles["pair"]}>
            <ValueTable
              title="Summary"
              values={run.summary}
              search={search}
              none="Nothing has been logged yet."
            />
            <div className={styles["stack"]}>
              <ValueTable
                title="Config"
                values={run.config}
                search={search}
                none="This run has no config."
              />
              <ValueTable
                title="Metadata"
                values={run.metadata ?? {}}
                search={search}
                none="This run has told nothing about its machine."
              />
            </div>
          </div>
        </div>
      </div>
    </div>
  );
}

const text = (value: unknown): string | null =>
  typeof value === "string" || typeof value === "number" ? String(value) : null;

function commandOf(run: RunDetail): string | null {
  const metadata = run.metadata ?? {};
  const program = text(metadata["codePath"]) ?? text(metadata["program"]) ?? run.program;
  const args = Array.isArray(metadata["args"]) ? metadata["args"].map(String) : [];
  return program ? ["python", program, ...args].join(" ") : null;
}

function acceleratorOf(metadata: Record<string, unknown>): string | null {
  const gpu = text(metadata["gpu"]);
  const count = text(metadata["gpu_count"]);
  return gpu && count ? `${count} × ${gpu}` : gpu;
}

function RunFacts({ path, run }: { path: RunPath; run: RunDetail }) {
  const now = useNow();
  const metadata = run.metadata ?? {};
  const git = isRecord(metadata["git"]) ? metadata["git"] : {};
  const started = run.created_at === null ? null : Date.parse(run.created_at);
  const running = run.state === "running";
  // The server's duration stands still between two heartbeats.
  const secs = running && started !== null ? (now - started) / 1000 : run.duration;
  const command = commandOf(run);
  return (
    <dl className={styles["facts"]}>
      <Fact name="State">
        <StateGlyph state={run.state} withWord />
        {run.exit_code !== null && <span> with exit code {run.exit_code}</span>}
      </Fact>
      <Fact name="Started">
        {started !== null && formatDate(started)}{" "}
        <Quiet>
          (<Ago at={run.created_at} />)
        </Quiet>
      </Fact>
      <Fact name={running ? "Running for" : "Duration"}>
        {secs === null ? "–" : formatDuration(secs)}
      </Fact>
      <Fact name="Last heartbeat">
        <Ago at={run.heartbeat_at} />
      </Fact>
      <Fact name="Steps">
        {run.last_step < 0 ? "none yet" : formatValue(run.last_step + 1)}{" "}
        <Quiet>in {formatValue(run.rows)} rows</Quiet>
      </Fact>
      <Fact name="User">{run.user}</Fact>
      <Fact name="Path">
        <Copied value={`${path.entity}/${path.project}/${run.id}`} />
      </Fact>
      <Fact name="Tags">
        {run.tags.length > 0 &&
          run.tags.map((tag) => (
            <span key={tag} className={styles["tag"]}>
              {tag}
            </span>
          ))}
      </Fact>
      <Fact name="Group">{run.group}</Fact>
      <Fact name="Job type">{run.job_type}</Fact>
      <Fact name="Host">{run.host ?? text(metadata["host"])}</Fact>
      <Fact name="Command">{command && <Copied value={command} />}</Fact>
      <Fact name="Python">{text(metadata["python"])}</Fact>
      <Fact name="System">{text(metadata["os"])}</Fact>
      <Fact name="Accelerators">{acceleratorOf(metadata)}</Fact>
      <Fact name="Git remote">{text(git["remote"])}</Fact>
      <Fact name="Git commit">
        {(run.commit ?? text(git["commit"])) && (
          <Copied value={run.commit ?? text(git["commit"]) ?? ""} />
        )}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === false || children === "") {
    return null;
  }
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Quiet({ children }: { children: ReactNode }) {
  return <span className={styles["quiet"]}>{children}</span>;
}

function Copied({ value }: { value: string }) {
  const [done, setDone] = useState(false);
  return (
    <span className={styles["copied"]}>
      <code>{value}</code>
      <IconButton
        icon={done ? "check" : "copy"}
        label={done ? "Copied" : "Copy"}
        size={13}
        onClick={() => {
          void copyText(value).then(() => setDone(true));
          setTimeout(() => setDone(false), 1_500);
        }}
      />
    </span>
  );
}
