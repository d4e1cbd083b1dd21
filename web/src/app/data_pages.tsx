import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link, Outlet, useMatchRoute, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { FirstRows } from "@/features/activity/first_rows";
import { appendCode } from "@/features/catalog/append_code";
import { TableList } from "@/features/catalog/table_list";
import { TableView } from "@/features/catalog/table_page";
import { CatalogTree } from "@/features/catalog/tree";
import { TablePolicies } from "@/features/policies/table_policies";
import { buttonClass } from "@/ui/button";
import { useTitle } from "@/ui/page";

/** The tree, and beside it the list of all tables or the table that was chosen. */
export function DataPage() {
  const open = !!useMatchRoute()({ to: "/data/$catalog/$namespace/$table" });
  return (
    <div className="flex min-h-0 grow flex-col md:flex-row">
      <aside aria-label={t`Catalog`} className={`min-h-0 shrink-0 border-line bg-bg md:block md:w-64 md:border-r ${open ? "hidden" : ""}`}>
        {!open && <h1 className="sr-only md:hidden"><Trans>Data</Trans></h1>}
        <CatalogTree />
      </aside>
      <div className={`min-w-0 grow md:overflow-auto ${open ? "" : "hidden md:block"}`}>{open ? <Outlet /> : <AllTables />}</div>
    </div>
  );
}

function AllTables() {
  useTitle(t`Data`);
  return (
    <div className="px-4 py-5 md:px-8 md:py-7">
      <h1 className="mb-5 text-2xl font-semibold tracking-tight"><Trans>Data</Trans></h1>
      <TableList none={
        <FirstRows code={appendCode(location.origin, { catalog: "lake", namespace: "main", table: "events" }, { user: "ada", action: t`signed up` }).curl}
          action={<Link to="/settings" search={{ section: "accounts" }} className={buttonClass("solid")}><Trans>Make a key</Trans></Link>} />
      } />
    </div>
  );
}

export function TablePage() {
  const place = useParams({ from: "/shell/data/$catalog/$namespace/$table" });
  const { tab } = useSearch({ from: "/shell/data/$catalog/$namespace/$table" });
  const navigate = useNavigate();
  return <TableView key={`${place.catalog}.${place.namespace}.${place.table}`} place={place} tab={tab} policies={(table) => <TablePolicies {...table} />} onTab={(next) => void navigate({ to: ".", search: { tab: next }, replace: true })} />;
}
