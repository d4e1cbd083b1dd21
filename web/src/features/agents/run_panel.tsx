import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useMutation, useQuery, useSubscription } from "urql";
import { RunTrace } from "@/features/agents/run_trace";
import type { ProposalState } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { UnverifiedClaims } from "@/ui/claims";
import { errorText } from "@/ui/error_text";
import { Facts } from "@/ui/facts";
import { formatCount, formatDuration, formatShort } from "@/ui/format";
import { Markdown } from "@/ui/markdown";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Badge, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";
import { isUnderWay, ProgressBar, WorkState } from "@/ui/work_state";

// The schema gives an agent's newest runs only: an older one comes with those after it.
const AgentRun = graphql(`
  query AgentRun($id: ID!, $first: Int!) {
    agent(id: $id) {
      id
      runs(first: $first) {
        id
        task {
          id
          state
          percent
          note
          attempts
          createdAt
          startedAt
          endedAt
          error {
            message
          }
        }
        model
        answer
        inputTokens
        outputTokens
        unverifiedClaims {
          figure
          sentence
        }
        steps {
          number
          startedAt
          elapsedMs
          ...AgentStepFields
        }
      }
    }
  }
`);

const RunProposals = graphql(`
  query RunProposals {
    proposals(first: 200) {
      edges {
        node {
          id
          title
          state
          runId
        }
      }
    }
  }
`);

export const RunChanged = graphql(`
  subscription RunChanged($id: ID!) {
    agentRunChanged(id: $id) {
      id
      task {
        id
        state
        percent
        note
      }
    }
  }
`);

const CancelRun = graphql(`
  mutation CancelRun($id: ID!) {
    cancelTask(id: $id) {
      id
      state
    }
  }
`);

type Props = { agentId: string; index: number; runId: string; underWay: boolean; isAdmin: boolean; budget: { calls: number; seconds: number; tokens: number } };

/** A run: how far it is or what became of it, what it proposed, and its calls. */
export function RunPanel({ agentId, index, runId, underWay, isAdmin, budget }: Props) {
  const [{ data, error }, look] = useQuery({ query: AgentRun, variables: { id: agentId, first: index + 1 }, requestPolicy: "cache-and-network" });
  const [{ fetching: stopping }, cancel] = useMutation(CancelRun);
  const again = () => look({ requestPolicy: "network-only" });
  const run = data?.agent?.runs.find((each) => each.id === runId);
  const live = underWay || isUnderWay(run?.task.state);
  // The server tells of every step; where WebSockets do not get through, asking now and then does.
  useSubscription({ query: RunChanged, variables: { id: agentId }, pause: !live }, (_, told) => {
    if (told.agentRunChanged.id === runId) again();
    return told;
  });
  usePoll(again, live ? 4000 : null);
  // Whoever hears first that it has ended may not have its last calls yet.
  const wasLive = useRef(live);
  useEffect(() => {
    if (wasLive.current && !live) look({ requestPolicy: "network-only" });
    wasLive.current = live;
  }, [live, look]);
  if (error && !run) return <section className="panel"><Failed message={errorText(error)} onRetry={again} /></section>;
  if (!run) return <section className="panel p-4"><SkeletonLines label={t`Loading the run`} lines={9} /></section>;
  const { task, steps } = run;
  const goesOn = isUnderWay(task.state);
  const spentMs = steps.reduce((sum, step) => sum + step.elapsedMs, 0);
  const took = task.startedAt ? Date.parse(task.endedAt ?? steps.at(-1)?.startedAt ?? task.startedAt) - Date.parse(task.startedAt) : null;
  const stop = async () => {
    tell(await cancel({ id: task.id }), t`The run ends after the present call`);
    again();
  };
  return (
    <div className="grid min-w-0 gap-5">
      <section aria-label={t`This run`} className="grid gap-3">
        <Facts across={run.model ? 5 : 4} facts={[
          [t`This run`, <span key="s" className="flex flex-wrap items-center gap-2"><WorkState state={task.state} /> <span className="text-sm font-normal text-muted"><Ago at={task.createdAt} /></span></span>],
          [goesOn ? t`So far` : t`Took`, took === null ? "–" : formatDuration(took)],
          [t`Calls`, <>{formatCount(steps.length)} <span className="text-sm font-normal text-muted"><Trans>of {formatCount(budget.calls)}</Trans></span></>],
          [run.model ? t`Spent` : t`In tools`, <>{formatDuration(spentMs)} <span className="text-sm font-normal text-muted"><Trans>of {formatDuration(budget.seconds * 1000)}</Trans></span></>],
          ...(run.model ? [[t`Tokens`, <span key="t" title={t`${formatCount(run.inputTokens)} in, ${formatCount(run.outputTokens)} out, of ${run.model}`}>{formatShort(run.inputTokens + run.outputTokens)} <span className="text-sm font-normal text-muted"><Trans>of {formatShort(budget.tokens)}</Trans></span></span>] as const] : []),
        ]} />
        {goesOn && (
          <div role="status" className="panel flex items-center gap-4 px-4 py-3 text-sm">
            <span className="shrink-0 text-muted">{task.note || t`Working`}</span>
            <ProgressBar percent={task.percent} label={t`Progress of the run`} />
            {isAdmin && <Button small kind="danger" icon="stop" busy={stopping} onClick={() => void stop()}><Trans>Stop</Trans></Button>}
          </div>
        )}
        {task.error && <p role="alert" className="rounded-lg bg-danger-soft px-4 py-3 text-sm text-danger">{task.error.message}{task.attempts > 1 && t` (tried ${task.attempts} times)`}</p>}
      </section>
      {run.answer && (
        <Section title={t`What it says`}>
          <Markdown text={run.answer} />
          <UnverifiedClaims claims={run.unverifiedClaims} title={t`No evidence of the run shows these figures`} />
        </Section>
      )}
      <Proposed runId={runId} live={goesOn} />
      <Section title={t`Calls`} flush><RunTrace steps={steps} underWay={goesOn} /></Section>
    </div>
  );
}

const tones: Record<ProposalState, "plain" | "ice" | "ok" | "danger"> = { PENDING: "ice", APPROVING: "ice", APPROVED: "ok", REJECTED: "plain", EXPIRED: "plain", FAILED: "danger" };

/** What the agent proposed in this run. */
function Proposed({ runId, live }: { runId: string; live: boolean }) {
  const [{ data }, look] = useQuery({ query: RunProposals, requestPolicy: "cache-and-network" });
  usePoll(() => look({ requestPolicy: "network-only" }), live ? 3000 : null);
  const made = (data?.proposals.edges ?? []).map((edge) => edge.node).filter((proposal) => proposal.runId === runId);
  if (!data || made.length === 0) return null;
  return (
    <Section title={t`Proposed in this run: ${plural(made.length, { one: "# change", other: "# changes" })}`} flush actions={<Link to="/proposals" className="px-2 py-1 text-xs font-medium text-accent hover:underline"><Trans>Decide</Trans></Link>}>
      <ul tabIndex={0} aria-label={t`Proposals of this run`} className="max-h-64 divide-y divide-line overflow-auto focus-visible:-outline-offset-2">
        {made.map((proposal) => (
          <li key={proposal.id}>
            <Link to="/proposals/$id" params={{ id: proposal.id }} className="flex items-center gap-3 px-4 py-2 text-sm hover:bg-hover focus-visible:-outline-offset-2">
              <span className="min-w-0 grow truncate" title={proposal.title}>{proposal.title}</span>
              <Badge tone={tones[proposal.state]}>{proposal.state.toLowerCase()}</Badge>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
