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
import { plural } from "@/ui/format";
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
        <div className="w-36"><SelectField label="State" hideLabel value={state ?? ""} onChange={(event) => onState((event.target.value || null) as JobState | null)}>
          <option value="">Every state</option>
          {jobStates.map((each) => <option key={each} value={each}>{each.toLowerCase()}</option>)}
        </SelectField></div>
        <div className="w-40"><SelectField label="Queue" hideLabel value={queue} onChange={(event) => setQueue(event.target.value)}>
          <option value="">Every queue</option>
          {queues.map((each) => <option key={each} value={each}>{each}</option>)}
        </SelectField></div>
        <div className="min-w-44 grow"><TextField label="Search jobs" hideLabel type="search" placeholder="Type, id or argument" value={search} onChange={(event) => setSearch(event.target.value)} /></div>
        {state === "DEAD" && dead > 0 && <Button icon="refresh" onClick={() => setAsked("redrive")}>Retry all dead</Button>}
      </div>
      <div role="group" aria-label="With those chosen" className="flex min-h-11 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5 text-sm">
        <label className="mr-auto flex items-center gap-2"><input type="checkbox" checked={all} disabled={jobs.length === 0} onChange={() => setChosen(all ? new Set() : new Set(jobs.map((job) => job.id)))} className="accent-solid" /> {ids.length ? `${ids.length} chosen` : "All shown"}</label>
        <Button small icon="refresh" disabled={!ids.length} onClick={() => start("requeue", ids)}>Retry now</Button>
        <Button small kind="danger" disabled={!ids.length} onClick={() => start("kill", ids)}>Kill</Button>
        <Button small kind="danger" disabled={!ids.length} onClick={() => start("discard", ids)}>Discard</Button>
      </div>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="p-4"><SkeletonLines label="Loading jobs" lines={6} /></div>}
      {data && jobs.length === 0 && (
        <Empty icon="jobs" title={narrowed ? "No such jobs" : "Nothing to do"}>{narrowed ? "No job that is not done yet fits." : "Every job is done. Firn’s own background work and whatever your programs push is listed here until it is done."}</Empty>
      )}
      {jobs.length > 0 && (
        <ListTable label="Jobs" heads={[{ name: "Choose", hidden: true }, "Job", "State", "Queue", "When", "Failure"]}>
          {jobs.map((job) => (
            <tr key={job.id}>
              <Cell><input type="checkbox" aria-label={`Choose ${job.type} ${job.jid}`} checked={chosen.has(job.id)} onChange={() => toggle(job.id)} className="accent-solid" /></Cell>
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
      {data?.jobs.pageInfo.hasNextPage && <footer className="border-t border-line px-4 py-2"><Button small busy={fetching} onClick={() => setFirst(first + step)}>Show more</Button></footer>}
      {open && <JobDialog id={open} onAction={(action) => start(action, [open])} onClose={() => setOpen(null)} />}
      {asked && asked !== "redrive" && (
        <Confirm title={`${asked.action === "kill" ? "Kill" : "Discard"} ${plural(asked.ids.length, "job")}?`} action={asked.action === "kill" ? "Kill" : "Discard"} onClose={() => setAsked(null)}
          onConfirm={async () => { await act(asked.action, asked.ids); setChosen(new Set()); }}>
          <p>{asked.action === "kill" ? "They are not tried again. They are kept among the dead for 180 days, from where they can be put back." : "They are gone for good, wherever they are. A worker that has one of them may still finish it."}</p>
        </Confirm>
      )}
      {asked === "redrive" && (
        <Confirm title={`Put ${queue ? `the dead jobs of ${queue}` : plural(dead, "dead job")} back?`} action="Put back" onClose={() => setAsked(null)} onConfirm={async () => {
          const { data: put, error: refused } = await redrive({ queue: queue || null });
          tell({ error: refused }, `Put back ${plural(put?.redriveDeadJobs ?? 0, "job")}`);
          again();
        }}><p>They are tried again from the beginning, with all their tries.</p></Confirm>
      )}
    </div>
  );
}
