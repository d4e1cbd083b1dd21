import { isNumeric, isTemporal, type ResultColumn, type Row } from "@/ui/grid/cells";

export const chartKinds = ["LINE", "AREA", "BAR", "SCATTER", "PIE", "HEATMAP", "NUMBER", "TABLE"] as const;
export type ChartKind = (typeof chartKinds)[number];

export type ChartSpec = {
  kind: ChartKind;
  x?: string | null;
  y: readonly string[];
  series?: string | null;
  stacked: boolean;
};

/** How a result would best be drawn, by the kinds of its columns. */
export function guessSpec(columns: readonly ResultColumn[], rows: readonly Row[]): ChartSpec {
  const numeric = columns.filter((column) => isNumeric(column.type));
  const time = columns.find((column) => isTemporal(column.type));
  const text = columns.filter((column) => !isNumeric(column.type) && !isTemporal(column.type));
  const spec = (kind: ChartKind, x: string | null, y: readonly ResultColumn[], series: string | null = null): ChartSpec =>
    ({ kind, x, y: y.map((column) => column.name), series, stacked: false });

  // Values of one size only: a count beside an average would flatten the average.
  const greatest = (column: ResultColumn) => Math.max(0, ...rows.slice(0, 500).map((row) => Math.abs(Number(row[columns.indexOf(column)])) || 0));
  const alike = (candidates: readonly ResultColumn[]) => {
    const size = candidates[0] ? greatest(candidates[0]) : 0;
    return candidates.filter((column) => greatest(column) <= size * 20 && greatest(column) >= size / 20);
  };

  if (numeric.length === 0) return spec("TABLE", null, []);
  if (rows.length === 1) return spec("NUMBER", null, numeric.slice(0, 1));
  if (time) return spec("LINE", time.name, text[0] ? numeric.slice(0, 1) : alike(numeric).slice(0, 4), text[0]?.name ?? null);
  if (text[0]) return spec("BAR", text[0].name, alike(numeric).slice(0, text[1] ? 1 : 3), text[1]?.name ?? null);
  if (numeric.length === 1) return spec("BAR", null, numeric);
  const first = numeric[0]!;
  const rising = rows.every((row, i) => i === 0 || Number(row[columns.indexOf(first)]) >= Number(rows[i - 1]![columns.indexOf(first)]));
  return spec(rising ? "LINE" : "SCATTER", first.name, alike(numeric.slice(1)).slice(0, rising ? 3 : 1));
}

/** A spec whose columns the result does not have (any more) says so, instead of drawing nothing. */
export function missingColumns(spec: ChartSpec, columns: readonly ResultColumn[]): string[] {
  const there = new Set(columns.map((column) => column.name));
  return [spec.x, spec.series, ...spec.y].filter((name): name is string => !!name && !there.has(name));
}
