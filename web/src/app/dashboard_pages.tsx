import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useFirstPolicy } from "@/app/first_data";
import { useCanEdit } from "@/app/session";
import { BeforeFirstCommit } from "@/features/catalog/before_first_commit";
import { DashboardList } from "@/features/dashboards/dashboard_list";
import { DashboardView } from "@/features/dashboards/dashboard_view";
import { readState, writeState, type ViewState } from "@/features/dashboards/view_state";
import { InsightTile } from "@/features/insights/insight_tile";

export function DashboardsPage() {
  return <DashboardList canEdit={useCanEdit()} />;
}

export { fetchDashboard } from "@/features/dashboards/dashboard_view";

export function DashboardPage() {
  const { id } = useParams({ from: "/shell/dashboards/$id" });
  const search = useSearch({ from: "/shell/dashboards/$id" });
  const navigate = useNavigate({ from: "/dashboards/$id" });
  const state = useMemo(() => readState(search), [search]);
  const onState = useCallback((fields: Partial<ViewState>) => {
    void navigate({ search: (old) => writeState({ ...readState(old), ...fields }), replace: true, ignoreBlocker: true });
  }, [navigate]);
  return (
    <DashboardView key={id} id={id} policy={useFirstPolicy()} canEdit={useCanEdit()} state={state} onState={onState} renderInsight={(insightId) => <InsightTile id={insightId} />}
      renderTooEarly={(tile) => <BeforeFirstCommit small asOf={state.asOf!} onAsOf={(asOf) => onState({ asOf })} {...tile} />}
      onGone={() => void navigate({ to: "/dashboards" })} />
  );
}
