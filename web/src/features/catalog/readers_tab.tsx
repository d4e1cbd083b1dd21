import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import type { TableReaderKind } from "@/gql/graphql";
import { errorText } from "@/ui/error_text";
import { Icon, type IconName } from "@/ui/icon";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";

const TableReaders = graphql(`
  query TableReaders($tableId: ID!) {
    tableReaders(tableId: $tableId) {
      kind
      id
      name
      tiles
    }
  }
`);

const kinds: Record<TableReaderKind, { icon: IconName; name: string }> = {
  DASHBOARD: { icon: "dashboards", name: t`dashboard` },
  CHART: { icon: "chart", name: t`chart` },
  SAVED_QUERY: { icon: "sql", name: t`saved query` },
};

/** What people made that reads the table: what a change of it would touch. */
export function ReadersTab({ tableId }: { tableId: string }) {
  const [{ data, error }, look] = useQuery({ query: TableReaders, variables: { tableId }, requestPolicy: "cache-and-network" });
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />;
  if (!data) return <SkeletonLines lines={4} label={t`Loading what reads the table`} />;
  if (data.tableReaders.length === 0) return <Empty icon="table" title={t`Nothing reads it yet`}><Trans>Dashboards, charts and saved queries whose statements read this table are listed here: what a change of it would touch.</Trans></Empty>;
  return (
    <ul aria-label={t`What reads this table`} className="panel divide-y divide-line overflow-hidden">
      {data.tableReaders.map(({ kind, id, name, tiles }) => (
        <li key={id}>
          <ReaderLink kind={kind} id={id}>
            <Icon name={kinds[kind].icon} className="text-muted" />
            <span className="min-w-0 grow">
              <span className="block truncate font-medium">{name}</span>
              {tiles.length > 0 && <span className="block truncate text-xs text-muted" title={tiles.join(", ")}>{tiles.join(", ")}</span>}
            </span>
            <Badge>{kinds[kind].name}</Badge>
          </ReaderLink>
        </li>
      ))}
    </ul>
  );
}

/** A chart has no page of its own. */
function ReaderLink({ kind, id, children }: { kind: TableReaderKind; id: string; children: ReactNode }) {
  const look = "flex items-center gap-3 px-4 py-2.5 text-sm";
  if (kind === "CHART") return <div className={look}>{children}</div>;
  return kind === "DASHBOARD"
    ? <Link to="/dashboards/$id" params={{ id }} className={`${look} hover:bg-hover focus-visible:-outline-offset-2`}>{children}</Link>
    : <Link to="/sql" search={{ saved: id }} className={`${look} hover:bg-hover focus-visible:-outline-offset-2`}>{children}</Link>;
}
