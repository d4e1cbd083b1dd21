import { describe, expect, it } from "vitest";
import { joinable, joinSql, previewSql } from "@/features/connections/join_sql";

const table = (fullName: string, ...names: string[]) => ({ fullName, columns: names.map((name) => ({ name })) });

describe("a connected table", () => {
  it("is joined with what shares a column", () => {
    expect(joinable(table("pg.public.planes", "tailnum", "year"), [table("lake.main.weather", "hour"), table("lake.main.flights", "year", "TailNum"), table("lake.main.years", "year")])).toEqual([
      { table: "lake.main.flights", columns: ["year", "TailNum"] }, { table: "lake.main.years", columns: ["year"] }]);
  });
  it("comes with a statement that is ready", () => {
    expect(previewSql("pg.public.planes")).toBe("SELECT *\nFROM pg.public.planes\nLIMIT 100");
    expect(joinSql("pg.public.planes", "lake.main.flights", 'tail "no"')).toBe('SELECT *\nFROM lake.main.flights\nJOIN pg.public.planes USING ("tail ""no""")\nLIMIT 100');
  });
});
