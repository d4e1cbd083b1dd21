import { t } from "@lingui/core/macro";
import { formatCount } from "@/ui/format";

export type Commit = { at: string; table: string; operation: string; addedRows: number | null };

export type Moment = { at: string; what: string };

const say = ({ table, operation, addedRows }: Commit) => `${table.split(".").at(-1)}${addedRows ? t` +${formatCount(addedRows)} rows` : ` ${operation}`}`;

/** Every time at which one of the tables changed, oldest first; commits at the same time are one. */
export function momentsOf(commits: readonly Commit[]): Moment[] {
  const moments = new Map<string, string[]>();
  for (const commit of commits.toSorted((a, b) => a.at.localeCompare(b.at))) moments.set(commit.at, [...(moments.get(commit.at) ?? []), say(commit)]);
  return [...moments].map(([at, what]) => ({ at, what: what.join(", ") }));
}

/** The last one that was there by then; -1 where that was before all of them. */
export function momentAt(moments: readonly Moment[], asOf: string): number {
  const then = Date.parse(asOf);
  return Number.isNaN(then) ? -1 : moments.findLastIndex(({ at }) => Date.parse(at) <= then);
}
