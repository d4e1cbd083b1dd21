import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Icon, type IconName } from "@/ui/icon";

type MenuItem = { label: string; icon?: IconName; onSelect: () => void; danger?: boolean; checked?: boolean };

/** A button that opens a short list of actions. */
export function Menu({ button, label, items, className, align = "right", up = false, floating = false }: {
  button: ReactNode; label: string; items: readonly MenuItem[]; className: string; align?: "left" | "right"; up?: boolean;
  /** Lies over what would cut it off: for menus inside of what scrolls. */
  floating?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!open) return;
    frame.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus({ preventScroll: floating });
    const outside = (event: PointerEvent) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open, floating]);
  useLayoutEffect(() => {
    if (!open || !floating) return;
    const place = () => {
      const from = frame.current!.getBoundingClientRect();
      const { style, offsetHeight } = list.current!;
      const below = from.bottom + offsetHeight + 8 < innerHeight;
      style.top = `${below ? from.bottom + 4 : from.top - offsetHeight - 4}px`;
      style.right = `${document.documentElement.clientWidth - from.right}px`;
    };
    place();
    addEventListener("scroll", place, { capture: true, passive: true });
    return () => removeEventListener("scroll", place, { capture: true });
  }, [open, floating]);
  const onKey = (event: KeyboardEvent) => {
    if (!open) return;
    if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      event.stopPropagation();
      return close();
    }
    const entries = [...frame.current!.querySelectorAll<HTMLElement>("[role^=menuitem]")];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    entries[(to + entries.length) % entries.length]?.focus();
  };
  return (
    <div ref={frame} className="relative" onKeyDown={onKey}>
      <button type="button" aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined} aria-label={label} title={label}
        onClick={() => setOpen(!open)} className={className}>{button}</button>
      {open && (
        <div ref={list} id={id} role="menu" aria-label={label}
          className={`rise z-40 min-w-44 rounded-lg border border-line bg-surface p-1 shadow-float ${floating ? "fixed" : `absolute ${align === "right" ? "right-0" : "left-0"} ${up ? "bottom-full mb-1" : "top-full mt-1"}`}`}>
          {items.map(({ label: name, icon, onSelect, danger, checked }) => (
            <button key={name} type="button" role={checked === undefined ? "menuitem" : "menuitemradio"} aria-checked={checked} tabIndex={-1}
              onClick={() => { close(); onSelect(); }}
              className={`flex h-8 w-full items-center gap-2 rounded-md px-2 text-left text-sm whitespace-nowrap hover:bg-hover focus-visible:-outline-offset-2 ${danger ? "text-danger" : "text-text"}`}>
              {icon && <Icon name={icon} className={danger ? "" : "text-muted"} />}
              <span className="grow">{name}</span>
              {checked && <Icon name="check" className="text-accent" />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
