import { toTime, type Mark } from "@/ui/chart/chart_option";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { cellText, isTemporal, type ResultColumn, type Row } from "@/ui/grid/cells";

type Axis = { data?: unknown };
/** What the drawing library says it has drawn. */
type Drawn = Readonly<Record<string, unknown>>;

const first = <T>(value: unknown): T | undefined => (Array.isArray(value) ? (value as T[])[0] : (value as T | undefined));
const namesOf = (axis: unknown): string[] | null => {
  const data = first<Axis>(axis)?.data;
  return Array.isArray(data) && data.length ? data.map(String) : null;
};
const valueOf = (item: unknown): unknown => (typeof item === "object" && item !== null && !Array.isArray(item) ? (item as { value?: unknown }).value : item);
const dataOf = (drawn: Drawn): unknown[] => first<{ data?: unknown[] }>(drawn.series)?.data ?? [];

/** What a click of the pointer on a mark means. */
export function markOf(drawn: Drawn, spec: ChartSpec, { name, value, seriesName }: { name?: string; value?: unknown; seriesName?: string }): Mark {
  if (spec.kind === "PIE") return { x: name ?? null, series: null };
  const [x, y] = Array.isArray(value) ? (value as unknown[]) : [];
  if (spec.kind === "HEATMAP") return { x: namesOf(drawn.xAxis)?.[Number(x)] ?? null, series: spec.series ? namesOf(drawn.yAxis)?.[Number(y)] ?? null : null };
  const suffix = spec.y.length > 1 ? spec.y.find((each) => seriesName?.endsWith(` ${each}`)) : undefined;
  const series = !spec.series || seriesName === undefined ? null : suffix ? seriesName.slice(0, -suffix.length - 1) : seriesName;
  return { x: typeof x === "number" || typeof x === "string" ? x : null, series };
}

/** The place across that is nearest to a value of the axis; an index where the axis has names. */
export function nearestX(drawn: Drawn, at: number): Mark["x"] {
  const names = namesOf(drawn.xAxis);
  if (names) return names[Math.round(at)] ?? null;
  let nearest: number | null = null;
  for (const item of dataOf(drawn)) {
    const x = first<unknown>(valueOf(item));
    if (typeof x === "number" && (nearest === null || Math.abs(x - at) < Math.abs(nearest - at))) nearest = x;
  }
  return nearest;
}

/** Where arrow keys stop: each place of the first series, with what is there in words. */
export function stopsOf(drawn: Drawn, columns: readonly ResultColumn[], rows: readonly Row[], spec: ChartSpec): { mark: Mark; words: string }[] {
  const across = columns.findIndex((column) => column.name === spec.x);
  const texts = new Map(isTemporal(columns[across]?.type ?? "") ? rows.map((row) => [toTime(row[across]), cellText(row[across])]) : []);
  return dataOf(drawn).map((item) => {
    const value = valueOf(item);
    if (spec.kind === "PIE") {
      const { name = "" } = item as { name?: string };
      return { mark: { x: name, series: null }, words: `${name}: ${cellText(value)}` };
    }
    const [x, y, cell] = value as [string | number, unknown, unknown];
    if (spec.kind === "HEATMAP") {
      const mark = markOf(drawn, spec, { value });
      return { mark, words: `${mark.x}${mark.series === null ? "" : `, ${mark.series}`}: ${cellText(cell)}` };
    }
    return { mark: { x, series: null }, words: `${typeof x === "number" ? texts.get(x) ?? x : x}: ${cellText(y)}` };
  });
}
