import { useEffect, useRef, useState } from "react";
import { useShortcuts } from "../app/shortcuts";
import { Icon } from "./Icon";
import styles from "./SearchBox.module.css";

interface SearchBoxProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** `/` goes here. */
  shortcut?: boolean;
}

const PAUSE_MS = 120;

/** Says what was typed after a short pause. Escape empties it, then leaves. */
export function SearchBox({ label, value, onChange, shortcut = false }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(value);
  const said = useRef(value);
  const change = useRef(onChange);
  useEffect(() => {
    change.current = onChange;
  });
  useEffect(() => {
    if (value === said.current) return;
    said.current = value;
    setDraft(value);
  }, [value]);
  useEffect(() => {
    if (draft === said.current) return;
    const timeout = setTimeout(() => {
      said.current = draft;
      change.current(draft);
    }, PAUSE_MS);
    return () => clearTimeout(timeout);
  }, [draft]);
  useShortcuts(
    shortcut
      ? {
          "/": (event) => {
            event.preventDefault();
            input.current?.focus();
          },
        }
      : {},
  );
  return (
    <label className={styles["box"]}>
      <Icon name="search" size={14} />
      <span className="visually-hidden">{label}</span>
      <input
        ref={input}
        type="search"
        placeholder={label}
        spellCheck={false}
        autoComplete="off"
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          if (draft === "") input.current?.blur();
          setDraft("");
        }}
      />
      {shortcut && draft === "" && <kbd aria-hidden="true">/</kbd>}
    </label>
  );
}
