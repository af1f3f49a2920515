import { chooseTheme, type ThemeChoice, useThemeChoice } from "../state/theme";
import { IconButton, type IconName } from "../ui";

const NEXT: Record<ThemeChoice, ThemeChoice> = { system: "light", light: "dark", dark: "system" };
const ICONS: Record<ThemeChoice, IconName> = { system: "system", light: "sun", dark: "moon" };
const WORDS: Record<ThemeChoice, string> = {
  system: "as the system",
  light: "light",
  dark: "dark",
};

export function ThemeButton() {
  const choice = useThemeChoice();
  return (
    <IconButton
      icon={ICONS[choice]}
      label={`Theme: ${WORDS[choice]}`}
      onClick={() => chooseTheme(NEXT[choice])}
    />
  );
}
