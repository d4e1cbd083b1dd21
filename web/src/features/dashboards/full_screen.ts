import { useEffect } from "react";

/** While `full`: the page's chrome is gone (data-chrome), the whole screen is asked for, and Escape leaves. */
export function useFullScreen(full: boolean, onLeave: () => void) {
  useEffect(() => {
    if (!full) return;
    const root = document.documentElement;
    root.dataset.wall = "";
    const changed = () => {
      if (!document.fullscreenElement) onLeave();
    };
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) onLeave();
    };
    document.addEventListener("fullscreenchange", changed);
    document.addEventListener("keydown", pressed);
    return () => {
      document.removeEventListener("fullscreenchange", changed);
      document.removeEventListener("keydown", pressed);
      delete root.dataset.wall;
      if (document.fullscreenElement) void document.exitFullscreen();
    };
  }, [full, onLeave]);
}

/** Only a press of a key or button may ask for it; a link shows the page without chrome all the same. */
export const askForScreen = () => document.documentElement.requestFullscreen?.().catch(() => undefined);
