import { expect, it } from "vitest";
import { healthOf } from "@/features/catalog/table_health";

it("warns of many small files, and of nothing else", () => {
  expect(healthOf({ fileCount: 0, sizeBytes: 0 }).tone).toBe("ok");
  expect(healthOf({ fileCount: 32, sizeBytes: 32_000 }).tone).toBe("ok");
  expect(healthOf({ fileCount: 33, sizeBytes: 33_000 })).toEqual({ tone: "warn", text: expect.stringContaining("small files") as string });
  expect(healthOf({ fileCount: 400, sizeBytes: 400 * 64e6 }).tone).toBe("ok");
});
