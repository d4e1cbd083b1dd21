import { expect, it } from "vitest";
import { isNarrowed, readState, scopeWords, shownOf, stateOf, writeState, type KeptScope, type Shown, type ViewState } from "@/features/dashboards/view_state";

const plain: ViewState = { range: null, timeColumn: null, filters: null, values: {}, asOf: null, full: false };
const shown: Shown = { ...plain, range: "all", filters: [] };

it("comes back from an address as it went in", () => {
  const state: ViewState = {
    range: "2013-01-01..2013-02-01", timeColumn: "time_hour", filters: [{ column: "carrier", is: "=", value: "U & A", tile: "t" }, { column: "dest", is: "<>", value: null }],
    values: { origin: "LGA" }, asOf: "2026-01-02T03:04:05.000Z", full: true,
  };
  expect(readState(Object.fromEntries(new URLSearchParams(new URLSearchParams(writeState(state)).toString())))).toEqual(state);
});

it("says nothing of what is as it is by itself", () => expect(writeState(plain)).toEqual({}));

it("takes nothing that is not what it says", () => {
  expect(readState({ range: "soon", filters: "[", values: "[1]", asOf: "yesterday", full: "yes" })).toEqual(shown);
  expect(readState({ values: '{"a":1,"b":"x"}' }).values).toEqual({ b: "x" });
});

it("shows what is kept until its viewer chooses, and says then what differs", () => {
  const kept: KeptScope = { range: "30d", timeColumn: "day", filters: [{ column: "carrier", is: "=", value: "UA" }] };
  expect(shownOf(plain, kept)).toEqual({ ...plain, ...kept });
  expect(stateOf(shownOf(plain, kept), kept)).toEqual(plain);
  const wide = stateOf({ ...shownOf(plain, kept), range: "all", filters: [] }, kept);
  expect(wide).toEqual({ ...plain, range: "all", filters: [] });
  expect(writeState(wide)).toEqual({ range: "all", filters: "[]" });
  expect(shownOf(readState(writeState(wide)), kept)).toMatchObject({ range: "all", filters: [], timeColumn: "day" });
  expect([isNarrowed(wide), isNarrowed(plain)]).toEqual([true, false]);
});

it("says what narrows the tiles", () => {
  const variables = [{ name: "origin", label: "Airport", type: "text", defaultValue: "JFK", options: [] }];
  expect(scopeWords({ ...shown, range: "2013-03-01..2013-04-30", filters: [{ column: "dest", is: "=", value: "LAX" }] }, variables)).toBe("2013-03-01 to 2013-04-30 · Airport: JFK · dest: LAX");
  expect(scopeWords({ ...shown, range: "..2013-04-30" }, [])).toBe("until 2013-04-30");
  expect(scopeWords(shown, [])).toBe("");
});

it("the branch of a staged change is an as-of, other names are none", () => {
  const branch = "staged-0b6f2c1e-7d3a-4a52-9a55-2f0d6a1b8c9d";
  expect(readState({ asOf: branch }).asOf).toBe(branch);
  expect(readState({ asOf: "staged-x" }).asOf).toBeNull();
  expect(readState({ asOf: "main" }).asOf).toBeNull();
});
