import { useCanEdit } from "@/app/session";
import { InsightList } from "@/features/insights/insight_list";

export function InsightsPage() {
  return <InsightList canEdit={useCanEdit()} />;
}
