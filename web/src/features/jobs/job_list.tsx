import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useDeferredValue, useState } from "react";
import { useMutation, useQuery } from "urql";
import { JobDialog } from "@/features/jobs/job_dialog";
import { failureLine, globOf, JobMoment, jobStates, JobStateBadge } from "@/features/jobs/job_states";
import { useJobActions, type JobAction } from "@/features/jobs/use_job_actions";
import type { JobState } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { SelectField, TextField } from "@/ui/field";
import { Cell, ListTable } from "@/ui/list_table";
import { usePoll } from "@/ui/poll";
import { Empty, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";

const Jobs = graphql(`
  query Jobs($state: JobState, $queue: String, $pattern: String, $first: Int!) {
    jobs(state: $state, queue: $queue, pattern: $pattern, first: $first) {
      pageInfo {
        hasNextPage
      }
      edges {
        node {
          id
          jid
          queue
          type
          state
          enqueuedAt
          at
          failures
          failure
        }
      }
    }
  }
`);

const RedriveDeadJobs = graphql(`
  mutation RedriveDeadJobs($queue: String) {
    redriveDeadJobs(queue: $queue)
  }
`);

const step = 50;

type Props = { state: JobState | null; queues: readonly string[]; dead: number; onState: (state: JobState | null) => void; onChanged: () => void };

/** Jobs that are not done yet: found, looked at, and dealt with one by one or many at once. */
export function JobList({ state, queues, dead, onState, onChanged }: Props) {
  const [queue, setQueue] = useState("");
  const [search, setSearch] = useState("");
  const pattern = globOf(useDeferredValue(search.trim()));
  const [first, setFirst] = useState(step);
  const [{ data, error, fetching }, look] = useQuery({ query: Jobs, variables: { state, queue: queue || null, pattern, first }, requestPolicy: "cache-and-network" });
  const [, redrive] = useMutation(RedriveDeadJobs);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<string | null>(null);
  const [asked, setAsked] = useState<{ action: JobAction; ids: readonly string[] } | "redrive" | null>(null);
  const again = () => {
    look({ requestPolicy: "network-only" });
    onChanged();
  };
  const act = useJobActions(again);
  usePoll(() => look({ requestPolicy: "network-only" }), 3000);
  const jobs = (data?.jobs.edges ?? []).map((edge) => edge.node);
  const ids = jobs.filter((job) => chosen.has(job.id)).map((job) => job.id);
  const all = jobs.length > 0 && ids.length === jobs.length;
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const start = (action: JobAction, on: readonly string[]) => {
    setOpen(null);
    if (action === "requeue") void act(action, on).then(() => setChosen(new Set()));
    else setAsked({ action, ids: on });
  };
  const narrowed = state !== null || queue !== "" || search.trim() !== "";
  return (
    <div className="panel overflow-hidden">
      <div className="flex flex-wrap items-end gap-2 border-b border-line p-3">
        <div className="w-36"><SelectField label={t`State`} hideLabel value={state ?? ""} onChange={(event) => onState((event.target.value || null) as JobState | null)}>
          <option value=""><Trans>Every state</Trans></option>
          {jobStates.map((each) => <option key={each} value={each}>{each.toLowerCase()}</option>)}
        </SelectField></div>
        <div className="w-40"><SelectField label={t`Queue`} hideLabel value={queue} onChange={(event) => setQueue(event.target.value)}>
          <option value=""><Trans>Every queue</Trans></option>
          {queues.map((each) => <option key={each} value={each}>{each}</option>)}
        </SelectField></div>
        <div className="min-w-44 grow"><TextField label={t`Search jobs`} hideLabel type="search" placeholder={t`Type, id or argument`} value={search} onChange={(event) => setSearch(event.target.value)} /></div>
        {state === "DEAD" && dead > 0 && <Button icon="refresh" onClick={() => setAsked("redrive")}><Trans>Retry all dead</Trans></Button>}
      </div>
      <div role="group" aria-label={t`With those chosen`} className="flex min-h-11 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5 text-sm">
        <label className="mr-auto flex items-center gap-2"><input type="checkbox" checked={all} disabled={jobs.length === 0} onChange={() => setChosen(all ? new Set() : new Set(jobs.map((job) => job.id)))} className="accent-solid" /> {ids.length ? t`${ids.length} chosen` : t`All shown`}</label>
        <Button small icon="refresh" disabled={!ids.length} onClick={() => start("requeue", ids)}><Trans>Retry now</Trans></Button>
        <Button small kind="danger" disabled={!ids.length} onClick={() => start("kill", ids)}><Trans>Kill</Trans></Button>
        <Button small kind="danger" disabled={!ids.length} onClick={() => start("discard", ids)}><Trans>Discard</Trans></Button>
      </div>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="p-4"><SkeletonLines label={t`Loading jobs`} lines={6} /></div>}
      {data && jobs.length === 0 && (
        <Empty icon="jobs" title={narrowed ? t`No such jobs` : t`Nothing to do`}>{narrowed ? t`No job that is not done yet fits.` : t`Every job is done. Firn’s own background work and whatever your programs push is listed here until it is done.`}</Empty>
      )}
      {jobs.length > 0 && (
        <ListTable label={t`Jobs`} heads={[{ name: t`Choose`, hidden: true }, t`Job`, t`State`, t`Queue`, t`When`, t`Failure`]}>
          {jobs.map((job) => (
            <tr key={job.id}>
              <Cell><input type="checkbox" aria-label={t`Choose ${job.type} ${job.jid}`} checked={chosen.has(job.id)} onChange={() => toggle(job.id)} className="accent-solid" /></Cell>
              <Cell>
                <button type="button" onClick={() => setOpen(job.id)} className="font-medium text-accent hover:underline">{job.type}</button>
                <p className="max-w-44 truncate font-mono text-xs text-muted" title={job.jid}>{job.jid}</p>
              </Cell>
              <Cell><JobStateBadge state={job.state} /></Cell>
              <Cell>{job.queue}</Cell>
              <Cell muted className="whitespace-nowrap"><JobMoment state={job.state} at={job.at} enqueuedAt={job.enqueuedAt} /></Cell>
              <Cell className="max-w-72"><p className="truncate text-xs text-muted" title={failureLine(job.failure)}>{job.failures > 0 && `${job.failures}× `}{failureLine(job.failure)}</p></Cell>
            </tr>
          ))}
        </ListTable>
      )}
      {data?.jobs.pageInfo.hasNextPage && <footer className="border-t border-line px-4 py-2"><Button small busy={fetching} onClick={() => setFirst(first + step)}><Trans>Show more</Trans></Button></footer>}
      {open && <JobDialog id={open} onAction={(action) => start(action, [open])} onClose={() => setOpen(null)} />}
      {asked && asked !== "redrive" && (
        <Confirm title={`${asked.action === "kill" ? t`Kill` : t`Discard`} ${plural(asked.ids.length, { one: "# job", other: "# jobs" })}?`} action={asked.action === "kill" ? t`Kill` : t`Discard`} onClose={() => setAsked(null)}
          onConfirm={async () => { await act(asked.action, asked.ids); setChosen(new Set()); }}>
          <p>{asked.action === "kill" ? t`They are not tried again. They are kept among the dead for 180 days, from where they can be put back.` : t`They are gone for good, wherever they are. A worker that has one of them may still finish it.`}</p>
        </Confirm>
      )}
      {asked === "redrive" && (
        <Confirm title={t`Put ${queue ? t`the dead jobs of ${queue}` : plural(dead, { one: "# dead job", other: "# dead jobs" })} back?`} action={t`Put back`} onClose={() => setAsked(null)} onConfirm={async () => {
          const { data: put, error: refused } = await redrive({ queue: queue || null });
          tell({ error: refused }, t`Put back ${plural(put?.redriveDeadJobs ?? 0, { one: "# job", other: "# jobs" })}`);
          again();
        }}><p><Trans>They are tried again from the beginning, with all their tries.</Trans></p></Confirm>
      )}
    </div>
  );
}
