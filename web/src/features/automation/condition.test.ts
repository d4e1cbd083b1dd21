import { describe, expect, it } from "vitest";
import { sayCondition, thresholdToKeep } from "@/features/automation/condition";

describe("an alert's condition", () => {
  it("is said in words", () => {
    expect([sayCondition("ABOVE", 30, null), sayCondition("BELOW", 0.5, undefined), sayCondition("CHANGE_ABOVE", 10, 60), sayCondition("CHANGE_BELOW", -20, 1440), sayCondition("CHANGE_BELOW", 5, 90)]).toEqual([
      "is above 30", "is below 0.5", "has risen by more than 10 % in 1 h", "has fallen by more than 20 % in 1 d", "has changed by less than 5 % in 90 min"]);
  });
  it("keeps a fall as a negative change", () => {
    expect([thresholdToKeep("CHANGE_BELOW", 20), thresholdToKeep("CHANGE_BELOW", thresholdToKeep("CHANGE_BELOW", 20)), thresholdToKeep("BELOW", 3)]).toEqual([-20, 20, 3]);
  });
});
