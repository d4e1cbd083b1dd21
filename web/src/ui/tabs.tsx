import { useEffect, useRef, type KeyboardEvent, type ReactNode } from "react";

type Tab<Id extends string> = { id: Id; label: ReactNode };

/** One stop for Tab; the arrow keys go from tab to tab. */
export function Tabs<Id extends string>({ tabs, active, onSelect, label, panelId, lined = true }: {
  tabs: readonly Tab<Id>[]; active: Id; onSelect: (id: Id) => void; label: string; panelId: string; lined?: boolean;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a narrow screen the row of tabs scrolls: the one that is open is in sight.
    const open = list.current?.querySelector<HTMLElement>(`[data-tab="${active}"]`);
    if (!list.current || !open) return;
    const { left, right } = list.current.getBoundingClientRect();
    const tab = open.getBoundingClientRect();
    if (tab.left < left || tab.right > right) list.current.scrollBy({ left: tab.left - left - 24 });
  }, [active, tabs.length]);
  const move = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.id === active);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    onSelect(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={label} onKeyDown={move} className={`flex shrink-0 gap-1 overflow-x-auto overflow-y-hidden ${lined ? "border-b border-line" : ""}`}>
      {tabs.map(({ id, label: name }) => (
        <button key={id} type="button" role="tab" data-tab={id} id={`${panelId}-${id}`} aria-selected={id === active} aria-controls={panelId}
          tabIndex={id === active ? 0 : -1} onClick={() => onSelect(id)}
          className={`h-9 border-b-2 px-3 text-sm font-medium whitespace-nowrap transition-colors focus-visible:-outline-offset-2 ${id === active ? "border-accent text-text" : "border-transparent text-muted hover:text-text"}`}>
          {name}
        </button>
      ))}
    </div>
  );
}

export function TabPanel({ id, active, children, className = "" }: { id: string; active: string; children: ReactNode; className?: string }) {
  return <div id={id} role="tabpanel" aria-labelledby={`${id}-${active}`} className={className}>{children}</div>;
}
