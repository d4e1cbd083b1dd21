import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import { AgentDialog } from "@/features/agents/agent_dialog";
import { useAgentActions } from "@/features/agents/use_agent_actions";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { cronText } from "@/ui/cron";
import { errorText } from "@/ui/error_text";
import { Icon } from "@/ui/icon";
import { Ago } from "@/ui/moment";
import { Page } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { isUnderWay, ProgressBar, WorkState } from "@/ui/work_state";

const AgentRow = graphql(`
  fragment AgentRow on Agent {
    id
    name
    kind
    tables
    measures
    cron
    zone
    paused
    runs(first: 1) {
      id
      task {
        id
        state
        percent
        createdAt
        result
      }
    }
  }
`);

const Agents = graphql(`
  query Agents {
    agents {
      id
      runs(first: 1) {
        id
        task {
          id
          state
        }
      }
      ...AgentRow
    }
  }
`);

/** The agents, what each looks at, and how its last run went. */
export function AgentList({ isAdmin, canEdit, onOpen }: { isAdmin: boolean; canEdit: boolean; onOpen: (id: string) => void }) {
  const [{ data, error }, look] = useQuery({ query: Agents, requestPolicy: "cache-and-network" });
  const [adding, setAdding] = useState(false);
  const busy = data?.agents.some(({ runs }) => isUnderWay(runs[0]?.task.state)) ?? false;
  usePoll(() => look({ requestPolicy: "network-only" }), busy ? 2000 : 15_000);
  const add = isAdmin && <Button kind="solid" icon="plus" onClick={() => setAdding(true)}><Trans>New agent</Trans></Button>;
  return (
    <Page title={t`Agents`} lead={t`They look at tables on accounts of their own, and propose what they find. People decide.`} actions={data && data.agents.length > 0 && add}>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading agents`} lines={5} /></div>}
      {data && data.agents.length === 0 && (
        <section className="panel">
          <Empty icon="agent" title={t`No agents yet`} action={add}>
            <p><Trans>An agent goes through tables that you choose and looks for spikes, shifts, trends, seasons, and what a measure depends on. It needs no language model. What it finds waits under Proposals, each with the rows that it stands on.</Trans></p>
            {!isAdmin && <p><Trans>Admins make agents.</Trans></p>}
          </Empty>
        </section>
      )}
      {data && data.agents.length > 0 && (
        <ul className="panel divide-y divide-line overflow-hidden">
          {data.agents.map((agent) => <AgentItem key={agent.id} agent={agent} canEdit={canEdit} onOpen={onOpen} />)}
        </ul>
      )}
      {adding && <AgentDialog onClose={() => setAdding(false)} onSaved={(id) => { look({ requestPolicy: "network-only" }); onOpen(id); }} />}
    </Page>
  );
}

const proposed = (result: unknown) => (typeof result === "object" && result !== null && "proposals" in result ? Number(result.proposals) : null);

function AgentItem({ agent: masked, canEdit, onOpen }: { agent: FragmentType<typeof AgentRow>; canEdit: boolean; onOpen: (id: string) => void }) {
  const agent = readFragment(AgentRow, masked);
  const { run, starting } = useAgentActions();
  const last = agent.runs[0]?.task;
  const count = proposed(last?.result);
  const underWay = isUnderWay(last?.state);
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 hover:bg-hover/60">
      <span className="grid size-9 shrink-0 place-items-center rounded-full bg-soft text-accent"><Icon name="agent" size={18} /></span>
      <div className="min-w-0 grow basis-48">
        <p className="flex flex-wrap items-center gap-2">
          <Link to="/agents/$id" params={{ id: agent.id }} className="font-medium after:absolute after:inset-0 hover:text-accent">{agent.name}</Link>
          {agent.kind === "MODEL" && <Badge tone="ice"><Trans>language model</Trans></Badge>}
          {agent.paused && <Badge tone="warn"><Trans>paused</Trans></Badge>}
        </p>
        <p className="truncate text-xs text-muted">{agent.tables.join(", ") || t`All tables that it may read`}{agent.measures.length > 0 && `: ${agent.measures.join(", ")}`}</p>
        <p className="text-xs text-muted"><Trans>Runs {cronText(agent.cron, agent.zone)}</Trans></p>
      </div>
      <div className="ml-auto flex items-center gap-3">
        <div className="grid justify-items-end gap-0.5 text-xs text-muted">
          {last ? (
            <>
              <span className="flex items-center gap-2"><Ago at={last.createdAt} /> <WorkState state={last.state} /></span>
              {underWay ? <span className="w-28"><ProgressBar percent={last.percent} label={t`${agent.name}: progress`} /></span> : count !== null && <span>{plural(count, { one: "# new proposal", other: "# new proposals" })}</span>}
            </>
          ) : t`never ran`}
        </div>
        {canEdit && (
          <Button small icon="play" className="relative" busy={starting} disabled={underWay} aria-label={t`Run now: ${agent.name}`}
            onClick={() => void run(agent).then((task) => { if (task) onOpen(agent.id); })}><Trans>Run now</Trans></Button>
        )}
      </div>
    </li>
  );
}
