import styles from "./ImageControls.module.css";
import type { SpaceChoice } from "./layers";
import type { ControlsProps } from "./registry";

const SWITCHES: readonly (readonly [keyof SpaceChoice, string, string])[] = [
  ["leftHanded", "Left-handed", "The third axis points away from you, not towards you"],
  ["thirdUp", "Third axis up", "Of x, y and z it is z that points up"],
  ["linked", "Turn together", "All of this panel are looked at from one side"],
];

/** How all objects of a panel lie in space. */
export default function SpaceControls({ items, choice, onChoose }: ControlsProps) {
  const { space } = choice;
  const clouds = items.some(({ item }) => /\.(pts\.json|ply)$/i.test(item.path ?? ""));
  const shown = SWITCHES.filter(([name]) => name !== "linked" || items.length > 1);
  return (
    <div className={styles["controls"]}>
      <div className={styles["layer"]}>
        {shown.map(([name, word, more]) => (
          <button
            key={name}
            type="button"
            title={more}
            aria-pressed={space[name] === true}
            onClick={() => onChoose({ ...choice, space: { ...space, [name]: !space[name] } })}
          >
            {word}
          </button>
        ))}
        {clouds && (
          <label className={styles["range"]}>
            Points coloured
            <select
              value={space.ink}
              onChange={({ target }) => {
                const ink = target.value === "height" ? "height" : "logged";
                onChoose({ ...choice, space: { ...space, ink } });
              }}
            >
              <option value="logged">as logged</option>
              <option value="height">by height</option>
            </select>
          </label>
        )}
      </div>
    </div>
  );
}
