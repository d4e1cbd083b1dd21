import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const key = "firn.theme";
const listeners = new Set<() => void>();
const dark = matchMedia("(prefers-color-scheme: dark)");
let shown: "light" | "dark" | null = null;
const read = (): Theme => {
  const value = localStorage.getItem(key);
  return value === "light" || value === "dark" ? value : "system";
};
const changed = () => {
  for (const listener of listeners) listener();
};
dark.addEventListener("change", changed);

export function applyTheme() {
  const theme = shown ?? read();
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function setTheme(theme: Theme) {
  if (theme === "system") localStorage.removeItem(key);
  else localStorage.setItem(key, theme);
  applyTheme();
  changed();
}

const subscribe = (listener: () => void) => (listeners.add(listener), () => listeners.delete(listener));

export const useTheme = () => useSyncExternalStore(subscribe, read);

/** Shows these colours for a while, whatever is chosen; what it gives back ends that. */
export function showIn(theme: "light" | "dark"): () => void {
  const set = (value: typeof shown) => {
    shown = value;
    applyTheme();
    changed();
  };
  set(theme);
  return () => set(null);
}

/** What is on the screen, after the system's preference. */
export const useDark = () =>
  useSyncExternalStore(subscribe, () => {
    const theme = shown ?? read();
    return theme === "system" ? dark.matches : theme === "dark";
  });

/** A colour of the theme as the browser resolves it now, for what is drawn on a canvas. */
export function themeColor(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}
