import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery, useSubscription } from "urql";
import { AgentDialog } from "@/features/agents/agent_dialog";
import { MemoryPanel } from "@/features/agents/memory_panel";
import { RunChanged, RunPanel } from "@/features/agents/run_panel";
import { toolName } from "@/features/agents/tools";
import { useAgentActions } from "@/features/agents/use_agent_actions";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { cronText } from "@/ui/cron";
import { Confirm } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { Facts } from "@/ui/facts";
import { formatCount, formatDuration } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { Ago } from "@/ui/moment";
import { Page, Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Badge, Empty, Failed, Skeleton } from "@/ui/states";
import { isUnderWay, WorkState } from "@/ui/work_state";

const AgentById = graphql(`
  query AgentById($id: ID!, $first: Int!) {
    agent(id: $id) {
      id
      name
      kind
      instructions
      tables
      measures
      findings
      budgetCalls
      budgetSeconds
      budgetTokens
      mayDo
      memories {
        id
        ...AgentMemoryFields
      }
      cron
      zone
      paused
      createdBy
      createdAt
      runs(first: $first) {
        id
        task {
          id
          state
          percent
          createdAt
          startedAt
          endedAt
        }
      }
    }
  }
`);

type Props = { id: string; run: string | undefined; onRun: (run: string | undefined) => void; isAdmin: boolean; canEdit: boolean; onGone: () => void };

/** One agent: what it is about, its runs, and the run that was chosen, call by call. */
export function AgentView({ id, run, onRun, isAdmin, canEdit, onGone }: Props) {
  const [first, setFirst] = useState(10);
  const [{ data, error, fetching }, look] = useQuery({ query: AgentById, variables: { id, first }, requestPolicy: "cache-and-network" });
  const actions = useAgentActions();
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const agent = data?.agent;
  const busy = isUnderWay(agent?.runs[0]?.task.state);
  const again = () => look({ requestPolicy: "network-only" });
  // A run that somebody else, or the clock, began shows as well; how far it is, the cache takes from what is told.
  useSubscription({ query: RunChanged, variables: { id } }, (_, told) => {
    if (!agent?.runs.some((each) => each.id === told.agentRunChanged.id)) again();
    return told;
  });
  usePoll(again, busy ? 1500 : 15_000);

  const above = <Link to="/agents" className="font-medium text-accent hover:underline"><Trans>Agents</Trans></Link>;
  if (error && !data) return <Page title={t`Agent`} above={above}><Failed message={errorText(error)} onRetry={again} /></Page>;
  if (!data) return <Page title={t`Agent`} above={above}><div className="grid gap-5" role="status"><span className="sr-only"><Trans>Loading</Trans></span><Skeleton className="h-20" /><Skeleton className="h-96" /></div></Page>;
  if (!agent) {
    return (
      <Page title={t`Agent`} above={above}>
        <Empty icon="agent" title={t`There is no such agent`} action={<Link to="/agents" className={buttonClass("solid")}><Trans>See all agents</Trans></Link>}><Trans>It was deleted, or the link is not whole. What it proposed is still there.</Trans></Empty>
      </Page>
    );
  }
  const start = async () => {
    if (!(await actions.run(agent))) return;
    onRun(undefined);
    again();
  };
  const chosen = agent.runs.findIndex((each) => each.id === run);
  const at = Math.max(0, chosen);
  const short = (name: string) => name.split(".").at(-1);
  return (
    <Page title={agent.name} above={above} lead={<><Trans>Made by {agent.createdBy}, <Ago at={agent.createdAt} />{agent.paused && <> <Badge tone="warn">{t`paused`}</Badge></>}</Trans></>} actions={
      <>
        {canEdit && <Button kind="solid" icon="play" busy={actions.starting} disabled={busy} onClick={() => void start()}><Trans>Run now</Trans></Button>}
        {isAdmin && <Button icon={agent.paused ? "play" : "pause"} onClick={() => void actions.pause(agent, !agent.paused)}>{agent.paused ? t`Resume` : t`Pause`}</Button>}
        {isAdmin && <Button icon="pencil" onClick={() => setOpen("edit")}><Trans>Edit</Trans></Button>}
        {isAdmin && <Menu label={t`More about this agent`} button={<Icon name="more" />} className="grid size-8.5 place-items-center rounded-md text-muted hover:bg-hover" items={[{ label: t`Delete`, icon: "trash", danger: true, onSelect: () => setOpen("delete") }]} />}
      </>
    }>
      <div className="grid gap-5">
        <Facts strong={false} across={6} facts={[
          [t`Looks at`, agent.tables.length === 0 ? t`whatever it finds` : agent.tables.map((table, i) => <span key={table} title={table}>{i > 0 && ", "}{short(table)}</span>)],
          agent.kind === "MODEL" ? [t`Kind`, t`a language model with tools`] : [t`Measures`, agent.measures.join(", ") || t`all numbers that are worth it`],
          [t`Runs`, cronText(agent.cron, agent.zone)],
          [t`Budget of a run`, t`${formatCount(agent.budgetCalls)} calls, ${formatDuration(agent.budgetSeconds * 1000)}`],
          [t`May do by itself`, agent.mayDo.map(toolName).join(", ") || t`nothing: it proposes`],
          [t`Works as`, isAdmin ? <Link to="/settings" search={{ section: "accounts" }} className="font-medium text-accent hover:underline"><Trans>its service account</Trans></Link> : t`its service account`],
        ]} />
        {agent.instructions && <Section title={t`Instructions`}><p className="text-sm break-words whitespace-pre-wrap">{agent.instructions}</p></Section>}
        <MemoryPanel agentId={agent.id} memories={agent.memories} canEdit={canEdit} onChanged={again} />
        {agent.runs.length === 0 ? (
          <section className="panel">
            <Empty icon="play" title={t`It has not run yet`} action={canEdit && <Button kind="solid" icon="play" busy={actions.starting} onClick={() => void start()}><Trans>Run now</Trans></Button>}><Trans>Every call of a run can be read here, while it runs and afterwards.</Trans></Empty>
          </section>
        ) : (
          <div className="grid items-start gap-5 lg:grid-cols-[14rem_minmax(0,1fr)]">
            <Section title={t`Runs`} flush>
              <ul className="max-h-64 overflow-auto p-1.5 lg:max-h-[34rem]">
                {agent.runs.map((each, i) => (
                  <li key={each.id}>
                    <button type="button" aria-current={i === at ? "true" : undefined} onClick={() => onRun(each.id)}
                      className={`flex w-full items-center justify-between gap-2 rounded-md px-2.5 py-2 text-left text-sm focus-visible:-outline-offset-2 ${i === at ? "bg-soft text-accent" : "hover:bg-hover"}`}>
                      <Ago at={each.task.createdAt} /> <WorkState state={each.task.state} />
                    </button>
                  </li>
                ))}
                {agent.runs.length === first && <li className="p-1.5"><Button small busy={fetching} onClick={() => setFirst(first + 20)}><Trans>Show more</Trans></Button></li>}
              </ul>
            </Section>
            <RunPanel key={agent.runs[at]!.id} agentId={agent.id} index={at} runId={agent.runs[at]!.id} underWay={isUnderWay(agent.runs[at]!.task.state)} isAdmin={isAdmin}
              budget={{ calls: agent.budgetCalls, seconds: agent.budgetSeconds, tokens: agent.budgetTokens }} />
          </div>
        )}
      </div>
      {open === "edit" && <AgentDialog agent={agent} onClose={() => setOpen(null)} onSaved={again} />}
      {open === "delete" && (
        <Confirm title={t`Delete ${agent.name}?`} action={t`Delete`} onClose={() => setOpen(null)} onConfirm={async () => { if (await actions.remove(agent)) onGone(); }}>
          <p><Trans>Its service account and the calls of its runs go with it. What it proposed stays.</Trans></p>
        </Confirm>
      )}
    </Page>
  );
}
