import { t } from "@lingui/core/macro";
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
  [t`Everywhere`, [
    [t`Ctrl K or ⌘ K`, t`Find tables, dashboards, queries, pages`],
    ["?", t`This list`],
    ["Esc", t`Close what is open`],
  ]],
  ["SQL", [
    [t`Ctrl ↵ or ⌘ ↵`, t`Run the statement`],
    ["Ctrl Space", t`Complete`],
    [t`Esc then Tab`, t`Leave the editor`],
    [t`Arrows, Delete on a tab`, t`Go to the next query, close it`],
  ]],
  [t`Result`, [
    [t`Arrows, Home, End, Page`, t`Move from cell to cell`],
    [t`Ctrl C or ⌘ C`, t`Copy the cell`],
    [t`↵ on a heading`, t`Sort by the column`],
  ]],
  [t`Dashboard being edited`, [
    [t`Arrows`, t`Move the tile`],
    [t`Shift and arrows`, t`Make it larger or smaller`],
    ["↵", t`Edit the tile`],
    [t`Delete`, t`Remove the tile`],
  ]],
];

export function Shortcuts({ admin, onClose }: { admin: boolean; onClose: () => void }) {
  const pages: (typeof groups)[number] = [t`Pages`, placesFor(admin).map(({ key, name }) => [t`g then ${key}`, name])];
  return (
    <Dialog title={t`Shortcuts`} onClose={onClose} wide>
      <div tabIndex={0} role="group" aria-label={t`All shortcuts`} className="gap-x-10 sm:columns-2">
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
