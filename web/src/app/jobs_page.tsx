import { useNavigate, useSearch } from "@tanstack/react-router";
import { useIsAdmin } from "@/app/session";
import { JobsView } from "@/features/jobs/jobs_view";

export function JobsPage() {
  const { tab, state } = useSearch({ from: "/shell/jobs" });
  const navigate = useNavigate();
  return <JobsView isAdmin={useIsAdmin()} tab={tab} state={state} onTab={(next, of) => void navigate({ to: "/jobs", search: { tab: next, ...(of ? { state: of } : {}) }, replace: true })} />;
}
