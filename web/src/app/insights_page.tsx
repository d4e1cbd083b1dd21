import { useSearch } from "@tanstack/react-router";
import { useCanEdit } from "@/app/session";
import { InsightAlone, InsightList } from "@/features/insights/insight_list";

export function InsightsPage() {
  const { id } = useSearch({ from: "/shell/insights" });
  const canEdit = useCanEdit();
  return id ? <InsightAlone key={id} id={id} canEdit={canEdit} /> : <InsightList canEdit={canEdit} />;
}
