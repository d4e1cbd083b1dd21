import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCanEdit, useIsAdmin } from "@/app/session";
import { AgentList } from "@/features/agents/agent_list";
import { AgentView } from "@/features/agents/agent_view";

export function AgentsPage() {
  const navigate = useNavigate();
  return <AgentList isAdmin={useIsAdmin()} canEdit={useCanEdit()} onOpen={(id) => void navigate({ to: "/agents/$id", params: { id } })} />;
}

export function AgentPage() {
  const { id } = useParams({ from: "/shell/agents/$id" });
  const { run } = useSearch({ from: "/shell/agents/$id" });
  const navigate = useNavigate();
  return (
    <AgentView key={id} id={id} run={run} isAdmin={useIsAdmin()} canEdit={useCanEdit()} onGone={() => void navigate({ to: "/agents" })}
      onRun={(next) => void navigate({ to: "/agents/$id", params: { id }, search: next ? { run: next } : {}, replace: true })} />
  );
}
