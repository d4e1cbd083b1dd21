import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import type { WorkerState } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { formatBytes } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { usePoll } from "@/ui/poll";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";

const JobWorkers = graphql(`
  query JobWorkers {
    jobWorkers {
      wid
      hostname
      pid
      labels
      startedAt
      beatAt
      residentKilobytes
      state
      connections
    }
  }
`);

const StopJobWorker = graphql(`
  mutation StopJobWorker($wid: String!, $terminate: Boolean!) {
    stopJobWorker(wid: $wid, terminate: $terminate)
  }
`);

const tones: Record<WorkerState, "ok" | "warn" | "danger"> = { RUNNING: "ok", QUIET: "warn", TERMINATING: "danger" };

/** Who works, and since when nothing was heard of them. */
export function WorkerList() {
  const [{ data, error }, look] = useQuery({ query: JobWorkers, requestPolicy: "cache-and-network" });
  const [, stop] = useMutation(StopJobWorker);
  const [ending, setEnding] = useState<{ wid: string; hostname: string } | null>(null);
  usePoll(() => look({ requestPolicy: "network-only" }), 5000);
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />;
  if (!data) return <div className="panel p-4"><SkeletonLines label={t`Loading workers`} /></div>;
  if (data.jobWorkers.length === 0) return <section className="panel"><Empty icon="jobs" title={t`Nobody works`}><Trans>Programs that fetch jobs with a Faktory library are listed here.</Trans></Empty></section>;
  const order = async (wid: string, terminate: boolean) => {
    tell(await stop({ wid, terminate }), terminate ? t`It was told to end` : t`It takes no more jobs`);
    look({ requestPolicy: "network-only" });
  };
  return (
    <div className="panel overflow-hidden">
      <ListTable label={t`Workers`} heads={[t`Worker`, t`State`, t`Started`, t`Last heard of`, { name: t`Memory`, right: true }, { name: t`Connections`, right: true }, { name: t`Actions`, right: true, hidden: true }]}>
        {data.jobWorkers.map((worker) => (
          <tr key={worker.wid}>
            <Cell>
              <span className="flex flex-wrap items-center gap-1.5 font-medium">{worker.hostname} <span className="font-normal text-muted">{worker.pid}</span>{worker.labels.map((label) => <Badge key={label}>{label}</Badge>)}</span>
              <p className="max-w-60 truncate font-mono text-xs text-muted" title={worker.wid}>{worker.wid}</p>
            </Cell>
            <Cell><Badge tone={tones[worker.state]}>{worker.state.toLowerCase()}</Badge></Cell>
            <Cell muted><Ago at={worker.startedAt} /></Cell>
            <Cell muted><Ago at={worker.beatAt} /></Cell>
            <Cell right muted>{worker.residentKilobytes ? formatBytes(worker.residentKilobytes * 1024) : "–"}</Cell>
            <Cell right>{worker.connections}</Cell>
            <Cell right>
              <span className="inline-flex gap-1">
                {worker.state === "RUNNING" && <Button small onClick={() => void order(worker.wid, false)}><Trans>Quiet</Trans></Button>}
                {worker.state !== "TERMINATING" && <Button small kind="danger" onClick={() => setEnding(worker)}><Trans>End</Trans></Button>}
              </span>
            </Cell>
          </tr>
        ))}
      </ListTable>
      {ending && (
        <Confirm title={t`End ${ending.hostname}?`} action={t`End it`} onClose={() => setEnding(null)} onConfirm={() => order(ending.wid, true)}>
          <p><Trans>It is told to finish what it has and to leave. Firn’s own worker begins again with the server only.</Trans></p>
        </Confirm>
      )}
    </div>
  );
}
