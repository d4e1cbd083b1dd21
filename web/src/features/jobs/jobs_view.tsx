import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type ReactNode } from "react";
import { useQuery } from "urql";
import { BatchList } from "@/features/jobs/batch_list";
import { JobList } from "@/features/jobs/job_list";
import { isJobState } from "@/features/jobs/job_states";
import { LimitList } from "@/features/jobs/limit_list";
import { PushDialog } from "@/features/jobs/push_dialog";
import { QueueList } from "@/features/jobs/queue_list";
import { ScheduleList } from "@/features/jobs/schedule_list";
import { Throughput } from "@/features/jobs/throughput";
import { WorkerList } from "@/features/jobs/worker_list";
import type { JobState } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { errorCode, errorText } from "@/ui/error_text";
import { Page } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Empty, Failed, Skeleton } from "@/ui/states";
import { TabPanel, Tabs } from "@/ui/tabs";

const JobsNow = graphql(`
  query JobsNow {
    jobStats {
      dead
      ...JobThroughput
    }
    jobQueues {
      name
      ...JobQueueRow
    }
  }
`);

const tabNames = { jobs: t`Jobs`, queues: t`Queues`, schedules: t`Schedules`, workers: t`Workers`, batches: t`Batches`, limits: t`Limits` };
type TabId = keyof typeof tabNames;

type Props = { isAdmin: boolean; tab: string | undefined; state: string | undefined; onTab: (tab: string, state: JobState | undefined) => void };

/** The queue of the whole deployment, as whoever runs it sees it. */
export function JobsView({ isAdmin, tab, state, onTab }: Props) {
  const [{ data, error }, look] = useQuery({ query: JobsNow, pause: !isAdmin, requestPolicy: "cache-and-network" });
  const [pushing, setPushing] = useState(false);
  const again = () => look({ requestPolicy: "network-only" });
  usePoll(again, !isAdmin || (error && !data) ? null : 2000);
  const active = (Object.keys(tabNames) as TabId[]).find((id) => id === tab) ?? "jobs";
  const chosen = isJobState(state) ? state : null;
  const page = (children: ReactNode, actions?: ReactNode) => <Page title={t`Jobs`} lead={t`Work in the background: Firn’s own, and whatever your programs push.`} actions={actions}>{children}</Page>;
  if (!isAdmin) return page(<NotYours />);
  if (error && !data) {
    const code = errorCode(error);
    if (code === "FORBIDDEN") return page(<NotYours />);
    if (code === "UNSUPPORTED") return page(<section className="panel"><Empty icon="jobs" title={t`The queue is in another server`}><Trans>Jobs lie in the Faktory server that FAKTORY_URL names; its own pages show them.</Trans></Empty></section>);
    return page(<Failed message={errorText(error)} onRetry={again} />);
  }
  if (!data) return page(<div className="grid gap-5" role="status"><span className="sr-only"><Trans>Loading</Trans></span><Skeleton className="h-36" /><Skeleton className="h-80" /></div>);
  return page(
    <div className="grid gap-5 [&>*]:min-w-0">
      <Throughput stats={data.jobStats} state={active === "jobs" ? chosen : null} onState={(next) => onTab("jobs", next)} />
      <div className="min-w-0">
        <Tabs label={t`Jobs`} panelId="jobs" active={active} onSelect={(id) => onTab(id, id === "jobs" ? (chosen ?? undefined) : undefined)} tabs={(Object.keys(tabNames) as TabId[]).map((id) => ({ id, label: tabNames[id] }))} />
        <TabPanel id="jobs" active={active} className="pt-4">
          {active === "jobs" && <JobList key={chosen ?? "all"} state={chosen} queues={data.jobQueues.map((queue) => queue.name)} dead={data.jobStats.dead} onState={(next) => onTab("jobs", next ?? undefined)} onChanged={again} />}
          {active === "queues" && <QueueList queues={data.jobQueues} onChanged={again} />}
          {active === "schedules" && <ScheduleList />}
          {active === "workers" && <WorkerList />}
          {active === "batches" && <BatchList />}
          {active === "limits" && <LimitList />}
        </TabPanel>
      </div>
      {pushing && <PushDialog onClose={() => setPushing(false)} onPushed={again} />}
    </div>,
    <Button icon="plus" onClick={() => setPushing(true)}><Trans>Push a job</Trans></Button>,
  );
}

const NotYours = () => <section className="panel"><Empty icon="shield" title={t`The queue belongs to the deployment`}><Trans>Only admins of its first organization see it. What you asked for yourself is under Automation.</Trans></Empty></section>;
