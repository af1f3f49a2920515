import { Snippet } from "../ui";
import styles from "./FirstRun.module.css";

interface FirstRunProps {
  project: string;
  entity?: string;
}

/** How a first run comes here, with this server's own address. */
export function FirstRun({ project, entity }: FirstRunProps) {
  const owner = entity === undefined ? "" : `entity=${JSON.stringify(entity)}, `;
  const script = [
    "import wandb",
    "",
    `with wandb.init(${owner}project=${JSON.stringify(project)}) as run:`,
    "    for step in range(100):",
    '        run.log({"loss": 1 / (step + 1)})',
  ].join("\n");
  const settings = [
    `export WANDB_BASE_URL=${window.location.origin}`,
    "export WANDB_API_KEY=<your key>",
  ].join("\n");
  return (
    <div className={styles["steps"]}>
      <Snippet label="Terminal" text={settings} />
      <Snippet label="Python" text={script} />
    </div>
  );
}
