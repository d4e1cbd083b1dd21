import { describe, expect, it } from "vitest";
import { formatSql } from "@/features/sql/format_sql";

describe("formatting", () => {
  it("lays a statement out and keeps what it says", () => {
    expect(formatSql("select origin, count(*) as \"Flights\" from lake.main.flights -- all\nwhere carrier = $carrier and origin in ('JFK','it''s') group by all")).toBe(
      "SELECT\n  origin,\n  count(*) AS \"Flights\"\nFROM\n  lake.main.flights -- all\nWHERE\n  carrier = $carrier\n  AND origin IN ('JFK', 'it''s')\nGROUP BY ALL");
  });
  it("gives up on what it cannot read", () => {
    expect(formatSql("SELECT 'open")).toBeNull();
  });
});
