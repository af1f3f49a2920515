import { useState } from "react";
import { Dialog } from "../ui";
import styles from "./ShortcutHelp.module.css";
import { shortcutsOn, switchShortcuts } from "./shortcuts";

const GROUPS: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: "Everywhere",
    keys: [
      ["/", "Search here"],
      ["?", "This list"],
      ["g h", "Go to all projects"],
      ["g w", "Go to the workspace"],
      ["g r", "Go to the runs table"],
      ["Esc", "Close, or empty a search"],
    ],
  },
  {
    title: "Runs",
    keys: [
      ["j / k", "Next, previous run"],
      ["Space", "Show or hide it in charts"],
      ["Enter", "Open it"],
    ],
  },
  {
    title: "Charts",
    keys: [
      ["← →", "Move the crosshair"],
      ["y", "Logarithmic y axis"],
      ["f", "Fill the window; ← → go to neighbours"],
      ["Drag", "Zoom into a range, or into a box"],
      ["Double-click", "Zoom out"],
    ],
  },
  {
    title: "Media",
    keys: [
      ["Ctrl ← →", "Step before, step after, in all panels (Cmd on a Mac)"],
      ["f", "Fill the window; ← → go to neighbours"],
      ["Ctrl wheel", "Zoom into images, all of a panel at once"],
    ],
  },
];

interface ShortcutHelpProps {
  onClose: () => void;
}

export function ShortcutHelp({ onClose }: ShortcutHelpProps) {
  const [on, setOn] = useState(shortcutsOn);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      {GROUPS.map((group) => (
        <section key={group.title} className={styles["group"]}>
          <h3>{group.title}</h3>
          <dl>
            {group.keys.map(([key, meaning]) => (
              <div key={key} className={styles["row"]}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label className={styles["switch"]}>
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            setOn(event.target.checked);
            switchShortcuts(event.target.checked);
          }}
        />
        Single keys act
      </label>
    </Dialog>
  );
}
