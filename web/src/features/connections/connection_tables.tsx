import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState, type ReactNode } from "react";
import { useQuery } from "urql";
import { JoinDialog } from "@/features/connections/join_dialog";
import { previewSql } from "@/features/connections/join_sql";
import { readFragment } from "@/gql/fragment-masking";
import type { ConnectionSchemasFragment } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";
import { formatShort } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { Empty, Failed, SkeletonLines } from "@/ui/states";

const ConnectionSchemas = graphql(`
  fragment ConnectionSchemas on Connection {
    id
    schemas {
      name
      tables {
        fullName
        name
        rowEstimate
        columns {
          name
          type
          required
        }
      }
    }
  }
`);

const TablesOfConnection = graphql(`
  query TablesOfConnection($id: ID!) {
    connection(id: $id) {
      id
      ...ConnectionSchemas
    }
  }
`);

type Schema = ConnectionSchemasFragment["schemas"][number];
export type ConnectedTable = Schema["tables"][number];

export type ConnectedPlace = { connectionId: string; schema: string; table: string; fullName: string; columns: readonly string[] };
/** What stands below a table for those who may say who sees what of it. */
export type PoliciesOf = (place: ConnectedPlace) => ReactNode;

type Props = { id: string; connection: string; refreshedAt: string | null; chosen: string | undefined; onChoose: (schemaAndName: string) => void; policies: PoliciesOf };

/** Schemas and tables at the left, the chosen table at the right. */
export function ConnectionTables({ id, connection, refreshedAt, chosen, onChoose, policies }: Props) {
  const [{ data, error }, look] = useQuery({ query: TablesOfConnection, variables: { id } });
  const [search, setSearch] = useState("");
  const sought = useDeferredValue(search.trim().toLowerCase());
  const schemas = readFragment(ConnectionSchemas, data?.connection)?.schemas ?? [];
  const all = schemas.flatMap((schema) => schema.tables.map((table) => ({ schema: schema.name, table })));
  const open = all.find(({ schema, table }) => `${schema}.${table.name}` === chosen) ?? all[0];
  const shown = schemas
    .map((schema) => ({ ...schema, tables: schema.tables.filter(({ name }) => `${schema.name}.${name}`.toLowerCase().includes(sought)) }))
    .filter((schema) => schema.tables.length > 0);
  if (error && !data) return <section className="panel"><Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} /></section>;
  if (!data) return <section className="panel p-4"><SkeletonLines label={t`Loading its tables`} lines={7} /></section>;
  if (!open) return <section className="panel"><Empty icon="table" title={t`No tables`}><Trans>Its user sees no tables. Give it the right to read some, then refresh.</Trans></Empty></section>;
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <Section title={t`Tables`} flush actions={refreshedAt && <span className="pr-2 text-xs text-muted"><Trans>listed <Ago at={refreshedAt} /></Trans></span>}>
        <div className="p-2"><TextField label={t`Search its tables`} hideLabel type="search" placeholder={t`Search its tables`} value={search} onChange={(event) => setSearch(event.target.value)} /></div>
        <div className="max-h-64 overflow-auto px-2 pb-2 lg:max-h-[30rem]" tabIndex={-1}>
          {shown.length === 0 && <p className="px-2 py-3 text-sm text-muted"><Trans>No table is called that.</Trans></p>}
          {shown.map((schema) => (
            <section key={schema.name} aria-label={t`Schema ${schema.name}`}>
              <h3 className="flex items-center gap-1.5 px-2 py-1.5 text-xs font-medium text-muted"><Icon name="folder" size={13} /> {schema.name}</h3>
              <ul>
                {schema.tables.map((table) => (
                  <li key={table.fullName}>
                    <button type="button" aria-current={table === open.table ? "true" : undefined} onClick={() => onChoose(`${schema.name}.${table.name}`)}
                      className={`flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left text-sm focus-visible:-outline-offset-2 ${table === open.table ? "bg-soft font-medium text-accent" : "hover:bg-hover"}`}>
                      <Icon name="table" size={14} className="text-muted" /> <span className="min-w-0 grow truncate">{table.name}</span>
                      {table.rowEstimate != null && <span className="numeric text-xs font-normal text-muted">{formatShort(table.rowEstimate)}</span>}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </Section>
      <TableDetail key={open.table.fullName} connectionId={id} connection={connection} schema={open.schema} table={open.table} policies={policies} />
    </div>
  );
}

function TableDetail({ connectionId, connection, schema, table, policies }: { connectionId: string; connection: string; schema: string; table: ConnectedTable; policies: PoliciesOf }) {
  const [joining, setJoining] = useState(false);
  return (
    <div className="grid min-w-0 gap-5">
      <section className="panel min-w-0 overflow-hidden" aria-label={`${schema}.${table.name}`}>
        <header className="flex flex-wrap items-center justify-between gap-2 border-b border-line py-2.5 pr-3 pl-4">
          <div className="min-w-0">
            <h2 className="flex items-center gap-1 text-sm font-semibold break-all">{connection}.{schema}.{table.name} <CopyButton text={table.fullName} label={t`Copy the table's name`} /></h2>
            <p className="text-xs text-muted">{plural(table.columns.length, { one: "# column", other: "# columns" })}{table.rowEstimate != null && t`, about ${formatShort(table.rowEstimate)} rows`}</p>
          </div>
          <div className="flex flex-wrap gap-2">
            <Button small icon="plus" onClick={() => setJoining(true)}><Trans>Join with the lake</Trans></Button>
            <Link to="/sql" search={{ q: previewSql(table.fullName) }} className={buttonClass("solid", true)}><Icon name="sql" size={14} /> <Trans>Query</Trans></Link>
          </div>
        </header>
        <div className="max-h-[28rem] overflow-auto">
          <ListTable label={t`Columns`} heads={[t`Column`, t`Type`, t`Nulls`]}>
            {table.columns.map((column) => (
              <tr key={column.name}>
                <Cell className="font-medium">{column.name}</Cell>
                <Cell mono>{column.type.toLowerCase()}</Cell>
                <Cell muted>{column.required ? t`never` : t`may be`}</Cell>
              </tr>
            ))}
          </ListTable>
        </div>
      </section>
      {policies({ connectionId, schema, table: table.name, fullName: table.fullName, columns: table.columns.map((column) => column.name) })}
      {joining && <JoinDialog name={`${connection}.${schema}.${table.name}`} table={table} onClose={() => setJoining(false)} />}
    </div>
  );
}
