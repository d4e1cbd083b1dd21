import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { formatCount } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { usePoll } from "@/ui/poll";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { ProgressBar } from "@/ui/work_state";

const JobBatches = graphql(`
  query JobBatches {
    jobBatches(first: 100) {
      bid
      parentBid
      description
      createdAt
      endedAt
      committed
      total
      pending
      failed
    }
  }
`);

/** Jobs that belong together, and how many of them are done. */
export function BatchList() {
  const [{ data, error }, look] = useQuery({ query: JobBatches, requestPolicy: "cache-and-network" });
  usePoll(() => look({ requestPolicy: "network-only" }), 5000);
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />;
  if (!data) return <div className="panel p-4"><SkeletonLines label={t`Loading batches`} /></div>;
  if (data.jobBatches.length === 0) return <section className="panel"><Empty icon="folder" title={t`No batches`}><Trans>Programs push jobs that belong together as a batch; when all are done, its callback is pushed.</Trans></Empty></section>;
  return (
    <div className="panel overflow-hidden">
      <ListTable label={t`Batches`} heads={[t`Batch`, t`Begun`, t`State`, t`Done`, { name: t`Jobs`, right: true }, { name: t`Failed`, right: true }]}>
        {data.jobBatches.map((batch) => {
          const done = batch.total - batch.pending;
          return (
            <tr key={batch.bid}>
              <Cell><span className="font-medium">{batch.description || t`No description`}</span><p className="max-w-52 truncate font-mono text-xs text-muted">{batch.bid}{batch.parentBid && t`, in ${batch.parentBid}`}</p></Cell>
              <Cell muted><Ago at={batch.createdAt} /></Cell>
              <Cell>{batch.endedAt ? <Badge tone="ok"><Trans>done</Trans></Badge> : batch.committed ? <Badge tone="ice"><Trans>under way</Trans></Badge> : <Badge><Trans>being filled</Trans></Badge>}</Cell>
              <Cell className="min-w-32"><ProgressBar percent={batch.total ? Math.round((done / batch.total) * 100) : 0} label={t`${batch.description || batch.bid}: done`} /></Cell>
              <Cell right><Trans>{formatCount(done)} of {formatCount(batch.total)}</Trans></Cell>
              <Cell right muted={!batch.failed}>{formatCount(batch.failed)}</Cell>
            </tr>
          );
        })}
      </ListTable>
    </div>
  );
}
