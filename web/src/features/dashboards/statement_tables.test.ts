import { expect, it } from "vitest";
import { fullNameOf, tablesIn } from "@/features/dashboards/statement_tables";

const names = (sql: string) => tablesIn(sql).map(({ parts, aliased, start, end }) => `${fullNameOf(parts)}${aliased ? " aliased" : ""} <${sql.slice(start, end)}>`);

it("finds tables after FROM and JOIN, and whether they have an alias", () => {
  expect(names("SELECT * FROM lake.main.flights WHERE a = 1")).toEqual(["lake.main.flights <lake.main.flights>"]);
  expect(names("SELECT * FROM flights f LEFT JOIN main.weather AS w USING (origin), \"Odd \"\"name\" WHERE 1")).toEqual([
    "lake.main.flights aliased <flights>", "lake.main.weather aliased <main.weather>", "lake.main.odd \"name <\"Odd \"\"name\">"]);
  expect(names("FROM flights SELECT count(*)")).toEqual(["lake.main.flights <flights>"]);
  expect(names("SELECT * FROM x : flights JOIN weather ON a = b, planes")).toEqual(["lake.main.flights aliased <flights>", "lake.main.weather <weather>", "lake.main.planes <planes>"]);
});

it("looks into subqueries and brackets, and keeps AT with its table", () => {
  expect(names("SELECT (SELECT max(a) FROM t) FROM (SELECT * FROM u AT (VERSION => 7)) x, (v JOIN w ON v.a = w.a)")).toEqual([
    "lake.main.t <t>", "lake.main.u <u AT (VERSION => 7)>", "lake.main.v <v>", "lake.main.w <w>"]);
});

it("takes no text, comment, function or name of the statement's own for a table", () => {
  expect(names("SELECT 'FROM a', E'\\' FROM b', $$ FROM c $$, \"FROM d\" -- FROM e\n/* FROM f /* FROM g */ FROM h */ FROM range(3)")).toEqual([]);
  expect(names("WITH part AS (SELECT * FROM base), two(a, b) AS MATERIALIZED (SELECT 1) SELECT * FROM part, two JOIN lake.main.part USING (a)")).toEqual([
    "lake.main.base <base>", "lake.main.part <lake.main.part>"]);
  expect(names("SELECT a IS NOT DISTINCT FROM b, c IS DISTINCT FROM d FROM e")).toEqual(["lake.main.e <e>"]);
  expect(names("SELECT $from, f(x, y) FROM t GROUP BY a, b ORDER BY c, d")).toEqual(["lake.main.t <t>"]);
});

it("comes to an end with whatever it is given", () => {
  for (const odd of ["", "FROM", "FROM (", "'", "/* FROM", "$$", "FROM a.", "FROM a AT (", ")))", "E'\\"]) expect(() => tablesIn(odd)).not.toThrow();
});
