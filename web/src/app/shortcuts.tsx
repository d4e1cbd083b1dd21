import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { places, placesFor } from "@/app/places";
import { Dialog } from "@/ui/dialog";

const jumps = new Map(places.map(({ key, to }) => [key, to]));

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.shadowRoot !== null || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** The keys that work on every page. */
export function useShortcuts(active: boolean, open: (overlay: "palette" | "shortcuts") => void) {
  const navigate = useNavigate();
  const pendingG = useRef(0);
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open("palette");
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
      const to = jumps.get(event.key);
      if (to && Date.now() - pendingG.current < 1200) {
        event.preventDefault();
        pendingG.current = 0;
        void navigate({ to });
      } else if (event.key === "g") pendingG.current = Date.now();
      else if (event.key === "?") open("shortcuts");
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [active, open, navigate]);
}

const groups: readonly [string, readonly [string, string][]][] = [
  ["Everywhere", [
    ["Ctrl K or ⌘ K", "Find tables, dashboards, queries, pages"],
    ["?", "This list"],
    ["Esc", "Close what is open"],
  ]],
  ["SQL", [
    ["Ctrl ↵ or ⌘ ↵", "Run the statement"],
    ["Ctrl Space", "Complete"],
    ["Esc then Tab", "Leave the editor"],
    ["Arrows, Delete on a tab", "Go to the next query, close it"],
  ]],
  ["Result", [
    ["Arrows, Home, End, Page", "Move from cell to cell"],
    ["Ctrl C or ⌘ C", "Copy the cell"],
    ["↵ on a heading", "Sort by the column"],
  ]],
  ["Dashboard being edited", [
    ["Arrows", "Move the tile"],
    ["Shift and arrows", "Make it larger or smaller"],
    ["↵", "Edit the tile"],
    ["Delete", "Remove the tile"],
  ]],
];

export function Shortcuts({ admin, onClose }: { admin: boolean; onClose: () => void }) {
  const pages: (typeof groups)[number] = ["Pages", placesFor(admin).map(({ key, name }) => [`g then ${key}`, name])];
  return (
    <Dialog title="Shortcuts" onClose={onClose} wide>
      <div tabIndex={0} role="group" aria-label="All shortcuts" className="gap-x-10 sm:columns-2">
        {[groups[0]!, pages, ...groups.slice(1)].map(([name, entries]) => (
          <section key={name} className="mb-5 break-inside-avoid">
            <h3 className="mb-1.5 text-xs font-semibold text-muted">{name}</h3>
            <dl className="grid gap-1.5 text-sm">
              {entries.map(([keys, what]) => (
                <div key={keys} className="flex items-baseline justify-between gap-4">
                  <dt>{what}</dt>
                  <dd className="text-right text-xs text-muted"><kbd className="font-sans">{keys}</kbd></dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
