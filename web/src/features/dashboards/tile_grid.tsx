import { t } from "@lingui/core/macro";
import { useEffect, useRef, useState, type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import type { TileDraft } from "@/features/dashboards/draft";
import { columnsOfGrid, placeTile, readingOrder, sizeTile, stepTile } from "@/features/dashboards/layout";
import { IconButton } from "@/ui/button";

const rowHeight = 76;
const gap = 14;

type Props = {
  tiles: readonly TileDraft[];
  /** What is inside a tile's frame. */
  children: (tile: TileDraft) => ReactNode;
  /** Beside a tile's title. */
  noteOf: (tile: TileDraft) => ReactNode;
  editing: boolean;
  onTiles: (tiles: TileDraft[]) => void;
  onEdit: (tile: TileDraft) => void;
  onRemove: (tile: TileDraft) => void;
};

/** Tiles on 12 columns; one under another where the screen is narrow. */
export function TileGrid({ tiles, children, noteOf, editing, onTiles, onEdit, onRemove }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const drag = useRef<{ id: string; kind: "move" | "size"; x: number; y: number; from: readonly TileDraft[] } | null>(null);
  const [said, setSaid] = useState("");
  const focus = useRef<string | null>(null);
  useEffect(() => {
    if (!focus.current) return;
    frame.current?.querySelector<HTMLElement>(`[data-tile="${CSS.escape(focus.current)}"]`)?.focus();
    focus.current = null;
  }, [tiles]);

  const begin = (event: PointerEvent<HTMLElement>, id: string, kind: "move" | "size") => {
    if (!editing || event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { id, kind, x: event.clientX, y: event.clientY, from: tiles };
  };
  const follow = (event: PointerEvent<HTMLElement>) => {
    const held = drag.current;
    if (!held || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const column = (frame.current!.clientWidth + gap) / columnsOfGrid;
    const across = Math.round((event.clientX - held.x) / column);
    const down = Math.round((event.clientY - held.y) / (rowHeight + gap));
    const tile = held.from.find((each) => each.id === held.id)!;
    onTiles(held.kind === "move"
      ? placeTile(held.from, held.id, tile.x + across, tile.y + down)
      : sizeTile(held.from, held.id, tile.width + across, tile.height + down));
  };
  const end = () => {
    drag.current = null;
  };
  const onKey = (event: KeyboardEvent<HTMLElement>, tile: TileDraft) => {
    if (!editing || event.target !== event.currentTarget) return;
    const direction = ({ ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const)[event.key];
    if (direction) {
      event.preventDefault();
      const next = event.shiftKey
        ? sizeTile(tiles, tile.id, tile.width + (direction === "right" ? 1 : direction === "left" ? -1 : 0), tile.height + (direction === "down" ? 1 : direction === "up" ? -1 : 0))
        : stepTile(tiles, tile.id, direction);
      const now = next.find((each) => each.id === tile.id)!;
      setSaid(t`${tile.title || t`Tile`}: column ${now.x + 1}, row ${now.y + 1}, ${now.width} wide, ${now.height} high`);
      focus.current = tile.id;
      onTiles(next);
    } else if (event.key === "Enter") {
      event.preventDefault();
      onEdit(tile);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onRemove(tile);
    }
  };
  return (
    <>
      <div ref={frame} className="flex flex-col gap-3.5 md:grid md:grid-cols-12" style={{ gridAutoRows: rowHeight }}>
        {readingOrder(tiles).map((tile) => {
          const note = editing ? null : noteOf(tile);
          return <section key={tile.id} data-tile={tile.id} aria-label={tile.title || (tile.kind === "TEXT" ? t`Text` : t`Chart`)} tabIndex={editing ? 0 : undefined}
            aria-roledescription={editing ? t`movable tile` : undefined} onKeyDown={(event) => onKey(event, tile)}
            className={`panel group relative flex h-(--tile-height) min-w-0 flex-col overflow-hidden md:h-auto md:[grid-column:var(--tile-column)] md:[grid-row:var(--tile-row)] ${editing ? "border-dashed border-line-strong" : ""}`}
            style={{
              "--tile-column": `${tile.x + 1} / span ${tile.width}`, "--tile-row": `${tile.y + 1} / span ${tile.height}`,
              "--tile-height": tile.kind === "TEXT" ? "auto" : tile.spec?.kind === "NUMBER" ? "7.5rem" : `${Math.max(tile.height, 2) * rowHeight}px`,
            } as CSSProperties}>
            {(tile.title || editing || note) && (
              <header onPointerDown={(event) => begin(event, tile.id, "move")} onPointerMove={follow} onPointerUp={end}
                className={`flex min-h-9 shrink-0 items-center justify-between gap-2 pr-1 pl-4 ${editing ? "cursor-move touch-none" : ""}`}>
                {tile.title ? <h2 className="min-w-0 truncate text-sm font-medium" title={tile.title}>{tile.title}</h2> : <span className="text-sm text-muted">{editing && t`No title`}</span>}
                {note}
                {editing && (
                  <span className="flex" onPointerDown={(event) => event.stopPropagation()}>
                    <IconButton icon="pencil" label={t`Edit ${tile.title || t`the tile`}`} onClick={() => onEdit(tile)} />
                    <IconButton icon="trash" label={t`Remove ${tile.title || t`the tile`}`} onClick={() => onRemove(tile)} />
                  </span>
                )}
              </header>
            )}
            <div className="min-h-0 grow">{children(tile)}</div>
            {editing && (
              <span aria-hidden="true" onPointerDown={(event) => begin(event, tile.id, "size")} onPointerMove={follow} onPointerUp={end}
                className="absolute right-0 bottom-0 hidden size-5 cursor-nwse-resize touch-none md:block after:absolute after:right-1 after:bottom-1 after:size-2.5 after:border-r-2 after:border-b-2 after:border-line-strong" />
            )}
          </section>;
        })}
      </div>
      <p role="status" className="sr-only">{said}</p>
    </>
  );
}
