import { plural, t } from "@lingui/core/macro";
import { Link } from "@tanstack/react-router";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { formatBytes, formatShort } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Ago } from "@/ui/moment";

export const RecentTable = graphql(`
  fragment RecentTable on Table {
    id
    fullName
    catalogName
    namespace
    name
    rowCount
    hotRowCount
    sizeBytes
    lastUpdatedAt
  }
`);

/** Newest change first. */
export function RecentTables({ tables }: { tables: readonly FragmentType<typeof RecentTable>[] }) {
  const sorted = readFragment(RecentTable, tables).toSorted((a, b) => (b.lastUpdatedAt ?? "").localeCompare(a.lastUpdatedAt ?? ""));
  return (
    <ul className="divide-y divide-line">
      {sorted.slice(0, 7).map((table) => (
        <li key={table.id}>
          <Link to="/data/$catalog/$namespace/$table" params={{ catalog: table.catalogName, namespace: table.namespace, table: table.name }}
            className="flex items-center gap-3 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2">
            <Icon name="table" className="text-muted" />
            <span className="min-w-0 grow">
              <span className="block truncate font-medium">{table.name}</span>
              <span className="block truncate text-xs text-muted">{table.catalogName}.{table.namespace}</span>
            </span>
            <span className="numeric shrink-0 text-right">
              <span className="block text-sm" title={plural(table.rowCount + table.hotRowCount, { one: "# row", other: "# rows" })}>{formatShort(table.rowCount + table.hotRowCount)} {table.rowCount + table.hotRowCount === 1 ? t`row` : t`rows`}</span>
              <span className="block text-xs text-muted">{formatBytes(table.sizeBytes)}{table.lastUpdatedAt && <> · <Ago at={table.lastUpdatedAt} /></>}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
