import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

/** Two panes on top of each other; the bar between them moves by pointer and by arrow keys. */
export function Split({ label, above, below, storeAs, start = 38 }: { label: string; above: ReactNode; below: ReactNode; storeAs: string; start?: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const [percent, setPercent] = useState(() => clamp(Number(localStorage.getItem(storeAs)) || start));
  const move = (next: number) => {
    setPercent(clamp(next));
    localStorage.setItem(storeAs, String(Math.round(clamp(next))));
  };
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowUp: -4, ArrowDown: 4 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(percent + by);
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = frame.current!.getBoundingClientRect();
    move(((event.clientY - box.top) / box.height) * 100);
  };
  return (
    <div ref={frame} className="flex min-h-0 grow flex-col">
      <div className="min-h-28 shrink-0 overflow-hidden" style={{ height: `${percent}%` }}>{above}</div>
      <div role="separator" tabIndex={0} aria-label={label} aria-orientation="horizontal" aria-valuenow={Math.round(percent)} aria-valuemin={15} aria-valuemax={80}
        onKeyDown={onKey} onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)} onPointerMove={drag}
        className="relative z-10 -my-1 h-2 shrink-0 cursor-row-resize touch-none after:absolute after:inset-x-0 after:top-1/2 after:h-px after:bg-line hover:after:h-0.5 hover:after:bg-accent" />
      <div className="flex min-h-0 grow flex-col">{below}</div>
    </div>
  );
}

const clamp = (percent: number) => Math.max(15, Math.min(80, percent));
