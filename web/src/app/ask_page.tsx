import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCanEdit, useViewer } from "@/app/session";
import { AddToDashboard } from "@/features/dashboards/add_to_dashboard";
import { AskView } from "@/features/ask/ask_view";

export function AskPage() {
  const { q } = useSearch({ from: "/shell/ask" });
  const navigate = useNavigate();
  return (
    <AskView viewerId={useViewer().id} question={q} onAsk={(question) => void navigate({ to: "/ask", search: question ? { q: question } : {} })} canEdit={useCanEdit()}
      addToDashboard={(chart) => <AddToDashboard {...chart} />} />
  );
}
