import { expect, it } from "vitest";
import type { Filter } from "@/features/dashboards/filters";
import { scopeStatement } from "@/features/dashboards/scope";

const flights = { id: "t", fullName: "lake.main.flights", columns: [{ name: "carrier", type: "string" }, { name: "month", type: "long" }, { name: "time_hour", type: "timestamptz" }, { name: "late", type: "boolean" }, { name: "tags", type: "list<string>" }] };
const days = { id: "t", fullName: "lake.main.days", columns: [{ name: "time_hour", type: "date" }, { name: "note", type: "string" }] };
const open = { from: null, to: null };
const scope = (statement: string, filters: readonly Filter[], bounds: { from: Date | null; to: Date | null } = open, tables = [flights, days]) =>
  scopeStatement(statement, tables, { bounds, timeColumn: "time_hour", filters });

it("leaves a statement alone that nothing narrows", () => {
  expect(scope("SELECT 1 FROM lake.main.flights", [])).toEqual({ statement: "SELECT 1 FROM lake.main.flights", parameters: {}, apart: [] });
});

it("reads the tables that have the column through a subquery, under the name that the statement uses", () => {
  expect(scope("SELECT flights.carrier FROM lake.main.flights WHERE x JOIN main.flights f", [{ column: "Carrier", is: "=", value: "UA'; --" }])).toEqual({
    statement: 'SELECT flights.carrier FROM (SELECT * FROM lake.main.flights WHERE "carrier" = $firn_1) AS "flights" WHERE x JOIN (SELECT * FROM main.flights WHERE "carrier" = $firn_2) f',
    parameters: { firn_1: "UA'; --", firn_2: "UA'; --" }, apart: [],
  });
});

it("asks for times in the column's own type", () => {
  const bounds = { from: new Date("2013-02-01T05:00:00Z"), to: new Date("2013-03-01T05:00:00Z") };
  expect(scope("FROM flights", [], bounds)).toMatchObject({
    statement: 'FROM (SELECT * FROM flights WHERE "time_hour" >= CAST($firn_1 AS TIMESTAMPTZ) AND "time_hour" < CAST($firn_2 AS TIMESTAMPTZ)) AS "flights"',
    parameters: { firn_1: "2013-02-01T05:00:00.000Z", firn_2: "2013-03-01T05:00:00.000Z" },
  });
  const plain = { id: "t", fullName: "lake.main.flights", columns: [{ name: "time_hour", type: "timestamp" }] };
  expect(scope("FROM flights", [], { ...bounds, to: null }, [plain]).parameters).toEqual({ firn_1: "2013-02-01T05:00:00.000" });
});

it("means days of the result by days of a result", () => {
  const chosen: Filter = { column: "time_hour", is: "within", value: "2013-02-01T00:00:00.000Z/2013-02-02T00:00:00.000Z", tile: "a" };
  expect(scope("FROM days", [chosen])).toMatchObject({
    statement: 'FROM (SELECT * FROM days WHERE "time_hour" >= CAST($firn_1 AS DATE) AND "time_hour" < CAST($firn_2 AS DATE)) AS "days"',
    parameters: { firn_1: "2013-02-01", firn_2: "2013-02-02" },
  });
  const part: Filter = { ...chosen, value: "2013-02-01T05:00:00.000Z/2013-02-01T06:00:00.000Z" };
  expect(scope("FROM days", [part]).parameters).toEqual({ firn_1: "2013-02-01", firn_2: "2013-02-02" });
});

it("says what does not reach a statement", () => {
  expect(scope("SELECT 1", [{ column: "carrier", is: "=", value: "UA" }], { from: new Date(), to: null }).apart).toEqual(["time range", "carrier"]);
  expect(scope("FROM flights", [{ column: "month", is: "=", value: "May" }, { column: "late", is: "=", value: "perhaps" }, { column: "tags", is: "contains", value: "a" }]).apart).toEqual(["month", "late", "tags"]);
});

it("compares numbers as numbers, exactly, and finds what is empty", () => {
  expect(scope("FROM flights", [{ column: "month", is: ">=", value: "2" }]).parameters).toEqual({ firn_1: 2 });
  expect(scope("FROM flights", [{ column: "month", is: "=", value: "9007199254740993" }]).parameters).toEqual({ firn_1: "9007199254740993" });
  expect(scope("FROM flights", [{ column: "carrier", is: "=", value: null }]).statement).toContain('"carrier" IS NULL');
  expect(scope("FROM flights", [{ column: "carrier", is: "<>", value: "UA" }]).statement).toContain('"carrier" IS DISTINCT FROM $firn_1');
});
