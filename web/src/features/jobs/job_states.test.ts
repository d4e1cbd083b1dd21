import { describe, expect, it } from "vitest";
import { failureLine, globOf, isJobState } from "@/features/jobs/job_states";

describe("jobs", () => {
  it("are looked for by words or by a glob", () => {
    expect(["", "mail", "*mail*42*"].map(globOf)).toEqual([null, "*mail*", "*mail*42*"]);
  });
  it("say why they failed, as far as that is known", () => {
    expect([null, "x", {}, { errtype: "Timeout" }, { errtype: "Timeout", message: "no answer", backtrace: [] }].map(failureLine)).toEqual(["", "", "", "Timeout", "Timeout: no answer"]);
  });
  it("have states that an address may name", () => {
    expect([isJobState("DEAD"), isJobState("dead"), isJobState(undefined)]).toEqual([true, false, false]);
  });
});
