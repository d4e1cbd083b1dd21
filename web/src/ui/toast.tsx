import { t } from "@lingui/core/macro";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";

type Undo = { label: string; onSelect: () => void };
type Toast = { id: number; text: string; kind: "done" | "failed"; action?: Undo | undefined };

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();
const set = (value: readonly Toast[]) => {
  toasts = value;
  for (const listener of listeners) listener();
};
const dismiss = (id: number) => set(toasts.filter((toast) => toast.id !== id));

/** Says for a few seconds what became of an action; longer where it can be taken back. */
export function toast(text: string, kind: Toast["kind"] = "done", action?: Undo) {
  const id = next++;
  set([...toasts.slice(-3), { id, text, kind, action }]);
  setTimeout(() => dismiss(id), kind === "failed" || action ? 9000 : 4500);
}

export function Toasts() {
  const shown = useSyncExternalStore((listener) => (listeners.add(listener), () => listeners.delete(listener)), () => toasts);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Shown anew it comes to lie above a dialog that was opened meanwhile.
    frame.current!.hidePopover();
    if (shown.length) frame.current!.showPopover();
  }, [shown]);
  return (
    <div ref={frame} popover="manual" role="status" aria-live="polite"
      className="pointer-events-none fixed inset-auto right-4 bottom-20 m-0 max-w-[calc(100vw-2rem)] justify-items-end gap-2 overflow-visible border-0 bg-transparent p-0 text-text open:grid md:bottom-5">
      {shown.map(({ id, text, kind, action }) => (
        <div key={id} className="rise pointer-events-auto flex max-w-sm items-start gap-2 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-3 text-sm shadow-float">
          <Icon name={kind === "done" ? "check" : "warning"} className={`mt-2 ${kind === "done" ? "text-ok" : "text-danger"}`} />
          <span className="min-w-0 py-1.5 break-words">{text}</span>
          {action && <button type="button" onClick={() => { dismiss(id); action.onSelect(); }} className="h-8 rounded-md px-2 font-medium text-accent hover:bg-hover">{action.label}</button>}
          <IconButton icon="close" label={t`Dismiss`} onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
