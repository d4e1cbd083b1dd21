import { describe, expect, it } from "vitest";
import { formatAgo, formatBytes, formatDuration, formatShort } from "@/ui/format";

describe("formats", () => {
  it("bytes", () => {
    expect([0, 999, 1000, 19_233, 999_600, 7_409_072, 81e9].map(formatBytes)).toEqual(["0 B", "999 B", "1.0 kB", "19.2 kB", "1.0 MB", "7.4 MB", "81.0 GB"]);
  });
  it("durations", () => {
    expect([0.2, 12.4, 1234, 61_000, 600_000, 7_260_000, 7_200_000].map(formatDuration)).toEqual(["< 1 ms", "12 ms", "1.23 s", "1 min 1 s", "10 min", "2 h 1 min", "2 h"]);
  });
  it("how long ago", () => {
    const now = Date.parse("2026-01-31T12:00:00Z");
    expect(formatAgo("2026-01-31T11:59:58Z", now)).toBe("just now");
    expect(formatAgo("2026-01-31T11:18:00Z", now)).toBe("42 min ago");
    expect(formatAgo("2026-01-30T11:00:00Z", now)).toBe("1 day ago");
    expect(formatAgo("2025-11-01T12:00:00Z", now)).toBe("Nov 1, 2025");
    expect(formatAgo("2026-02-07T12:00:00Z", now)).toBe("in 7 days");
  });
  it("counts", () => {
    expect(formatShort(9999)).toBe("9,999");
    expect(formatShort(336_776)).toBe("336.8K");
  });
});
