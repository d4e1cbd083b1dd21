import { describe, expect, it } from "vitest";
import { changesSince } from "@/app/home_changes";

const nothing = { proposals: 0, insights: [], alerts: [], tables: [], failedTasks: [], deadJobs: 0, retryingJobs: 0, failedRuns: [] };
const since = "2026-01-30T12:00:00.000Z";

describe("since yesterday", () => {
  it("says nothing where nothing happened", () => {
    expect(changesSince(since, { ...nothing, alerts: [{ name: "a", state: "OK" }], tables: [{ name: "t", fullName: "lake.main.t", at: "2026-01-30T11:59:59.000Z" }, { name: "u", fullName: "lake.main.u", at: null }], failedTasks: [{ kind: "export", createdAt: "2026-01-29T00:00:00.000Z" }] })).toEqual([]);
  });
  it("begins with what is worst", () => {
    const changes = changesSince(since, {
      proposals: 1, deadJobs: 2, retryingJobs: 1, failedRuns: [{ agent: "winds", at: since }, { agent: "old", at: "2026-01-01T00:00:00.000Z" }], insights: [{ title: "Up", createdAt: "2026-01-31T00:00:00.000Z" }],
      alerts: [{ name: "delays", state: "FIRING" }, { name: "rain", state: "ERROR" }],
      tables: ["a", "b", "c", "d", "d__rejected"].map((name, i) => ({ name, fullName: `lake.main.${name}`, at: `2026-01-31T0${i}:00:00.000Z` })),
      failedTasks: [{ kind: "export", createdAt: since }, { kind: "export", createdAt: since }],
    });
    expect(changes.map(({ text, detail }) => `${text}: ${detail}`)).toEqual([
      "1 alert fires: delays", "1 alert has no value: rain", "2 tasks failed: export", "2 dead jobs: Failed too often, and not tried again by themselves",
      "1 job failed: Tried again by themselves", "1 run of an agent failed: winds", "Rows did not fit 1 table: d",
      "1 proposal waits for a decision: By agents, or by people", "1 new insight: Up", "4 tables have new rows: d, c, b and 1 more"]);
    expect(changes.find((change) => change.key === "misfits")).toMatchObject({ to: "/ingestion", search: { table: "lake.main.d" } });
  });
});
