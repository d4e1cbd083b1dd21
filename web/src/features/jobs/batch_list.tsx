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
  if (!data) return <div className="panel p-4"><SkeletonLines label="Loading batches" /></div>;
  if (data.jobBatches.length === 0) return <section className="panel"><Empty icon="folder" title="No batches">Programs push jobs that belong together as a batch; when all are done, its callback is pushed.</Empty></section>;
  return (
    <div className="panel overflow-hidden">
      <ListTable label="Batches" heads={["Batch", "Begun", "State", "Done", { name: "Jobs", right: true }, { name: "Failed", right: true }]}>
        {data.jobBatches.map((batch) => {
          const done = batch.total - batch.pending;
          return (
            <tr key={batch.bid}>
              <Cell><span className="font-medium">{batch.description || "No description"}</span><p className="max-w-52 truncate font-mono text-xs text-muted">{batch.bid}{batch.parentBid && `, in ${batch.parentBid}`}</p></Cell>
              <Cell muted><Ago at={batch.createdAt} /></Cell>
              <Cell>{batch.endedAt ? <Badge tone="ok">done</Badge> : batch.committed ? <Badge tone="ice">under way</Badge> : <Badge>being filled</Badge>}</Cell>
              <Cell className="min-w-32"><ProgressBar percent={batch.total ? Math.round((done / batch.total) * 100) : 0} label={`${batch.description || batch.bid}: done`} /></Cell>
              <Cell right>{formatCount(done)} of {formatCount(batch.total)}</Cell>
              <Cell right muted={!batch.failed}>{formatCount(batch.failed)}</Cell>
            </tr>
          );
        })}
      </ListTable>
    </div>
  );
}
