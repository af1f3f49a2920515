/** Light, dark, or as the system has it; kept in this browser. */

import { useSyncExternalStore } from "react";
import { DARK, type Ink, LIGHT } from "../charts/theme";

export type ThemeChoice = "system" | "light" | "dark";

const STORED = "ferrule.theme";
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function stored(): ThemeChoice {
  const found = localStorage.getItem(STORED);
  return found === "light" || found === "dark" ? found : "system";
}

let choice: ThemeChoice = stored();

function apply(): void {
  if (choice === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset["theme"] = choice;
  for (const listener of listeners) listener();
}

export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  localStorage.setItem(STORED, next);
  apply();
}

function watch(changed: () => void): () => void {
  listeners.add(changed);
  systemDark.addEventListener("change", changed);
  return () => {
    listeners.delete(changed);
    systemDark.removeEventListener("change", changed);
  };
}

const isDark = (): boolean => (choice === "system" ? systemDark.matches : choice === "dark");

export const useThemeChoice = (): ThemeChoice => useSyncExternalStore(watch, () => choice);
export const useDark = (): boolean => useSyncExternalStore(watch, isDark);
export const useInk = (): Ink => (useDark() ? DARK : LIGHT);

apply();
