import { useMemo, useState } from "react";
import { useFileText } from "../state/queries";
import { ErrorNote } from "../ui";
import { Broken } from "./Broken";
import { FrameView } from "./FrameView";
import styles from "./Media.module.css";
import type { ItemViewProps } from "./registry";

/** How the library calls the formats, by the ends of names. */
const FORMATS: Readonly<Record<string, string>> = {
  pdb: "pdb",
  pqr: "pqr",
  mmcif: "mmcif",
  mcif: "mmcif",
  cif: "cif",
  sdf: "sdf",
  sd: "sdf",
  gro: "gro",
  mol2: "mol2",
  xyz: "xyz",
};

const MUCH = 40_000;

const STYLES = [
  ["cartoon", "Cartoon"],
  ["stick", "Sticks"],
  ["ball", "Balls and sticks"],
  ["sphere", "Spheres"],
  ["surface", "Surface"],
] as const;

export default function MoleculeView({ item, urlOf, label, large }: ItemViewProps) {
  const url = urlOf(item.path);
  const format = FORMATS[item.path?.split(".").pop()?.toLowerCase() ?? ""];
  const text = useFileText(url ?? "", url !== null && format !== undefined);
  const [style, setStyle] = useState<string | null>(null);
  // Ribbons are for chains; what is smaller is told by its atoms.
  const usual = (text.data?.length ?? 0) > MUCH ? "cartoon" : "ball";
  const options = useMemo(() => ({ format, style: style ?? usual }), [format, style, usual]);
  if (url === null) return <Broken>The molecule’s file is not known.</Broken>;
  if (!format) return <Broken url={url}>This page doesn’t read the file’s format.</Broken>;
  if (text.error) {
    return (
      <ErrorNote small error={text.error} what="The molecule" onRetry={() => void text.refetch()} />
    );
  }
  if (text.data === undefined) {
    return <div className={styles["wait"]} role="status" aria-label={`Loading ${label}`} />;
  }
  return (
    <div className={styles["switched"]}>
      {large && (
        <label className={styles["switch"]}>
          Shown as
          <select value={style ?? usual} onChange={({ target }) => setStyle(target.value)}>
            {STYLES.map(([name, word]) => (
              <option key={name} value={name}>
                {word}
              </option>
            ))}
          </select>
        </label>
      )}
      <FrameView name="molecule" content={text.data} options={options} label={label} url={url} />
    </div>
  );
}
