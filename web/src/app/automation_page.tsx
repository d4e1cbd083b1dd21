import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCanEdit, useIsAdmin } from "@/app/session";
import { AutomationView } from "@/features/automation/automation_view";

export function AutomationPage() {
  const { tab, q } = useSearch({ from: "/shell/automation" });
  const navigate = useNavigate();
  return <AutomationView key={q} tab={tab} statement={q} isAdmin={useIsAdmin()} canEdit={useCanEdit()} onTab={(next) => void navigate({ to: "/automation", search: { tab: next }, replace: true })} />;
}
