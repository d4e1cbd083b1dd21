import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import type { JobState } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { formatBytes, formatCount, formatShort } from "@/ui/format";
import { Sparkline } from "@/ui/sparkline";

export const JobThroughput = graphql(`
  fragment JobThroughput on JobStats {
    waiting
    scheduled
    retrying
    working
    dead
    enqueued
    processed
    failures
    recentProcessed
    bytes
    logBytes
  }
`);

/** Jobs a second, and how many are in each state; a state leads to its jobs. */
export function Throughput({ stats: masked, state, onState }: { stats: FragmentType<typeof JobThroughput>; state: JobState | null; onState: (state: JobState | undefined) => void }) {
  const stats = readFragment(JobThroughput, masked);
  const recent = stats.recentProcessed;
  const lastMinute = recent.slice(-60).reduce((sum, each) => sum + each, 0);
  const states: readonly [JobState, string, number][] = [
    ["WAITING", t`Waiting`, stats.waiting], ["WORKING", t`Working`, stats.working], ["SCHEDULED", t`Scheduled`, stats.scheduled], ["RETRYING", t`Retrying`, stats.retrying], ["DEAD", t`Dead`, stats.dead],
  ];
  return (
    <section aria-label={t`Throughput`} className="panel grid overflow-hidden md:grid-cols-[15rem_minmax(0,1fr)]">
      <div className="p-4">
        <h2 className="text-sm font-semibold"><Trans>Handled in the last minute</Trans></h2>
        <p className="numeric mt-1 text-2xl font-semibold tracking-tight">{formatCount(lastMinute)}</p>
        <p className="mt-0.5 text-xs text-muted"><Trans>{formatShort(stats.processed)} ever, {formatShort(stats.failures)} failures. {formatBytes(stats.bytes)} in memory, {formatBytes(stats.logBytes)} of log.</Trans></p>
      </div>
      <div className="flex min-w-0 flex-col justify-end border-t border-line md:border-t-0 md:border-l">
        <div className="pt-3"><Sparkline values={recent} label={t`Jobs a second over the last two minutes`} height={52} /></div>
        <div role="group" aria-label={t`Jobs by state`} className="grid grid-cols-5 border-t border-line">
          {states.map(([id, name, count]) => (
            <button key={id} type="button" aria-pressed={state === id} onClick={() => onState(state === id ? undefined : id)}
              className={`min-w-0 px-1.5 py-2 text-left first:pl-4 sm:px-4 transition-colors focus-visible:-outline-offset-2 ${state === id ? "bg-soft" : "hover:bg-hover"}`}>
              <span className="block truncate text-[0.6875rem] text-muted sm:text-xs">{name}</span>
              <span className={`numeric block text-sm font-medium ${id === "DEAD" && count > 0 ? "text-danger" : ""}`}>{formatShort(count)}</span>
            </button>
          ))}
        </div>
      </div>
    </section>
  );
}
