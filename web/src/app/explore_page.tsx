import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { downloadResult } from "@/app/download";
import { useCanEdit } from "@/app/session";
import { AddToDashboard } from "@/features/dashboards/add_to_dashboard";
import { ExploreView } from "@/features/sql/explore_view";

export function ExplorePage() {
  const { q } = useSearch({ from: "/shell/explore" });
  const navigate = useNavigate();
  const onAsked = useCallback((question: string) => void navigate({ to: "/explore", search: { q: question }, replace: true }), [navigate]);
  return <ExploreView asked={q} onAsked={onAsked} canEdit={useCanEdit()} download={downloadResult} addToDashboard={(chart) => <AddToDashboard {...chart} />} />;
}
