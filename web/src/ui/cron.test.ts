import { describe, expect, it } from "vitest";
import { cronText, readCron, writeCron } from "@/ui/cron";

describe("cron", () => {
  it("is said in words", () => {
    expect(["", "5 * * * *", "0 6 * * *", "30 7 * * 1-5", "0 9 * * 7", "15 0 31 * *", "*/5 * * * *", "* * * * *", "0 0,12 * 1 *", "@daily"].map((cron) => cronText(cron, ""))).toEqual([
      "only when told", "every hour, 5 min past", "every day at 06:00 UTC", "Monday to Friday at 07:30 UTC", "every Sunday at 09:00 UTC",
      "on day 31 of every month at 00:15 UTC", "every 5 minutes", "every minute", "0 0,12 * 1 * UTC", "every day at 00:00 UTC"]);
    expect(cronText("0 6 * * *", "Europe/Oslo")).toBe("every day at 06:00 Europe/Oslo");
  });
  it("comes back as it was written", () => {
    for (const cron of ["", "*/15 * * * *", "* * * * *", "5 * * * *", "0 6 * * *", "30 7 * * 1-5", "0 9 * * 3", "15 0 31 * *"]) expect(writeCron(readCron(cron))).toBe(cron);
  });
  it("leaves what it does not know alone", () => {
    for (const cron of ["*/7 * * * *", "60 1 * * *", "0 24 * * *", "0 1 32 * *", "0 1 1 * 1", "0 1 * 2 *", "a b c d e", "0 1 * *"]) expect(readCron(cron).rhythm).toBe("CUSTOM");
  });
});
