import { describe, expect, it } from "vitest";
import { columnEvents, historyOf, widerTypes } from "@/features/catalog/column_history";

const at = (day: number) => `2026-01-0${day}T00:00:00Z`;
const nothing = { added: [], dropped: [], changed: [] };
const changes = [
  { ...nothing, at: at(1), added: ["price"] },
  { ...nothing, at: at(2), changed: ["price: int, now price: long"], dropped: ["old"] },
  { ...nothing, at: at(3), changed: ["price: long, now cost: long"] },
  { ...nothing, at: at(4), added: ["price"] },
];

describe("what became of columns", () => {
  it("lists every change, newest first, and splits a rename from a new type", () => {
    expect(columnEvents([{ ...nothing, at: at(1), changed: ["price: int, now cost: long"] }])).toEqual([
      { at: at(1), sort: "renamed", column: "cost", detail: "from price" },
      { at: at(1), sort: "changed", column: "cost", detail: "from int to long" },
    ]);
    expect(columnEvents(changes).map((event) => `${event.column} ${event.sort}`)).toEqual(["price added", "cost renamed", "old dropped", "price changed", "price added"]);
  });

  it("follows a column through its names, and keeps another of the same name apart", () => {
    expect(historyOf("cost", changes).map((event) => event.sort)).toEqual(["renamed", "changed", "added"]);
    expect(historyOf("price", changes).map((event) => event.at)).toEqual([at(4)]);
    expect(historyOf("other", changes)).toEqual([]);
  });

  it("reads types with commas, and keeps what it cannot read", () => {
    expect(columnEvents([{ ...nothing, at: at(1), changed: ["d: decimal(4, 2), now d: decimal(9, 2)"] }])[0]!.detail).toBe("from decimal(4, 2) to decimal(9, 2)");
    expect(columnEvents([{ ...nothing, at: at(1), changed: ["odd"] }])).toEqual([{ at: at(1), sort: "changed", column: "odd", detail: "" }]);
  });

  it("offers the types that hold all values of a narrower one", () => {
    expect(widerTypes("int")).toEqual(["long"]);
    expect(widerTypes("decimal(20,2)")).toEqual(["decimal(28,2)", "decimal(38,2)"]);
    expect(widerTypes("string")).toEqual([]);
  });
});
