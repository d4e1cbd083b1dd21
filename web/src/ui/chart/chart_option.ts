import type { EChartsCoreOption } from "echarts/core";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { formatShort } from "@/ui/format";
import { cellText, isNumeric, isTemporal, type ResultColumn, type Row } from "@/ui/grid/cells";

export type ChartColors = { text: string; muted: string; line: string; surface: string; accent: string; soft: string; series: readonly string[] };

/** More are not told apart by anybody. */
const mostSeries = 24;

/** Null where it is no number: a gap. */
const toNumber = (value: unknown): number | null => {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
};

/** Dates and timestamps without a zone are UTC, as the server means them. */
export function toTime(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return null;
  const text = value.trim().replace(" ", "T");
  const clock = text.slice(10);
  const zone = /(Z|[+-]\d\d(:?\d\d)?)$/.exec(clock)?.[1];
  const time = Date.parse(clock === "" ? text : !zone ? `${text}Z` : zone.length === 3 ? `${text}:00` : text);
  return Number.isNaN(time) ? null : time;
}

type Series = { name: string; points: [number | string | null, number | null][] };

function collect(columns: readonly ResultColumn[], rows: readonly Row[], spec: ChartSpec, readX: (value: unknown, i: number) => number | string | null): Series[] {
  const at = (name: string | null | undefined) => columns.findIndex((column) => column.name === name);
  const x = at(spec.x);
  const split = spec.series ? at(spec.series) : -1;
  const found = new Map<string, Series>();
  rows.forEach((row, i) => {
    for (const name of spec.y) {
      const value = toNumber(row[at(name)]);
      const part = split < 0 ? name : (cellText(row[split]) || "null") + (spec.y.length > 1 ? ` ${name}` : "");
      let series = found.get(part);
      if (!series) {
        if (found.size >= mostSeries) continue;
        found.set(part, (series = { name: part, points: [] }));
      }
      series.points.push([readX(x < 0 ? null : row[x], i), value]);
    }
  });
  return [...found.values()];
}

/** A place in a drawing: where across, as text or as a time or number, and in which series where that was meant. */
export type Mark = { x: string | number | null; series: string | null };

/** The drawing of a result. Labels are drawn on a canvas, so that no text of a row is ever HTML. What is not at `marked` is pale. */
export function buildChartOption(columns: readonly ResultColumn[], rows: readonly Row[], spec: ChartSpec, colors: ChartColors, marked: Mark["x"] = null): EChartsCoreOption {
  const pale = (at: string | number | null) => (marked !== null && String(at) !== String(marked) ? { itemStyle: { opacity: 0.3 } } : {});
  const type = (name: string | null | undefined) => columns.find((column) => column.name === name)?.type ?? "";
  const label = { color: colors.muted, fontSize: 11 };
  const axis = {
    axisLabel: { ...label, hideOverlap: true },
    axisLine: { lineStyle: { color: colors.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colors.line } },
    nameTextStyle: label,
  };
  const base = {
    animation: false,
    useUTC: true,
    color: [...colors.series],
    textStyle: { fontFamily: "Inter Variable, system-ui, sans-serif" },
    aria: { enabled: true },
    tooltip: {
      renderMode: "richText", confine: true, backgroundColor: colors.surface, borderColor: colors.line, borderWidth: 1, padding: 10,
      textStyle: { color: colors.text, fontSize: 12 },
    },
  };

  if (spec.kind === "PIE") {
    const [series] = collect(columns, rows, { ...spec, series: null, y: spec.y.slice(0, 1) }, (value) => cellText(value) || "null");
    return {
      ...base,
      tooltip: { ...base.tooltip, trigger: "item" },
      series: [{
        type: "pie", radius: ["46%", "74%"], itemStyle: { borderColor: colors.surface, borderWidth: 2 }, label: { color: colors.text, fontSize: 12 }, labelLine: { lineStyle: { color: colors.line } },
        data: (series?.points ?? []).map(([name, value]) => ({ name: String(name), value, ...pale(name) })),
      }],
    };
  }

  if (spec.kind === "HEATMAP") {
    const at = (name: string | null | undefined) => columns.findIndex((column) => column.name === name);
    const [x, y, value] = [at(spec.x), at(spec.series), at(spec.y[0])];
    // Numbers in their order, whichever rows are there; anything else as it came.
    const places = (name: string | null | undefined, texts: readonly string[]) => (isNumeric(type(name)) ? [...new Set(texts)].sort((a, b) => Number(a) - Number(b)) : [...new Set(texts)]);
    const across = places(spec.x, rows.map((row) => cellText(row[x])));
    const down = places(spec.series, rows.map((row) => (y < 0 ? "" : cellText(row[y]))));
    const cells = rows.map((row) => [across.indexOf(cellText(row[x])), down.indexOf(y < 0 ? "" : cellText(row[y])), toNumber(row[value])]);
    const values = cells.map((cell) => cell[2]).filter((each): each is number => each !== null);
    return {
      ...base,
      tooltip: { ...base.tooltip, trigger: "item" },
      grid: { left: 8, right: 16, top: 12, bottom: 44, containLabel: true },
      xAxis: { ...axis, type: "category", data: across, name: spec.x ?? "", nameLocation: "middle", nameGap: 26, splitLine: { show: false } },
      yAxis: { ...axis, type: "category", data: down, splitLine: { show: false } },
      visualMap: {
        min: Math.min(...values, 0), max: Math.max(...values, 1), calculable: false, orient: "horizontal", left: "right", bottom: 0, itemHeight: 110, itemWidth: 10, textStyle: label,
        text: [formatShort(Math.max(...values, 1)), formatShort(Math.min(...values, 0))],
        inRange: { color: [colors.soft, colors.accent] },
      },
      series: [{ type: "heatmap", name: spec.y[0] ?? "", data: cells, itemStyle: { borderColor: colors.surface, borderWidth: 1 } }],
    };
  }

  const temporal = isTemporal(type(spec.x));
  const numeric = !temporal && isNumeric(type(spec.x)) && spec.kind !== "BAR";
  const readX = (value: unknown, i: number) => (temporal ? toTime(value) : numeric ? toNumber(value) : spec.x ? cellText(value) || "null" : String(i + 1));
  const series = collect(columns, rows, spec, readX);
  const categories = temporal || numeric ? undefined : [...new Set(series.flatMap((each) => each.points.map((point) => String(point[0]))))];
  const many = series.length > 1;
  const points = Math.max(0, ...series.map((each) => each.points.length));
  return {
    ...base,
    tooltip: { ...base.tooltip, trigger: spec.kind === "SCATTER" ? "item" : "axis", axisPointer: { lineStyle: { color: colors.line }, crossStyle: { color: colors.line } } },
    legend: { show: many, type: "scroll", top: 0, left: 0, itemWidth: 14, itemHeight: 8, textStyle: { color: colors.muted, fontSize: 12 }, pageTextStyle: label, pageIconColor: colors.accent },
    grid: { left: 8, right: 20, top: many ? 36 : 14, bottom: spec.kind === "SCATTER" && spec.x ? 28 : 8, containLabel: true },
    xAxis: {
      ...axis, type: temporal ? "time" : numeric ? "value" : "category", data: categories, scale: true, splitLine: { show: spec.kind === "SCATTER", lineStyle: { color: colors.line } },
      ...(spec.kind === "SCATTER" && spec.x ? { name: spec.x, nameLocation: "middle", nameGap: 28 } : {}),
      ...(numeric ? {} : { boundaryGap: spec.kind === "BAR" ? [0.01, 0.01] : undefined }),
    },
    yAxis: {
      ...axis, type: "value", scale: spec.kind === "SCATTER" || spec.kind === "LINE", axisLine: { show: false },
      axisLabel: { ...label, formatter: (value: number) => formatShort(value) },
    },
    series: series.map((each) => ({
      name: each.name,
      type: spec.kind === "BAR" ? "bar" : spec.kind === "SCATTER" ? "scatter" : "line",
      data: each.points.map(([at, value]) => (marked === null || spec.kind !== "BAR" ? [categories ? String(at) : at, value] : { value: [categories ? String(at) : at, value], ...pale(at) })),
      stack: spec.stacked && spec.kind !== "SCATTER" ? "all" : undefined,
      areaStyle: spec.kind === "AREA" ? { opacity: spec.stacked ? 0.5 : 0.14 } : undefined,
      showSymbol: points < 40,
      large: spec.kind === "SCATTER" && points > 5000,
      symbolSize: spec.kind === "SCATTER" ? 6 : 5,
      sampling: spec.kind === "LINE" || spec.kind === "AREA" ? "lttb" : undefined,
      lineStyle: { width: 1.8 },
      itemStyle: spec.kind === "BAR" ? { borderRadius: spec.stacked ? 0 : [3, 3, 0, 0] } : spec.kind === "SCATTER" ? { opacity: 0.6 } : undefined,
      barMaxWidth: 44,
    })),
  };
}
