import { expect, it } from "vitest";
import { choosable, choosableColumns, choose, filtersAt, filtersOfCell, readFilters, undoChoice, wordsOf, type Filter } from "@/features/dashboards/filters";
import type { ChartSpec } from "@/ui/chart/chart_spec";

const ua: Filter = { column: "carrier", is: "=", value: "UA" };
const spec = (fields: Partial<ChartSpec>): ChartSpec => ({ kind: "BAR", x: "carrier", y: ["n"], series: null, stacked: false, ...fields });
const tables = [{ id: "t", fullName: "lake.main.flights", columns: [{ name: "carrier", type: "string" }, { name: "day", type: "long" }, { name: "time_hour", type: "timestamptz" }] }];

it("takes what an address says only where it is a filter", () => {
  const given = [ua, { column: "x" }, { column: "", is: "=", value: "" }, { column: "a", is: "; DROP", value: "" }, { column: "a", is: "=", value: { b: 1 } }, null, 7];
  expect(readFilters(JSON.stringify(given))).toEqual([ua]);
  expect([readFilters("{"), readFilters('{"a":1}'), readFilters(undefined)]).toEqual([[], [], []]);
});

it("lets a tile choose once, and the same again undo it", () => {
  const once = choose([ua], "t", [{ column: "origin", is: "=", value: "JFK" }]);
  expect(once).toEqual([ua, { column: "origin", is: "=", value: "JFK", tile: "t" }]);
  expect(choose(once, "t", [{ column: "origin", is: "=", value: "LGA" }])).toHaveLength(2);
  expect(choose(once, "t", [{ column: "origin", is: "=", value: "JFK" }])).toEqual([ua]);
  expect(undoChoice(once)).toEqual([ua]);
  expect(undoChoice([ua])).toEqual([ua]);
});

it("can choose by columns that tables have, of the same kind", () => {
  const columns = [{ name: "carrier", type: "VARCHAR" }, { name: "day", type: "DATE" }, { name: "n", type: "BIGINT" }];
  expect(choosable(spec({}), columns, tables, "time_hour")).toEqual({ x: "carrier", series: null, time: false });
  expect(choosable(spec({ x: "n" }), columns, tables, null).x).toBeNull();
  expect(choosable(spec({ x: "day", series: "carrier" }), columns, tables, "time_hour")).toEqual({ x: "time_hour", series: "carrier", time: true });
});

it("makes filters of a mark: a name, no name, a span of time", () => {
  const columns = [{ name: "carrier", type: "VARCHAR" }, { name: "n", type: "BIGINT" }];
  const can = { x: "carrier", series: null, time: false };
  expect(filtersAt(spec({}), columns, [["UA", 1], [null, 2]], can, { x: "UA", series: null })).toEqual([ua]);
  expect(filtersAt(spec({}), columns, [["UA", 1], [null, 2]], can, { x: "null", series: null })).toEqual([{ ...ua, value: null }]);
  const days = [{ name: "day", type: "DATE" }, { name: "n", type: "BIGINT" }];
  const rows = [["2013-01-01", 1], ["2013-01-02", 1], ["2013-01-05", 1]];
  const within = (x: number) => filtersAt(spec({ x: "day" }), days, rows, { x: "time_hour", series: null, time: true }, { x, series: null })[0]!;
  expect(within(Date.UTC(2013, 0, 1)).value).toBe("2013-01-01T00:00:00.000Z/2013-01-02T00:00:00.000Z");
  expect(within(Date.UTC(2013, 0, 5)).value).toBe("2013-01-05T00:00:00.000Z/2013-01-06T00:00:00.000Z");
  expect(wordsOf(within(Date.UTC(2013, 0, 1)))).toBe("time_hour: 2013-01-01");
});

it("makes filters of a table's cells: of columns that tables have, and of times", () => {
  const columns = [{ name: "carrier", type: "VARCHAR" }, { name: "day", type: "DATE" }, { name: "n", type: "BIGINT" }];
  const rows = [["UA", "2013-01-01", 1], [null, "2013-01-02", 2]];
  expect([...choosableColumns(columns, tables, "time_hour")]).toEqual([["carrier", "carrier"], ["day", "time_hour"]]);
  expect([...choosableColumns(columns, tables, null)]).toEqual([["carrier", "carrier"]]);
  const cell = (column: string, value: unknown) => filtersOfCell(columns, rows, tables, "time_hour", column, value);
  expect(cell("carrier", "UA")).toEqual([ua]);
  expect(cell("carrier", null)).toEqual([{ ...ua, value: null }]);
  expect(cell("day", "2013-01-02")[0]!.value).toBe("2013-01-02T00:00:00.000Z/2013-01-03T00:00:00.000Z");
  expect(cell("n", 1)).toEqual([]);
});
