import type { Place } from "@/features/catalog/append_code";
import type { RefKind } from "@/gql/graphql";

export type Snapshot = { id: string; parentId?: string | null; committedAt: string; totalRows?: number | null; isAncestor: boolean };

export type Ref = { name: string; kind: RefKind; snapshotId: string };

/** Ids of the snapshots that branches other than main stand on, their heads and what is below them. */
export function onBranches(snapshots: readonly Snapshot[], refs: readonly Ref[]): ReadonlySet<string> {
  const known = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const found = new Set<string>();
  for (const ref of refs) {
    if (ref.kind !== "BRANCH" || ref.name === "main") continue;
    for (let at = known.get(ref.snapshotId); at && !found.has(at.id); at = at.parentId ? known.get(at.parentId) : undefined) found.add(at.id);
  }
  return found;
}

/** The newest snapshot outside branches, where the table was rolled back behind it and nothing was committed since. */
export function setAside<S extends Snapshot>(newestFirst: readonly S[], refs: readonly Ref[], current: string | null): S | null {
  const branched = onBranches(newestFirst, refs);
  const newest = newestFirst.find((snapshot) => snapshot.isAncestor || !branched.has(snapshot.id));
  return newest && newest.id !== current && !newest.isAncestor ? newest : null;
}

/** How many rows more (or fewer) the one has than the other; null where a snapshot does not say. */
export const rowsBetween = (from: Snapshot | undefined, to: Snapshot) => (from?.totalRows == null || to.totalRows == null ? null : to.totalRows - from.totalRows);

const two = (n: number) => String(n).padStart(2, "0");

/** A name for the tag that keeps what a roll-back sets aside, after the reader's clock. */
export const tagBefore = (now: Date) =>
  `before-rollback-${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;

/** Tags of pinned evidence: they stay as long as the evidence is pinned. */
export const isEvidenceTag = (name: string) => name.startsWith("evidence-");

/** How any Iceberg client makes a snapshot the present one, if the table did not change meanwhile: here, curl. */
export function rollForwardCode(origin: string, { catalog, namespace, table }: Place, present: string, to: string): string {
  const path = [catalog, "namespaces", namespace.split(".").join("\u001f"), "tables", table].map(encodeURIComponent).join("/");
  // By hand: ids are 64 bits wide, more than a number here has.
  const body = `{"requirements": [{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": ${BigInt(present)}}], "updates": [{"action": "set-snapshot-ref", "ref-name": "main", "type": "branch", "snapshot-id": ${BigInt(to)}}]}`;
  return `curl '${origin}/iceberg/v1/${path.replaceAll("'", "%27")}' \\\n  -H "Authorization: Bearer $FIRN_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
}
