import { expect, it } from "vitest";
import { noteOf, pastOf } from "@/features/insights/insight_rows";

const table = (fullName: string, snapshotId: string | null, fields: { connection?: string; hotRows?: number } = {}) => ({ fullName, snapshotId, connection: fields.connection ?? null, hotRows: fields.hotRows ?? 0 });
const at = "2026-01-02T03:04:05.000Z";

it("asks one table by its snapshot, several by the moment, and a customer's database of now", () => {
  expect(pastOf([table("a", "1")], at)).toBe("1");
  expect(pastOf([table("a", "1"), table("b", "2")], at)).toBe(at);
  expect(pastOf([table("a", "1"), table("pg.b", null, { connection: "pg" })], at)).toBeNull();
  expect(pastOf([table("a", null)], at)).toBeNull();
  expect(pastOf([], at)).toBeNull();
});

it("says where other data was read than the insight was found in", () => {
  expect(noteOf([table("a", "1")], [{ fullName: "a", snapshotId: "1" }], "1")).toBeNull();
  expect(noteOf([table("a", "1")], [{ fullName: "a", snapshotId: "2" }], at)).toMatch(/another snapshot/);
  expect(noteOf([table("a", "1", { hotRows: 3 })], [{ fullName: "a", snapshotId: "1" }], "1")).toMatch(/committed then/);
  expect(noteOf([table("pg.b", null)], [], null)).toMatch(/data of now/);
  expect(noteOf([], [], null)).toBeNull();
});
