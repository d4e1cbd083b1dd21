import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { formatCount, formatShort } from "@/ui/format";
import { Sparkline } from "@/ui/sparkline";

export const IngestionRate = graphql(`
  fragment IngestionRate on Ingestion {
    rowsAppended
    rowsRejected
    hotRows
    rowsPerSecond
    recentRows
  }
`);

export function IngestionPanel({ ingestion }: { ingestion: FragmentType<typeof IngestionRate> }) {
  const now = readFragment(IngestionRate, ingestion);
  const rate = now.rowsPerSecond < 10 ? Math.round(now.rowsPerSecond * 10) / 10 : Math.round(now.rowsPerSecond);
  const facts = [
    [t`Rows since start`, formatShort(now.rowsAppended)],
    [t`Rejected`, formatShort(now.rowsRejected)],
    [t`Waiting for a commit`, formatShort(now.hotRows)],
    [t`Busiest second`, formatShort(Math.max(0, ...now.recentRows))],
  ];
  return (
    <section aria-label={t`Ingestion`} className="panel grid overflow-hidden md:grid-cols-[15rem_1fr]">
      <div className="p-4">
        <h2 className="text-sm font-semibold"><Trans>Rows coming in</Trans></h2>
        <p className="numeric mt-1 text-2xl font-semibold tracking-tight">{formatCount(rate)} <span className="text-sm font-normal text-muted"><Trans>a second</Trans></span></p>
        <p className="mt-0.5 text-xs text-muted">
          {now.rowsRejected > 0 ? t`Rejected rows are kept beside their tables` : t`On average, over the last minute`}
        </p>
      </div>
      <div className="flex min-w-0 flex-col justify-end border-t border-line md:border-t-0 md:border-l">
        <div className="pt-3"><Sparkline values={now.recentRows} label={t`Rows a second over the last two minutes`} height={52} /></div>
        <dl className="grid grid-cols-2 border-t border-line sm:grid-cols-4">
          {facts.map(([name, value]) => (
            <div key={name} className="px-4 py-2">
              <dt className="text-xs text-muted">{name}</dt>
              <dd className="numeric text-sm font-medium">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}
