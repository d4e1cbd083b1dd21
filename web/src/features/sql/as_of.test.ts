import { describe, expect, it } from "vitest";
import { momentAt, momentsOf } from "@/features/sql/as_of";

const commit = (at: string, table: string, addedRows: number | null, operation = "append") => ({ at: `2026-01-${at}T00:00:00.000Z`, table, operation, addedRows });

describe("as of", () => {
  const moments = momentsOf([commit("03", "lake.main.a", 1200), commit("01", "lake.main.a", 5), commit("03", "lake.main.b", null, "delete")]);
  it("has a moment for every commit of the tables, in order", () => {
    expect(moments).toEqual([{ at: "2026-01-01T00:00:00.000Z", what: "a +5 rows" }, { at: "2026-01-03T00:00:00.000Z", what: "a +1,200 rows, b delete" }]);
  });
  it("finds the commit that held then", () => {
    expect(["2026-01-02T00:00:00Z", "2026-01-03T00:00:00.000Z", "2025-12-31T00:00:00Z", "8123719237123"].map((at) => momentAt(moments, at))).toEqual([0, 1, -1, -1]);
  });
});
