import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { downloadResult } from "@/app/download";
import { useCanEdit, useViewer } from "@/app/session";
import { tableInSql } from "@/features/catalog/append_code";
import { BeforeFirstCommit } from "@/features/catalog/before_first_commit";
import { CatalogTree } from "@/features/catalog/tree";
import { AddToDashboard } from "@/features/dashboards/add_to_dashboard";
import { SqlView } from "@/features/sql/sql_view";

export function SqlPage() {
  const wanted = useSearch({ from: "/shell/sql" });
  const navigate = useNavigate();
  const canEdit = useCanEdit();
  const viewer = useViewer();
  const onShown = useCallback((saved: string | undefined) => void navigate({ to: "/sql", search: saved ? { saved } : {}, replace: true }), [navigate]);
  return (
    <SqlView viewerId={viewer.id} canEdit={canEdit} wanted={wanted} onShown={onShown} download={downloadResult}
      tables={(insert) => <CatalogTree onOpen={({ catalog, namespace, table }) => insert(tableInSql({ catalog, namespace, table }))} />}
      renderTooEarly={(asked) => <BeforeFirstCommit {...asked} />}
      addToDashboard={(chart) => <AddToDashboard {...chart} />} />
  );
}
