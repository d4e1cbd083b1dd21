import { t } from "@lingui/core/macro";
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { formatBytes, formatCount } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Failed, SkeletonLines } from "@/ui/states";
import type { ReactNode } from "react";

const AllTables = graphql(`
  query AllTables {
    tables(first: 200) {
      totalCount
      edges {
        node {
          id
          fullName
          catalogName
          namespace
          name
          comment
          rowCount
          hotRowCount
          sizeBytes
          lastUpdatedAt
        }
      }
    }
  }
`);

/** Every table at a glance; `none` stands there while there are none. */
export function TableList({ none }: { none: ReactNode }) {
  const [{ data, error }, retry] = useQuery({ query: AllTables, requestPolicy: "cache-and-network" });
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (!data) return <SkeletonLines lines={6} label={t`Loading tables`} />;
  if (data.tables.totalCount === 0) return none;
  return (
    <div className="panel overflow-hidden">
      <ListTable label={t`Tables`} heads={[t`Table`, { name: t`Rows`, right: true }, { name: t`Size`, right: true }, { name: t`Changed`, right: true }]}>
        {data.tables.edges.map(({ node: table }) => (
          <tr key={table.id}>
            <Cell>
              <Link to="/data/$catalog/$namespace/$table" params={{ catalog: table.catalogName, namespace: table.namespace, table: table.name }} className="font-medium text-accent hover:underline">{table.fullName}</Link>
              {table.comment && <p className="max-w-md truncate text-xs text-muted">{table.comment}</p>}
            </Cell>
            <Cell right>{formatCount(table.rowCount + table.hotRowCount)}</Cell>
            <Cell right>{formatBytes(table.sizeBytes)}</Cell>
            <Cell right muted>{table.lastUpdatedAt ? <Ago at={table.lastUpdatedAt} /> : t`never`}</Cell>
          </tr>
        ))}
      </ListTable>
    </div>
  );
}
