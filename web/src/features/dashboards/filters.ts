import { t } from "@lingui/core/macro";
import { kindOfType, type LakeTable, type ValueKind } from "@/features/dashboards/lake_tables";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { toTime } from "@/ui/chart/chart_option";
import { cellText, isTemporal, type ResultColumn, type Row } from "@/ui/grid/cells";

export const comparisons = ["=", "<>", ">=", "<=", "contains", "within"] as const;
type Comparison = (typeof comparisons)[number];

/**
 * Holds for every tile whose tables have the column; one that a tile gave, for the others only.
 * The value of "within" is two instants with / between, the second one not in; null is no value.
 */
export type Filter = { column: string; is: Comparison; value: string | null; tile?: string };

const most = 20;

/** What an address says; whatever is no filter is left out. */
export function readFilters(text: string | undefined): Filter[] {
  let given: unknown;
  try {
    given = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(given)) return [];
  return given.slice(0, most).flatMap((each: unknown) => {
    const { column, is, value, tile } = (typeof each === "object" && each !== null ? each : {}) as Record<string, unknown>;
    if (typeof column !== "string" || !column || !(comparisons as readonly unknown[]).includes(is) || !(typeof value === "string" || value === null)) return [];
    return [{ column, is: is as Comparison, value, ...(typeof tile === "string" ? { tile } : {}) }];
  });
}

const minute = (at: string | undefined) => (at ?? "").replace("T", " ").replace(/:\d\d(\.\d+)?Z$/, "").replace(/ 00:00$/, "");

export function wordsOf({ column, is, value }: Filter): string {
  if (is === "within") {
    const [from, to] = (value ?? "").split("/");
    const day = Date.parse(to ?? "") - Date.parse(from ?? "") === 86_400_000;
    return day ? `${column}: ${minute(from)}` : t`${column}: ${minute(from)} to ${minute(to)}`;
  }
  if (value === null) return is === "=" ? t`${column} is empty` : t`${column} is not empty`;
  return { "=": `${column}: ${value}`, "<>": t`${column} is not ${value}`, ">=": `${column} ≥ ${value}`, "<=": `${column} ≤ ${value}`, contains: t`${column} contains ${value}` }[is];
}

const same = (a: readonly Filter[], b: readonly Filter[]) => a.length === b.length && a.every((each, i) => each.column === b[i]!.column && each.value === b[i]!.value);

/** A tile's choice takes the place of its last one; the same again takes it away. */
export function choose(filters: readonly Filter[], tile: string, chosen: readonly Filter[]): Filter[] {
  const others = filters.filter((each) => each.tile !== tile);
  const before = filters.filter((each) => each.tile === tile);
  return same(before, chosen) ? others : [...others, ...chosen.map((each) => ({ ...each, tile }))];
}

/** Without what a tile gave last. */
export function undoChoice(filters: readonly Filter[]): Filter[] {
  const last = filters.findLast((each) => each.tile)?.tile;
  return last ? filters.filter((each) => each.tile !== last) : [...filters];
}

/** The columns of the chart by which other tiles can be narrowed: those that the tables have too. */
export function choosable(spec: ChartSpec, columns: readonly ResultColumn[], tables: readonly LakeTable[], timeColumn: string | null): { x: Filter["column"] | null; series: Filter["column"] | null; time: boolean } {
  const kind = (name: string | null | undefined): ValueKind | null => kindOfType(columns.find((column) => column.name === name)?.type ?? "");
  const shared = (name: string | null | undefined) => {
    const mine = kind(name);
    const there = mine && tables.some((table) => table.columns.some((column) => column.name.toLowerCase() === name!.toLowerCase() && kindOfType(column.type) === mine));
    return there ? name! : null;
  };
  const time = isTemporal(columns.find((column) => column.name === spec.x)?.type ?? "");
  return { x: time ? timeColumn : shared(spec.x), series: spec.kind === "PIE" ? null : shared(spec.series), time };
}

/** The step between times that follow each other: the least one that occurs. */
function stepOf(times: readonly number[]): number {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  let step = Infinity;
  for (let i = 1; i < sorted.length; i++) step = Math.min(step, sorted[i]! - sorted[i - 1]!);
  return Number.isFinite(step) ? step : 86_400_000;
}

/** The filters that a mark of a chart stands for; `series` is null where none was meant. */
export function filtersAt(spec: ChartSpec, columns: readonly ResultColumn[], rows: readonly Row[], can: ReturnType<typeof choosable>, mark: { x: string | number | null; series: string | null }): Filter[] {
  const values = (name: string | null | undefined) => rows.map((row) => row[columns.findIndex((column) => column.name === name)]);
  const textOf = (name: string, text: string) => (text === "null" && values(name).every((value) => cellText(value) !== "null") ? null : text);
  const found: Filter[] = [];
  if (can.x && can.time && typeof mark.x === "number") {
    const times = values(spec.x).map(toTime).filter((time): time is number => time !== null).sort((a, b) => a - b);
    const next = times.find((time) => time > (mark.x as number)) ?? mark.x + stepOf(times);
    found.push({ column: can.x, is: "within", value: `${new Date(mark.x).toISOString()}/${new Date(next).toISOString()}` });
  } else if (can.x && spec.x && mark.x !== null) {
    found.push({ column: can.x, is: "=", value: textOf(spec.x, String(mark.x)) });
  }
  if (can.series && spec.series && mark.series !== null) found.push({ column: can.series, is: "=", value: textOf(spec.series, mark.series) });
  return found;
}

/** As `filtersAt`, of a cell of a table: the column's own value, or the stretch of time that it begins. */
export function filtersOfCell(columns: readonly ResultColumn[], rows: readonly Row[], tables: readonly LakeTable[], timeColumn: string | null, column: string, value: unknown): Filter[] {
  const spec: ChartSpec = { ...cellSpec, x: column };
  const can = choosable(spec, columns, tables, timeColumn);
  return filtersAt(spec, columns, rows, can, { x: can.time ? toTime(value) : value === null ? "null" : cellText(value), series: null });
}

const cellSpec: ChartSpec = { kind: "TABLE", y: [], stacked: false };

/** The columns of a table by whose cells other tiles can be narrowed, with what they narrow. */
export const choosableColumns = (columns: readonly ResultColumn[], tables: readonly LakeTable[], timeColumn: string | null): ReadonlyMap<string, string> =>
  new Map(columns.flatMap(({ name }) => {
    const { x } = choosable({ ...cellSpec, x: name }, columns, tables, timeColumn);
    return x ? [[name, x] as const] : [];
  }));
