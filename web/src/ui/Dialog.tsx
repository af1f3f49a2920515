import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "./Button";
import styles from "./Dialog.module.css";

interface DialogProps {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}

/** The browser's own dialog: it keeps the focus inside, and Escape closes it. */
export function Dialog({ title, onClose, wide = false, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the dialog's own
    <dialog
      ref={ref}
      className={`${styles["dialog"]} ${wide ? styles["wide"] : ""}`}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === ref.current && ref.current.close()}
    >
      <header className={styles["head"]}>
        <h2>{title}</h2>
        <IconButton icon="close" label="Close" onClick={() => ref.current?.close()} />
      </header>
      <div className={styles["body"]}>{children}</div>
    </dialog>
  );
}
