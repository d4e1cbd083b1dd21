import { describe, expect, it } from "vitest";
import { apart } from "@/features/catalog/rejected_tables";
import { misfitOf, nameForOld, isJsonObject } from "@/features/catalog/misfit";

describe("a row that did not fit", () => {
  it("names its column and the types", () => {
    expect(misfitOf("column 'n' is long; got text")).toEqual({ column: "n", type: "long", got: "text" });
    expect(misfitOf("column 'it's' is decimal(10,2); got the number 1.555")).toEqual({ column: "it's", type: "decimal(10,2)", got: "the number 1.555" });
    expect(misfitOf("the row is not an object")).toBeNull();
  });

  it("finds a free name for the column that makes way", () => {
    const misfit = { column: "n", type: "decimal(10,2)", got: "text" };
    expect(nameForOld(misfit, ["n"])).toBe("n_decimal_10_2");
    expect(nameForOld(misfit, ["n", "n_decimal_10_2"])).toBe("n_decimal_10_2_2");
  });

  it("can be sent where it is one object", () => {
    expect(isJsonObject('{"n": 12345678901234567890}')).toBe(true);
    for (const row of ["", "[1]", "null", "7", "{"]) expect(isJsonObject(row)).toBe(false);
  });
});

describe("tables of rejected rows", () => {
  const table = (fullName: string, rowCount: number, hotRowCount = 0) => ({ fullName, rowCount, hotRowCount });
  it("stand with the table that they belong to", () => {
    const { tables, rejected } = apart([table("lake.main.a", 5), table("lake.main.a__rejected", 2, 1), table("lake.main.b", 1), table("lake.main.b__rejected", 0), table("lake.main.lone__rejected", 3)]);
    expect(tables.map((each) => each.fullName)).toEqual(["lake.main.a", "lake.main.b", "lake.main.lone__rejected"]);
    expect([...rejected]).toEqual([["lake.main.a", 3]]);
  });
});
