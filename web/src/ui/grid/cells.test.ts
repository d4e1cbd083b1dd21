import { describe, expect, it } from "vitest";
import { asRows, cellText, columnWidths, formatCell, isNumeric, nextSort, sortRows } from "@/ui/grid/cells";

const columns = [{ name: "carrier", type: "VARCHAR" }, { name: "flights", type: "BIGINT" }];

describe("cells", () => {
  it("show values as they are, and nothing for null", () => {
    expect(cellText(null)).toBe("");
    expect(cellText(0)).toBe("0");
    expect(cellText(false)).toBe("false");
    expect(cellText({ a: [1, null] })).toBe('{"a":[1,null]}');
    expect(cellText("<b>x</b>")).toBe("<b>x</b>");
  });

  it("show moments in UTC as people read them, and nothing else changed", () => {
    expect(formatCell("2013-01-02T05:00:00+00:00", "TIMESTAMP WITH TIME ZONE")).toBe("2013-01-02 05:00:00Z");
    expect(formatCell("2013-01-02T05:00:00.123456", "TIMESTAMP")).toBe("2013-01-02 05:00:00.123456");
    expect(formatCell("2013-01-02T05:00:00+02:00", "TIMESTAMP WITH TIME ZONE")).toBe("2013-01-02T05:00:00+02:00");
    expect(formatCell("2013-01-02T05:00:00+00:00", "VARCHAR")).toBe("2013-01-02T05:00:00+00:00");
  });

  it("know DuckDB's and Iceberg's numbers", () => {
    for (const type of ["BIGINT", "UINTEGER", "DECIMAL(10,2)", "DOUBLE", "long", "decimal(38, 9)"]) expect(isNumeric(type)).toBe(true);
    for (const type of ["VARCHAR", "INTERVAL", "BIGINT[]", "STRUCT(a INTEGER)", "DATE"]) expect(isNumeric(type)).toBe(false);
  });

  it("take nothing but arrays of arrays for rows", () => {
    expect(asRows([[1], "x", null, [2]])).toEqual([[1], [2]]);
    expect(asRows({ rows: [] })).toEqual([]);
    expect(asRows(null)).toEqual([]);
  });

  it("have widths within reason", () => {
    const [short, long] = columnWidths([{ name: "a", type: "INTEGER" }, { name: "b", type: "VARCHAR" }], [[1, "x".repeat(4000)]]);
    expect(short).toBeGreaterThanOrEqual(72);
    expect(long).toBe(380);
  });
});

describe("sorting", () => {
  const rows = [["UA", 10], ["AA", null], ["B6", 9], ["UA", 100]];

  it("compares numbers as numbers, nulls last both ways", () => {
    expect(sortRows(rows, { column: 1, descending: false }, columns).map((row) => row[1])).toEqual([9, 10, 100, null]);
    expect(sortRows(rows, { column: 1, descending: true }, columns).map((row) => row[1])).toEqual([100, 10, 9, null]);
  });

  it("leaves equal rows in their order, and the rows it was given alone", () => {
    expect(sortRows(rows, { column: 0, descending: false }, columns).filter((row) => row[0] === "UA")).toEqual([["UA", 10], ["UA", 100]]);
    expect(rows[0]).toEqual(["UA", 10]);
  });

  it("goes up, down, and back to how the rows came", () => {
    const up = nextSort(null, 1);
    expect(up).toEqual({ column: 1, descending: false });
    const down = nextSort(up, 1);
    expect(down).toEqual({ column: 1, descending: true });
    expect(nextSort(down, 1)).toBeNull();
    expect(nextSort(down, 0)).toEqual({ column: 0, descending: false });
  });
});
