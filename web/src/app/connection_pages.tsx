import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCanEdit, useIsAdmin } from "@/app/session";
import { ConnectionList } from "@/features/connections/connection_list";
import { ConnectionView } from "@/features/connections/connection_view";
import { ConnectionPolicies } from "@/features/policies/connection_policies";

export function ConnectionsPage() {
  const navigate = useNavigate();
  return <ConnectionList isAdmin={useIsAdmin()} onOpen={(id) => void navigate({ to: "/connections/$id", params: { id } })} />;
}

export function ConnectionPage() {
  const { id } = useParams({ from: "/shell/connections/$id" });
  const { table } = useSearch({ from: "/shell/connections/$id" });
  const navigate = useNavigate();
  const isAdmin = useIsAdmin();
  return (
    <ConnectionView key={id} id={id} table={table} isAdmin={isAdmin} canEdit={useCanEdit()} policies={(place) => isAdmin && <ConnectionPolicies {...place} />} onGone={() => void navigate({ to: "/connections" })}
      onTable={(next) => void navigate({ to: "/connections/$id", params: { id }, search: next ? { table: next } : {}, replace: true })} />
  );
}
