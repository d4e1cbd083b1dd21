import { afterAll, beforeAll, expect, it } from "vitest";
import { boundsOf, daysOf, dayOf, readRange } from "@/features/dashboards/time_range";

const zone = process.env.TZ;
beforeAll(() => { process.env.TZ = "America/New_York"; });
afterAll(() => { process.env.TZ = zone; });

const now = new Date("2026-03-10T02:30:00Z"); // the evening of the 9th in New York
const from = (range: string) => boundsOf(range, now).from?.toISOString();

it("counts days and months in the viewer's zone, over a change of the clocks too", () => {
  expect(from("24h")).toBe("2026-03-09T02:30:00.000Z");
  expect(from("7d")).toBe("2026-03-02T05:00:00.000Z");
  expect(from("month")).toBe("2026-03-01T05:00:00.000Z");
  expect(from("year")).toBe("2026-01-01T05:00:00.000Z");
  expect(boundsOf("2026-03-08..2026-03-08", now)).toEqual({ from: new Date("2026-03-08T05:00:00Z"), to: new Date("2026-03-09T04:00:00Z") });
  expect(dayOf(now)).toBe("2026-03-09");
});

it("has open ends", () => {
  expect(boundsOf("all", now)).toEqual({ from: null, to: null });
  expect(boundsOf("..2013-01-31", now).from).toBeNull();
  expect(daysOf("2013-01-01..")).toEqual({ from: "2013-01-01", to: "" });
});

it("takes what an address says only where it is a range", () => {
  expect(["7d", "2013-01-01..2013-02-01", "..", "'; DROP", "2013", undefined].map(readRange)).toEqual(["7d", "2013-01-01..2013-02-01", "..", "all", "all", "all"]);
});
