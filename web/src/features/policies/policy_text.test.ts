import { describe, expect, it } from "vitest";
import { countSql, refusal, sights } from "@/features/policies/policy_text";

describe("what roles see", () => {
  it("holds all policies of a role together, and the stricter rule of a column", () => {
    expect(sights([
      { roles: ["VIEWER"], rowFilter: "region = 'north'", columns: [{ column: "seats", rule: "HASHED" }] },
      { roles: ["VIEWER", "EDITOR"], rowFilter: "year > 2000", columns: [{ column: "seats", rule: "HIDDEN" }, { column: "price", rule: "NULLED" }] },
    ])).toEqual([
      { role: "VIEWER", rows: ["region = 'north'", "year > 2000"], columns: [{ column: "seats", rule: "HIDDEN" }, { column: "price", rule: "NULLED" }] },
      { role: "EDITOR", rows: ["year > 2000"], columns: [{ column: "seats", rule: "HIDDEN" }, { column: "price", rule: "NULLED" }] },
    ]);
    expect(sights([])).toEqual([]);
  });
});

describe("a refusal", () => {
  it("is shown where it belongs, without the statement around the filter", () => {
    expect(refusal('the row filter does not work: Referenced column "nope" not found in FROM clause!\nCandidate bindings: "n"\n\nLINE 2: THEN 1 END')).toEqual({
      at: "rowFilter", text: 'the row filter does not work: Referenced column "nope" not found in FROM clause! Candidate bindings: "n"',
    });
    expect(refusal("the table has no column 'zz'").at).toBe("columns");
    expect(refusal("a policy's name has 1 to 100 characters, and no control characters").at).toBe("name");
    expect(refusal("a policy has a row filter or rules for columns").at).toBe("rowFilter");
    expect(refusal("the server is busy").at).toBe("form");
  });
});

describe("counting what a filter leaves", () => {
  it("puts somebody in the caller's place", () => {
    const caller = { id: "person:1", email: "o'neil@example.com", role: "VIEWER" as const };
    expect(countSql("lake.main.t", "owner = caller_email() AND caller_role() = 'viewer' -- mine", caller)).toBe(
      "SELECT count(*) FILTER (WHERE (\nowner = 'o''neil@example.com' AND 'viewer' = 'viewer' -- mine\n)) AS seen, count(*) AS everything\nFROM lake.main.t");
  });
});
