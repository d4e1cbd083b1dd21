import { describe, expect, it } from "vitest";
import { isEvidenceTag, onBranches, rollForwardCode, rowsBetween, setAside, tagBefore } from "@/features/catalog/snapshot_text";

const snapshot = (id: string, totalRows: number | null, isAncestor: boolean) => ({ id, committedAt: "2026-01-31T12:00:00.000Z", totalRows, isAncestor });

describe("a roll-back", () => {
  it("sets the newest snapshot aside until something is committed on top", () => {
    const [third, second, first] = [snapshot("3", 6, false), snapshot("2", 4, false), snapshot("1", 2, true)];
    expect(setAside([third, second, first], [], "1")).toBe(third);
    expect(setAside([snapshot("4", 3, true), third, second, first], [], "4")).toBeNull();
    expect(setAside([snapshot("3", 6, true), snapshot("2", 4, true)], [], "3")).toBeNull();
    expect(setAside([], [], null)).toBeNull();
  });

  it("is not what a branch is ahead by", () => {
    const onBranch = { ...snapshot("3", 6, false), parentId: "2" };
    const refs = [{ name: "main", kind: "BRANCH", snapshotId: "2" }, { name: "agent", kind: "BRANCH", snapshotId: "3" }, { name: "kept", kind: "TAG", snapshotId: "9" }] as const;
    expect(setAside([onBranch, snapshot("2", 4, true)], refs, "2")).toBeNull();
    expect([...onBranches([onBranch, snapshot("2", 4, true)], refs)]).toEqual(["3", "2"]);
  });

  it("says how many rows go, where snapshots say how many they have", () => {
    expect(rowsBetween(snapshot("3", 6, true), snapshot("1", 2, true))).toBe(-4);
    expect(rowsBetween(snapshot("3", null, true), snapshot("1", 2, true))).toBeNull();
    expect(rowsBetween(undefined, snapshot("1", 2, true))).toBeNull();
  });

  it("names a tag that is not one of pinned evidence", () => {
    const name = tagBefore(new Date(2026, 0, 3, 4, 5, 6));
    expect(name).toBe("before-rollback-2026-01-03-040506");
    expect(isEvidenceTag(name)).toBe(false);
    expect(isEvidenceTag("evidence-0b54")).toBe(true);
  });
});

describe("the way back", () => {
  it("keeps every digit of an id, and holds only where nobody committed meanwhile", () => {
    const code = rollForwardCode("https://firn.example", { catalog: "lake", namespace: "raw.eu", table: "it's" }, "2152992459878121391", "7923383964375180472");
    expect(code).toContain("/iceberg/v1/lake/namespaces/raw%1Feu/tables/it%27s'");
    const body = /-d '(.*)'$/.exec(code)![1]!;
    expect(body).toContain('"ref": "main", "snapshot-id": 2152992459878121391}');
    expect(body).toContain('"snapshot-id": 7923383964375180472}]');
    expect(() => JSON.parse(body)).not.toThrow();
  });
});
