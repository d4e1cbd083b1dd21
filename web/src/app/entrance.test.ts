import { expect, it } from "vitest";
import { safeNext } from "@/app/safe_next";

it("leads only to pages of this app after signing in", () => {
  expect(safeNext("/sql?saved=1")).toBe("/sql?saved=1");
  for (const next of [undefined, "", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"]) expect(safeNext(next)).toBe("/");
});
