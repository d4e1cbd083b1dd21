import { t } from "@lingui/core/macro";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { copyText, CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { cellText, columnWidths, formatCell, isNumeric, nextSort, sortRows, type ResultColumn, type Row, type Sort } from "@/ui/grid/cells";
import { Icon } from "@/ui/icon";
import { toast } from "@/ui/toast";

const rowHeight = 29;
const headHeight = 44;

type Props = {
  label: string;
  columns: readonly ResultColumn[];
  rows: readonly Row[];
  /** Of the whole result; more than are loaded, as long as onNearEnd has not brought them all. */
  totalRows: number;
  onNearEnd?: () => void;
  /** Without the rows' numbers. */
  plain?: boolean;
  choice?: CellChoice | undefined;
};

/** Cells of some columns that can be chosen, by pointer or Enter; Space shows a value in full. */
export type CellChoice = {
  columns: ReadonlySet<string>;
  /** What is chosen: cells of the column with this text. */
  chosen: { column: string; text: string } | null;
  onChoose: (column: string, value: unknown) => void;
};

/**
 * Rows and columns, drawn only where they are seen. One stop for Tab; arrow keys go from cell to
 * cell, and the heading is the row above the first. Values are text, never HTML.
 */
export function ResultGrid({ label, columns, rows, totalRows, onNearEnd, plain = false, choice }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const [sort, setSort] = useState<Sort | null>(null);
  const [active, setActive] = useState({ row: 0, column: 0 });
  const [open, setOpen] = useState<{ row: number; column: number } | null>(null);
  const sorted = useMemo(() => sortRows(rows, sort, columns), [rows, sort, columns]);
  // The widths stay while more rows come in: nothing jumps under the reader.
  const head = rows.length > 200 ? 200 : rows.length;
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const widths = useMemo(() => columnWidths(columns, rows), [columns, head]);
  const gutter = plain ? 0 : Math.max(38, String(totalRows).length * 7.5 + 20);

  const vertical = useVirtualizer({
    count: sorted.length, getScrollElement: () => frame.current, estimateSize: () => rowHeight, overscan: 12, scrollPaddingStart: headHeight, paddingStart: headHeight,
  });
  const horizontal = useVirtualizer({
    horizontal: true, count: columns.length, getScrollElement: () => frame.current, estimateSize: (i) => widths[i] ?? 100, overscan: 4, paddingStart: gutter, scrollPaddingStart: gutter,
  });
  useEffect(() => horizontal.measure(), [widths, horizontal]);

  const seen = vertical.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onNearEnd && rows.length < totalRows && last > rows.length - 60) onNearEnd();
  }, [last, rows.length, totalRows, onNearEnd]);

  const go = (row: number, column: number) => {
    const next = { row: Math.max(-1, Math.min(sorted.length - 1, row)), column: Math.max(0, Math.min(columns.length - 1, column)) };
    setActive(next);
    vertical.scrollToIndex(Math.max(0, next.row));
    horizontal.scrollToIndex(next.column);
  };
  const canChoose = (column: number) => choice !== undefined && choice.columns.has(columns[column]!.name);
  const choose = (row: number, column: number) => choice?.onChoose(columns[column]!.name, sorted[row]?.[column]);
  const copy = async () => {
    const text = active.row < 0 ? columns[active.column]!.name : formatCell(sorted[active.row]?.[active.column], columns[active.column]!.type);
    if (await copyText(text)) toast(t`Copied the cell`);
  };
  const onKey = (event: KeyboardEvent) => {
    const { row, column } = active;
    const control = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor((frame.current!.clientHeight - headHeight) / rowHeight) - 1);
    if (control && event.key.toLowerCase() === "c") {
      if (!getSelection()?.isCollapsed) return;
      event.preventDefault();
      return void copy();
    }
    const to: Record<string, [number, number]> = {
      ArrowDown: [row + 1, column], ArrowUp: [row - 1, column], ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1],
      PageDown: [row + page, column], PageUp: [Math.max(0, row - page), column],
      Home: [control ? 0 : row, 0], End: [control ? sorted.length - 1 : row, columns.length - 1],
    };
    const target = to[event.key];
    if (target) {
      event.preventDefault();
      go(...target);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (row < 0) setSort(nextSort(sort, column));
      else if (event.key === "Enter" && canChoose(column)) choose(row, column);
      else setOpen(active);
    }
  };

  const opened = open && columns[open.column] && sorted[open.row] ? { column: columns[open.column]!, value: sorted[open.row]![open.column] } : null;
  const across = horizontal.getVirtualItems();
  const width = horizontal.getTotalSize();
  return (
    <>
      <div ref={frame} role="grid" tabIndex={0} aria-label={label} aria-description={choice?.columns.size ? t`Enter filters by a cell of ${[...choice.columns].join(", ")}; Space shows a value in full.` : undefined} aria-rowcount={totalRows + 1} aria-colcount={columns.length}
        aria-activedescendant={`${id}-${active.row}-${active.column}`} onKeyDown={onKey}
        className="group relative h-full overflow-auto bg-surface text-[0.8125rem] focus-visible:-outline-offset-2">
        <div className="relative" style={{ height: vertical.getTotalSize(), width: `max(${width}px, 100%)` }}>
          <div role="row" aria-rowindex={1} className="sticky top-0 z-20 border-b border-line-strong bg-sunken" style={{ height: headHeight, width: `max(${width}px, 100%)` }}>
            {!plain && <div className="sticky left-0 z-10 h-full border-r border-line bg-sunken" style={{ width: gutter }} />}
            {across.map(({ index, start, size }) => {
              const { name, type } = columns[index]!;
              const here = active.row === -1 && active.column === index;
              return (
                <div key={index} id={`${id}--1-${index}`} role="columnheader" aria-colindex={index + 1}
                  aria-sort={sort?.column === index ? (sort.descending ? "descending" : "ascending") : "none"}
                  onClick={() => { setSort(nextSort(sort, index)); setActive({ row: -1, column: index }); }}
                  className={`absolute top-0 flex h-full cursor-pointer flex-col justify-center px-2.5 leading-tight select-none hover:bg-hover ${isNumeric(type) ? "items-end text-right" : ""} ${here ? "group-focus:bg-soft group-focus:inset-ring-2 group-focus:inset-ring-accent" : ""}`}
                  style={{ left: start, width: size }}>
                  <span className="flex max-w-full items-center gap-1 font-semibold">
                    <span className="truncate" title={name}>{name}</span>
                    {sort?.column === index && <Icon name={sort.descending ? "down" : "up"} size={12} className="text-accent" />}
                  </span>
                  <span className="max-w-full truncate text-[0.6875rem] text-muted" title={type}>{type.toLowerCase()}</span>
                </div>
              );
            })}
          </div>
          {seen.map(({ index: row, start }) => (
            <div key={row} role="row" aria-rowindex={row + 2} className="absolute left-0 w-full border-b border-line hover:bg-hover/60" style={{ top: start, height: rowHeight }}>
              {!plain && <div aria-hidden="true" className="numeric sticky left-0 z-10 h-full border-r border-line bg-surface pr-2 text-right text-[0.6875rem] leading-7 text-muted" style={{ width: gutter }}>{row + 1}</div>}
              {across.map(({ index: column, start: left, size }) => {
                const value = sorted[row]?.[column];
                const here = active.row === row && active.column === column;
                const empty = value === null || value === undefined;
                const able = canChoose(column);
                const chosen = choice?.chosen?.column === columns[column]!.name && choice.chosen.text === cellText(value);
                return (
                  <div key={column} id={`${id}-${row}-${column}`} role="gridcell" aria-colindex={column + 1} aria-selected={here}
                    onClick={() => { setActive({ row, column }); if (able) choose(row, column); }} onDoubleClick={() => { if (!able) setOpen({ row, column }); }}
                    className={`numeric absolute top-0 h-full truncate px-2.5 leading-7 ${isNumeric(columns[column]!.type) ? "text-right" : ""} ${empty ? "text-muted italic" : ""} ${able ? "cursor-pointer hover:underline" : ""} ${chosen ? "bg-soft font-medium text-accent" : ""} ${here ? "inset-ring-1 inset-ring-line-strong group-focus:bg-soft group-focus:inset-ring-2 group-focus:inset-ring-accent" : ""}`}
                    style={{ left, width: size }}>
                    {empty ? t`null` : formatCell(value, columns[column]!.type)}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
      </div>
      {opened && (
        <Dialog title={opened.column.name} onClose={() => { setOpen(null); frame.current?.focus(); }} wide>
          <div className="mb-2 flex items-center justify-between gap-4 text-xs text-muted">
            <span>{opened.column.type.toLowerCase()}</span>
            <CopyButton text={cellText(opened.value)} label={t`Copy the value`} />
          </div>
          <pre className="max-h-[60vh] overflow-auto rounded-lg border border-line bg-sunken p-3 font-mono text-xs break-words whitespace-pre-wrap">
            {opened.value === null ? t`null` : typeof opened.value === "object" ? JSON.stringify(opened.value, null, 2) : cellText(opened.value)}
          </pre>
        </Dialog>
      )}
    </>
  );
}
