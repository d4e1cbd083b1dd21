import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import { ConnectionDialog, newConnection } from "@/features/connections/connection_dialog";
import { hasPath, kindNames, placeOf } from "@/features/connections/kinds";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Icon } from "@/ui/icon";
import { Ago } from "@/ui/moment";
import { Page } from "@/ui/page";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";

const ConnectionRow = graphql(`
  fragment ConnectionRow on Connection {
    id
    name
    description
    kind
    host
    port
    database
    path
    status {
      ok
      message
      version
      checkedAt
    }
  }
`);

const Connections = graphql(`
  query Connections {
    connections {
      id
      ...ConnectionRow
    }
  }
`);

/** Databases that belong to somebody else, joined where they are. */
export function ConnectionList({ isAdmin, onOpen }: { isAdmin: boolean; onOpen: (id: string) => void }) {
  const [{ data, error }, look] = useQuery({ query: Connections, requestPolicy: "cache-and-network" });
  const [adding, setAdding] = useState(false);
  const add = isAdmin && <Button kind="solid" icon="plus" onClick={() => setAdding(true)}><Trans>New connection</Trans></Button>;
  return (
    <Page title={t`Connections`} lead={t`Databases that you have already, joined with the lake’s tables where they are: nothing is copied.`} actions={data && data.connections.length > 0 && add}>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading connections`} /></div>}
      {data && data.connections.length === 0 && (
        <section className="panel">
          <Empty icon="plug" title={t`No connections yet`} action={add}>
            <p><Trans>Connect a PostgreSQL, a MySQL, a SQLite file, or a folder of Parquet and CSV files. Its tables are then named <code className="font-mono text-xs">connection.schema.table</code> in SQL, beside those of the lake. Firn only reads, and keeps the password encrypted.</Trans></p>
            {!isAdmin && <p><Trans>Admins connect databases.</Trans></p>}
          </Empty>
        </section>
      )}
      {data && data.connections.length > 0 && (
        <ul className="panel divide-y divide-line overflow-hidden">{data.connections.map((connection) => <ConnectionItem key={connection.id} connection={connection} />)}</ul>
      )}
      {adding && <ConnectionDialog draft={newConnection} onClose={() => setAdding(false)} onSaved={(id) => { look({ requestPolicy: "network-only" }); onOpen(id); }} />}
    </Page>
  );
}

function ConnectionItem({ connection: masked }: { connection: FragmentType<typeof ConnectionRow> }) {
  const connection = readFragment(ConnectionRow, masked);
  const { status } = connection;
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 hover:bg-hover/60">
      <span className="grid size-9 shrink-0 place-items-center rounded-full bg-soft text-accent"><Icon name="plug" size={18} /></span>
      <div className="min-w-0 grow basis-48">
        <Link to="/connections/$id" params={{ id: connection.id }} className="font-medium after:absolute after:inset-0 hover:text-accent">{connection.name}</Link>
        <p className="truncate text-xs text-muted">{kindNames[connection.kind]}, {hasPath(connection.kind) ? connection.path : placeOf(connection)}</p>
        {connection.description && <p className="truncate text-xs text-muted">{connection.description}</p>}
      </div>
      <div className="ml-auto flex items-center gap-2 text-xs text-muted"><Ago at={status.checkedAt} /> <Badge tone={status.ok ? "ok" : "danger"}>{status.ok ? t`works` : t`does not answer`}</Badge></div>
      {!status.ok && status.message && <p className="w-full rounded-md bg-danger-soft px-3 py-1.5 text-xs break-words text-danger">{status.message}</p>}
    </li>
  );
}
