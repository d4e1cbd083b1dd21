import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect } from "react";
import { useQuery, useSubscription } from "urql";
import { JobMoment, JobStateBadge } from "@/features/jobs/job_states";
import type { JobAction } from "@/features/jobs/use_job_actions";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/copy";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { Facts } from "@/ui/facts";
import { Ago } from "@/ui/moment";
import { Empty, Failed, SkeletonLines } from "@/ui/states";
import { ProgressBar } from "@/ui/work_state";

const JobById = graphql(`
  query JobById($id: ID!) {
    job(id: $id) {
      id
      jid
      queue
      type
      state
      args
      custom
      enqueuedAt
      at
      workerId
      failures
      failure
    }
  }
`);

const JobProgressed = graphql(`
  subscription JobProgressed($id: ID!) {
    jobProgressed(id: $id) {
      jid
      state
      percent
      description
      updatedAt
    }
  }
`);

/** On one line where that is read at a glance. */
const json = (value: unknown) => {
  const line = JSON.stringify(value);
  return line.length < 72 ? line : JSON.stringify(value, null, 2);
};

/** All about one job, live while it is not done. */
export function JobDialog({ id, onAction, onClose }: { id: string; onAction: (action: JobAction) => void; onClose: () => void }) {
  const [{ data, error }, look] = useQuery({ query: JobById, variables: { id }, requestPolicy: "network-only" });
  const [{ data: live }] = useSubscription({ query: JobProgressed, variables: { id } });
  const progress = live?.jobProgressed;
  const job = data?.job;
  // Another state has other facts: who has it, when it is due, what went wrong.
  const state = progress?.state;
  useEffect(() => {
    if (state) look({ requestPolicy: "network-only" });
  }, [state, look]);
  return (
    <Dialog title={job ? job.type : t`Job`} onClose={onClose} wide>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <SkeletonLines label={t`Loading the job`} lines={6} />}
      {data && !job && <Empty icon="check" title={t`This job is over`}><Trans>It was done or discarded; only jobs that are not done yet are kept.</Trans></Empty>}
      {job && (
        <div className="grid gap-4 [&>*]:min-w-0">
          <Facts strong={false} across={3} facts={[
            [t`State`, <JobStateBadge key="s" state={job.state} />],
            [t`Queue`, job.queue],
            [t`Failed`, job.failures === 0 ? "never" : job.failures === 1 ? "once" : t`${job.failures} times`],
            [t`Pushed`, job.enqueuedAt ? <Ago key="e" at={job.enqueuedAt} /> : t`not into a queue yet`],
            [t`Now`, <JobMoment key="a" state={job.state} at={job.at} enqueuedAt={job.enqueuedAt} />],
            [t`Worker`, job.workerId ?? "none"],
          ]} />
          {progress && progress.percent != null && (
            <div role="status" className="grid gap-1.5 text-sm text-muted"><span>{progress.description || progress.state}: {progress.percent} %</span><ProgressBar percent={progress.percent} label={t`Progress of the job`} /></div>
          )}
          {job.failure != null && <section><h3 className="mb-1.5 text-xs font-semibold text-muted"><Trans>What went wrong</Trans></h3><CodeBlock label={t`What went wrong`} code={json(job.failure)} /></section>}
          <section><h3 className="mb-1.5 text-xs font-semibold text-muted"><Trans>Arguments</Trans></h3><CodeBlock label={t`Arguments`} code={json(job.args)} /></section>
          {job.custom != null && <section><h3 className="mb-1.5 text-xs font-semibold text-muted"><Trans>Custom data</Trans></h3><CodeBlock label={t`Custom data`} code={json(job.custom)} /></section>}
          <p className="font-mono text-xs text-muted">{job.jid}</p>
          <DialogActions>
            <Button kind="danger" onClick={() => onAction("discard")}><Trans>Discard</Trans></Button>
            {job.state !== "DEAD" && <Button kind="danger" onClick={() => onAction("kill")}><Trans>Kill</Trans></Button>}
            {job.state !== "WAITING" && <Button kind="solid" icon="refresh" onClick={() => onAction("requeue")}>{job.state === "SCHEDULED" ? t`Run now` : t`Retry now`}</Button>}
          </DialogActions>
        </div>
      )}
    </Dialog>
  );
}
