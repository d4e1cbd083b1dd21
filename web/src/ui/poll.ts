import { useEffect, useRef } from "react";

/** Looks again and again while the page is seen, and as soon as it is seen again; null: not at all. */
export function usePoll(look: () => void, everyMs: number | null) {
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
  });
  useEffect(() => {
    if (everyMs === null) return;
    const seen = () => {
      if (!document.hidden) latest.current();
    };
    const timer = setInterval(seen, everyMs);
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [everyMs]);
}
