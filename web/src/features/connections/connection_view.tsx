import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useMutation, useQuery } from "urql";
import { ConnectionDialog } from "@/features/connections/connection_dialog";
import { ConnectionTables, type PoliciesOf } from "@/features/connections/connection_tables";
import { hasPath, kindNames, placeOf, tlsNames } from "@/features/connections/kinds";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { Facts } from "@/ui/facts";
import { formatDuration, formatShort } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { Ago } from "@/ui/moment";
import { Page } from "@/ui/page";
import { Badge, Empty, Failed, Skeleton } from "@/ui/states";
import { tell } from "@/ui/tell";
import { toast } from "@/ui/toast";

export const ConnectionFacts = graphql(`
  fragment ConnectionFacts on Connection {
    id
    name
    description
    kind
    environmentId
    host
    port
    database
    user
    tls
    path
    tokenUrl
    scope
    storageEndpoint
    storageRegion
    storageUser
    hasStoragePassword
    hasPassword
    readerRole
    rowsMax
    statementTimeoutMs
    createdBy
    createdAt
    refreshedAt
    status {
      ok
      message
      version
      checkedAt
    }
  }
`);

const ConnectionById = graphql(`
  query ConnectionById($id: ID!) {
    connection(id: $id) {
      id
      ...ConnectionFacts
    }
  }
`);

const TestConnection = graphql(`
  mutation TestConnection($id: ID!) {
    testConnection(id: $id) {
      id
      ...ConnectionFacts
      status {
        ok
        message
      }
    }
  }
`);

const RefreshConnection = graphql(`
  mutation RefreshConnection($id: ID!) {
    refreshConnection(id: $id) {
      id
      ...ConnectionFacts
      ...ConnectionSchemas
    }
  }
`);

const DeleteConnection = graphql(`
  mutation DeleteConnection($id: ID!) {
    deleteConnection(id: $id)
  }
`);

type Props = { id: string; table: string | undefined; onTable: (schemaAndName: string | undefined) => void; isAdmin: boolean; canEdit: boolean; policies: PoliciesOf; onGone: () => void };

export function ConnectionView({ id, onGone, ...rest }: Props) {
  const [{ data, error }, look] = useQuery({ query: ConnectionById, variables: { id }, requestPolicy: "cache-and-network" });
  const above = <Link to="/connections" className="font-medium text-accent hover:underline"><Trans>Connections</Trans></Link>;
  if (error && !data) return <Page title={t`Connection`} above={above}><Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} /></Page>;
  if (!data) return <Page title={t`Connection`} above={above}><div className="grid gap-5" role="status"><span className="sr-only"><Trans>Loading</Trans></span><Skeleton className="h-20" /><Skeleton className="h-80" /></div></Page>;
  if (!data.connection) {
    return (
      <Page title={t`Connection`} above={above}>
        <Empty icon="plug" title={t`There is no such connection`} action={<Link to="/connections" className={buttonClass("solid")}><Trans>See all connections</Trans></Link>}><Trans>It was deleted, or you may not read it.</Trans></Empty>
      </Page>
    );
  }
  return <Known connection={data.connection} above={above} onGone={onGone} {...rest} />;
}

/** One connection: how it is, what is in it, and who sees what of it. */
function Known({ connection: masked, above, table, onTable, isAdmin, canEdit, policies, onGone }: Omit<Props, "id"> & { connection: FragmentType<typeof ConnectionFacts>; above: ReactNode }) {
  const connection = readFragment(ConnectionFacts, masked);
  const { id, status } = connection;
  const [testing, test] = useMutation(TestConnection);
  const [refreshing, refresh] = useMutation(RefreshConnection);
  const [, remove] = useMutation(DeleteConnection);
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const tryIt = async () => {
    const { data, error } = await test({ id });
    if (error || !data) toast(error ? errorText(error) : t`The server gave no answer.`, "failed");
    else if (data.testConnection.status.ok) toast(t`${connection.name} answers`);
    else toast(data.testConnection.status.message ?? t`It does not answer`, "failed");
  };
  const list = async () => {
    tell(await refresh({ id }), t`Listed its tables anew`);
  };
  const facts: [string, ReactNode][] = [
    [t`State`, <span key="s" className="flex flex-wrap items-center gap-2"><Badge tone={status.ok ? "ok" : "danger"}>{status.ok ? t`works` : t`does not answer`}</Badge><span className="text-muted"><Ago at={status.checkedAt} /></span></span>],
    [t`System`, `${kindNames[connection.kind]}${status.version ? ` ${status.version}` : ""}`],
    hasPath(connection.kind) ? [connection.kind === "FILES" ? t`Files` : t`File`, connection.path] : [t`Place`, placeOf(connection)],
    [t`Read by`, t`${connection.readerRole.toLowerCase()}s and above`],
    [t`Limits`, t`${formatShort(connection.rowsMax)} rows, ${formatDuration(connection.statementTimeoutMs)}`],
    ...(hasPath(connection.kind) ? [] : [[t`Encryption`, tlsNames[connection.tls]] as [string, ReactNode]]),
  ];
  return (
    <Page title={connection.name} above={above} lead={connection.description || <><Trans>Made by {connection.createdBy}, <Ago at={connection.createdAt} /></Trans></>} actions={
      <>
        {isAdmin && <Button icon="check" busy={testing.fetching} onClick={() => void tryIt()}><Trans>Test</Trans></Button>}
        {canEdit && <Button icon="refresh" busy={refreshing.fetching} onClick={() => void list()}><Trans>Refresh</Trans></Button>}
        {isAdmin && <Button icon="pencil" onClick={() => setOpen("edit")}><Trans>Edit</Trans></Button>}
        {isAdmin && <Menu label={t`More about this connection`} button={<Icon name="more" />} className="grid size-8.5 place-items-center rounded-md text-muted hover:bg-hover" items={[{ label: t`Delete`, icon: "trash", danger: true, onSelect: () => setOpen("delete") }]} />}
      </>
    }>
      <div className="grid gap-5 [&>*]:min-w-0">
        <Facts strong={false} across={facts.length === 6 ? 6 : 5} facts={facts} />
        {!status.ok && (
          <div role="alert" className="grid gap-1 rounded-lg bg-danger-soft px-4 py-3 text-sm text-danger">
            <p className="font-medium break-words">{status.message ?? t`The database does not answer.`}</p>
            <p><Trans>Queries that read its tables fail until it does.{isAdmin && t` Test it again once it is back, or change how it is connected.`}</Trans></p>
          </div>
        )}
        <ConnectionTables id={id} connection={connection.name} refreshedAt={connection.refreshedAt ?? null} chosen={table} onChoose={onTable} policies={policies} />
      </div>
      {open === "edit" && (
        <ConnectionDialog onClose={() => setOpen(null)} onSaved={() => undefined} draft={{
          id, name: connection.name, description: connection.description, kind: connection.kind, environmentId: connection.environmentId, host: connection.host ?? "", port: connection.port ? String(connection.port) : "",
          database: connection.database ?? "", user: connection.user ?? "", tls: connection.tls, path: connection.path ?? "", tokenUrl: connection.tokenUrl ?? "", scope: connection.scope ?? "",
          storageEndpoint: connection.storageEndpoint ?? "", storageRegion: connection.storageRegion ?? "", storageUser: connection.storageUser ?? "", hasStoragePassword: connection.hasStoragePassword, readerRole: connection.readerRole, rowsMax: String(connection.rowsMax),
          timeoutSeconds: String(connection.statementTimeoutMs / 1000), hasPassword: connection.hasPassword,
        }} />
      )}
      {open === "delete" && (
        <Confirm title={t`Forget ${connection.name}?`} action={t`Forget it`} onClose={() => setOpen(null)} onConfirm={async () => {
          const { error } = await remove({ id });
          if (error) toast(errorText(error), "failed");
          else {
            toast(t`Forgot ${connection.name}`);
            onGone();
          }
        }}><p><Trans>The database stays as it is. Queries, dashboards and agents that read its tables fail from now on, and its policies go.</Trans></p></Confirm>
      )}
    </Page>
  );
}
