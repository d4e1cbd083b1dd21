import { useNavigate, useParams } from "@tanstack/react-router";
import { useCanEdit } from "@/app/session";
import { DashboardList } from "@/features/dashboards/dashboard_list";
import { DashboardView } from "@/features/dashboards/dashboard_view";

export function DashboardsPage() {
  return <DashboardList canEdit={useCanEdit()} />;
}

export function DashboardPage() {
  const { id } = useParams({ from: "/shell/dashboards/$id" });
  const navigate = useNavigate();
  return <DashboardView key={id} id={id} canEdit={useCanEdit()} onGone={() => void navigate({ to: "/dashboards" })} />;
}
