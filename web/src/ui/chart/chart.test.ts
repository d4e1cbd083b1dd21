import { describe, expect, it } from "vitest";
import { markOf, nearestX, stopsOf } from "@/ui/chart/chart_marks";
import { buildChartOption, toTime, type ChartColors } from "@/ui/chart/chart_option";
import { guessSpec, missingColumns, type ChartSpec } from "@/ui/chart/chart_spec";

const colors: ChartColors = { text: "#000", muted: "#555", line: "#ddd", surface: "#fff", accent: "#06c", soft: "#def", series: ["#06c", "#c60"] };
const spec = (fields: Partial<ChartSpec>): ChartSpec => ({ kind: "LINE", x: null, y: [], series: null, stacked: false, ...fields });

type Option = { xAxis: { type: string; data?: string[] }; tooltip: { renderMode: string }; series: { type: string; name: string; stack?: string; data: unknown[] }[] };
const build = (...args: Parameters<typeof buildChartOption>) => buildChartOption(...args) as unknown as Option;

describe("a guess at the chart", () => {
  it("is a line over time", () => {
    expect(guessSpec([{ name: "day", type: "DATE" }, { name: "n", type: "BIGINT" }], [["2013-01-01", 1], ["2013-01-02", 2]])).toMatchObject({ kind: "LINE", x: "day", y: ["n"] });
  });

  it("is bars by name, of values of one size", () => {
    const columns = [{ name: "carrier", type: "VARCHAR" }, { name: "flights", type: "BIGINT" }, { name: "delay", type: "DOUBLE" }];
    expect(guessSpec(columns, [["UA", 58665, 12.1], ["AA", 32729, 8.6]])).toMatchObject({ kind: "BAR", x: "carrier", y: ["flights"] });
  });

  it("is a number for one row and a table without numbers", () => {
    expect(guessSpec([{ name: "n", type: "BIGINT" }], [[5]])).toMatchObject({ kind: "NUMBER", y: ["n"] });
    expect(guessSpec([{ name: "a", type: "VARCHAR" }], [["x"], ["y"]])).toMatchObject({ kind: "TABLE" });
  });
});

describe("times", () => {
  it("are UTC where they name no zone", () => {
    expect(toTime("2013-01-01")).toBe(Date.UTC(2013, 0, 1));
    expect(toTime("2013-01-01 05:30:00")).toBe(Date.UTC(2013, 0, 1, 5, 30));
    expect(toTime("2013-01-01 05:30:00.123456")).toBe(Date.UTC(2013, 0, 1, 5, 30, 0, 123));
  });

  it("keep the zone that they name", () => {
    expect(toTime("2013-01-01T05:30:00Z")).toBe(Date.UTC(2013, 0, 1, 5, 30));
    expect(toTime("2013-01-01 05:30:00+01")).toBe(Date.UTC(2013, 0, 1, 4, 30));
    expect(toTime("2013-01-01 05:30:00-03:30")).toBe(Date.UTC(2013, 0, 1, 9, 0));
    expect(toTime("soon")).toBeNull();
  });
});

describe("a drawing", () => {
  it("draws time as time", () => {
    const option = build([{ name: "day", type: "DATE" }, { name: "n", type: "BIGINT" }], [["2013-01-01", 1]], spec({ x: "day", y: ["n"] }), colors);
    expect(option.xAxis.type).toBe("time");
    expect(option.series[0]!.data).toEqual([[Date.UTC(2013, 0, 1), 1]]);
  });

  it("splits by a column, with gaps where there is no number", () => {
    const columns = [{ name: "hour", type: "INTEGER" }, { name: "origin", type: "VARCHAR" }, { name: "delay", type: "DECIMAL(10,2)" }];
    const option = build(columns, [[5, "JFK", "1.50"], [5, "LGA", null], [6, "JFK", 2]], spec({ x: "hour", y: ["delay"], series: "origin", kind: "AREA", stacked: true }), colors);
    expect(option.series.map((series) => [series.name, series.stack, series.data])).toEqual([["JFK", "all", [[5, 1.5], [6, 2]]], ["LGA", "all", [[5, null]]]]);
  });

  it("names categories in the order of the rows", () => {
    const option = build([{ name: "c", type: "VARCHAR" }, { name: "n", type: "BIGINT" }], [["b", 2], ["a", 1], [null, 3]], spec({ kind: "BAR", x: "c", y: ["n"] }), colors);
    expect(option.xAxis.data).toEqual(["b", "a", "null"]);
  });

  it("does not draw more series than can be told apart", () => {
    const rows = Array.from({ length: 500 }, (_, i) => [1, `s${i}`, i]);
    expect(build([{ name: "x", type: "BIGINT" }, { name: "s", type: "VARCHAR" }, { name: "n", type: "BIGINT" }], rows, spec({ x: "x", y: ["n"], series: "s" }), colors).series).toHaveLength(24);
  });

  it("never makes HTML of values", () => {
    for (const kind of ["LINE", "BAR", "AREA", "SCATTER", "PIE", "HEATMAP"] as const) {
      const option = build([{ name: "c", type: "VARCHAR" }, { name: "n", type: "BIGINT" }], [["<img src=x>", 2]], spec({ kind, x: "c", y: ["n"] }), colors);
      expect(option.tooltip.renderMode).toBe("richText");
    }
  });

  it("says which columns are gone", () => {
    expect(missingColumns(spec({ x: "day", y: ["n", "m"] }), [{ name: "n", type: "BIGINT" }])).toEqual(["day", "m"]);
  });
});

describe("a mark", () => {
  const bars = build([{ name: "c", type: "VARCHAR" }, { name: "n", type: "BIGINT" }], [["b", 2], ["a", 1]], spec({ kind: "BAR", x: "c", y: ["n"] }), colors, "a");
  const days = [{ name: "day", type: "DATE" }, { name: "n", type: "BIGINT" }];
  const line = build(days, [["2013-01-01", 1], ["2013-01-05", 2]], spec({ x: "day", y: ["n"] }), colors);

  it("makes the others pale", () => expect(bars.series[0]!.data).toEqual([{ value: ["b", 2], itemStyle: { opacity: 0.3 } }, { value: ["a", 1] }]));

  it("is the nearest place across, by name or by time", () => {
    expect([nearestX(bars, 0.4), nearestX(bars, 0.6), nearestX(bars, 7)]).toEqual(["b", "a", null]);
    expect(nearestX(line, Date.UTC(2013, 0, 4))).toBe(Date.UTC(2013, 0, 5));
  });

  it("has a series only where the chart is split", () => {
    const split = spec({ kind: "BAR", x: "c", y: ["n"], series: "s" });
    expect(markOf(bars, split, { value: ["a", 1], seriesName: "JFK" })).toEqual({ x: "a", series: "JFK" });
    expect(markOf(bars, { ...split, y: ["n", "m"] }, { value: ["a", 1], seriesName: "JFK m" })).toEqual({ x: "a", series: "JFK" });
    expect(markOf(bars, spec({ kind: "BAR", x: "c", y: ["n"] }), { value: ["a", 1], seriesName: "n" })).toEqual({ x: "a", series: null });
  });

  it("is said in words", () => {
    expect(stopsOf(bars, [], [], spec({ kind: "BAR", x: "c", y: ["n"] })).map((stop) => stop.words)).toEqual(["b: 2", "a: 1"]);
    expect(stopsOf(line, days, [["2013-01-01", 1]], spec({ x: "day", y: ["n"] }))[0]!.words).toBe("2013-01-01: 1");
  });
});
