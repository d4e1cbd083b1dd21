import { describe, expect, it } from "vitest";
import { blankQuestion, groupable, measurable, questionSql, readQuestion, type Question } from "@/features/sql/question";

const columns = [{ name: "origin", type: "string" }, { name: "order", type: "long" }, { name: "dep delay", type: "double" }, { name: "at", type: "timestamptz" }, { name: "late", type: "boolean" }, { name: "tags", type: "list<string>" }];
const ask = (fields: Partial<Question>) => questionSql({ ...blankQuestion, table: "lake.main.flights", ...fields }, columns);

describe("a question", () => {
  it("counts rows where nothing else is said", () => {
    expect(ask({})).toBe("SELECT count(*) AS rows\nFROM lake.main.flights");
    expect([questionSql(blankQuestion, columns), ask({ measures: [] }), questionSql({ ...blankQuestion, table: "t" }, [])]).toEqual([null, null, null]);
  });
  it("goes through time in order, else what is greatest first", () => {
    expect(ask({ measures: [{ how: "avg", column: "dep delay" }], dimensions: [{ column: "at", grain: "month" }, { column: "origin", grain: null }] })).toBe(
      `SELECT\n  date_trunc('month', at) AS month,\n  origin,\n  round(avg("dep delay"), 2) AS "avg_dep delay"\nFROM lake.main.flights\nGROUP BY ALL\nORDER BY 1\nLIMIT 1000`);
    expect(ask({ measures: [{ how: "distinct", column: "order" }], dimensions: [{ column: "origin", grain: null }] })).toContain(`count(DISTINCT "order") AS different_order\nFROM lake.main.flights\nGROUP BY ALL\nORDER BY 2 DESC`);
  });
  it("escapes what is written, and leaves out what is not finished", () => {
    const where = (filters: Question["filters"]) => ask({ filters })?.split("\n").slice(2).join(" ");
    expect(where([{ column: "origin", is: "=", value: "O'Hare; DROP TABLE x" }])).toBe("WHERE origin = 'O''Hare; DROP TABLE x'");
    expect(where([{ column: "dep delay", is: ">", value: "15" }, { column: "order", is: "<", value: "1 OR 1=1" }, { column: "late", is: "=", value: "TRUE" }])).toBe(`WHERE "dep delay" > 15   AND late = true`);
    expect(where([{ column: "origin", is: "contains", value: "J%'" }, { column: "at", is: "filled", value: "" }])).toBe("WHERE contains(lower(origin::VARCHAR), 'j%''')   AND at IS NOT NULL");
    expect(where([{ column: "missing", is: "=", value: "1" }, { column: "origin", is: "=", value: "" }])).toBe("");
  });
  it("has each measure once", () => {
    expect(ask({ measures: [{ how: "sum", column: "order" }, { how: "sum", column: "order" }, { how: "sum", column: null }] })).toBe('SELECT sum("order") AS sum_order\nFROM lake.main.flights');
  });
  it("offers columns by what can be done with them", () => {
    const names = (list: readonly { name: string }[]) => list.map((column) => column.name);
    expect(names(measurable("sum", columns))).toEqual(["order", "dep delay"]);
    expect(names(measurable("max", columns))).toEqual(["order", "dep delay", "at"]);
    expect(names(groupable(columns))).not.toContain("tags");
  });
  it("comes from an address that anybody may have written", () => {
    const question: Question = { table: "lake.main.flights", measures: [{ how: "sum", column: "order" }], dimensions: [{ column: "at", grain: "day" }], filters: [{ column: "origin", is: "=", value: "JFK" }], limit: 1000 };
    expect(readQuestion(JSON.stringify(question))).toEqual(question);
    expect(["", "{", "null", "[]", '{"table":1,"measures":[{"how":"drop"}],"dimensions":[{"column":"at","grain":"x\'"}],"filters":[null]}'].map((text) => readQuestion(text))).toEqual([
      blankQuestion, blankQuestion, blankQuestion, { ...blankQuestion, measures: [] }, { ...blankQuestion, measures: [], dimensions: [{ column: "at", grain: null }] }]);
  });
});
