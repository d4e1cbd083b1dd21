import { Link } from "@tanstack/react-router";
import { useMutation, useQuery } from "urql";
import { RunTrace } from "@/features/agents/run_trace";
import type { ProposalState } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Facts } from "@/ui/facts";
import { formatCount, formatDuration, plural } from "@/ui/format";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Badge, Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";
import { ProgressBar, WorkState } from "@/ui/work_state";

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
          proposedBy
          createdAt
        }
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

type Props = { agentId: string; agentName: string; index: number; runId: string; underWay: boolean; isAdmin: boolean; budget: { calls: number; seconds: number } };

/** A run: how far it is or what became of it, what it proposed, and its calls. */
export function RunPanel({ agentId, agentName, index, runId, underWay, isAdmin, budget }: Props) {
  const [{ data, error }, look] = useQuery({ query: AgentRun, variables: { id: agentId, first: index + 1 }, requestPolicy: "cache-and-network" });
  const [{ fetching: stopping }, cancel] = useMutation(CancelRun);
  const again = () => look({ requestPolicy: "network-only" });
  const run = data?.agent?.runs.find((each) => each.id === runId);
  usePoll(again, underWay || (run && (run.task.state === "RUNNING" || run.task.state === "WAITING")) ? 1500 : null);
  if (error && !run) return <section className="panel"><Failed message={errorText(error)} onRetry={again} /></section>;
  if (!run) return <section className="panel p-4"><SkeletonLines label="Loading the run" lines={9} /></section>;
  const { task, steps } = run;
  const goesOn = task.state === "RUNNING" || task.state === "WAITING";
  const spentMs = steps.reduce((sum, step) => sum + step.elapsedMs, 0);
  const took = task.startedAt ? Date.parse(task.endedAt ?? steps.at(-1)?.startedAt ?? task.startedAt) - Date.parse(task.startedAt) : null;
  const stop = async () => {
    const result = await cancel({ id: task.id });
    if (result.error) toast(errorText(result.error), "failed");
    else toast("The run ends after the present call");
    again();
  };
  return (
    <div className="grid min-w-0 gap-5">
      <section aria-label="This run" className="grid gap-3">
        <Facts across={4} facts={[
          ["This run", <span key="s" className="flex flex-wrap items-center gap-2"><WorkState state={task.state} /> <span className="text-sm font-normal text-muted"><Ago at={task.createdAt} /></span></span>],
          [goesOn ? "So far" : "Took", took === null ? "–" : formatDuration(took)],
          ["Calls", <>{formatCount(steps.length)} <span className="text-sm font-normal text-muted">of {formatCount(budget.calls)}</span></>],
          ["In tools", <>{formatDuration(spentMs)} <span className="text-sm font-normal text-muted">of {formatDuration(budget.seconds * 1000)}</span></>],
        ]} />
        {goesOn && (
          <div role="status" className="panel flex items-center gap-4 px-4 py-3 text-sm">
            <span className="shrink-0 text-muted">{task.note || "Working"}</span>
            <ProgressBar percent={task.percent} label="Progress of the run" />
            {isAdmin && <Button small kind="danger" icon="stop" busy={stopping} onClick={() => void stop()}>Stop</Button>}
          </div>
        )}
        {task.error && <p role="alert" className="rounded-lg bg-danger-soft px-4 py-3 text-sm text-danger">{task.error.message}{task.attempts > 1 && ` (tried ${task.attempts} times)`}</p>}
      </section>
      {task.startedAt && <Proposed agentName={agentName} since={task.startedAt} until={task.endedAt ?? null} />}
      <Section title="Calls" flush><RunTrace steps={steps} underWay={goesOn} /></Section>
    </div>
  );
}

const tones: Record<ProposalState, "plain" | "ice" | "ok" | "danger"> = { PENDING: "ice", APPROVING: "ice", APPROVED: "ok", REJECTED: "plain", EXPIRED: "plain", FAILED: "danger" };

/** What the agent proposed while the run went on. */
function Proposed({ agentName, since, until }: { agentName: string; since: string; until: string | null }) {
  const [{ data }, look] = useQuery({ query: RunProposals, requestPolicy: "cache-and-network" });
  usePoll(() => look({ requestPolicy: "network-only" }), until ? null : 3000);
  const made = (data?.proposals.edges ?? []).map((edge) => edge.node)
    .filter(({ proposedBy, createdAt }) => proposedBy === `agent ${agentName}` && createdAt >= since && (!until || createdAt <= until));
  if (!data || made.length === 0) return null;
  return (
    <Section title={`Proposed in this run: ${plural(made.length, "change")}`} flush actions={<Link to="/proposals" className="px-2 py-1 text-xs font-medium text-accent hover:underline">Decide</Link>}>
      <ul tabIndex={0} aria-label="Proposals of this run" className="max-h-64 divide-y divide-line overflow-auto focus-visible:-outline-offset-2">
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
