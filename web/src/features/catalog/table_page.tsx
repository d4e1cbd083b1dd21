import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { useMutation, useQuery, useSubscription } from "urql";
import { tableInSql, type Place } from "@/features/catalog/append_code";
import { CodeTab } from "@/features/catalog/code_tab";
import { ColumnsTab } from "@/features/catalog/columns_tab";
import { FilesTab } from "@/features/catalog/files_tab";
import { ReadersTab } from "@/features/catalog/readers_tab";
import { RejectedTab } from "@/features/catalog/rejected_tab";
import { SampleTab } from "@/features/catalog/sample_tab";
import { SnapshotsTab } from "@/features/catalog/snapshots_tab";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { TextArea } from "@/ui/field";
import { formatBytes, formatCount } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Ago } from "@/ui/moment";
import { useTitle } from "@/ui/page";
import { Badge, Empty, Failed, Skeleton } from "@/ui/states";
import { TabPanel, Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";

const TableHead = graphql(`
  query TableHead($catalog: String!, $namespace: String!, $name: String!) {
    table(catalog: $catalog, namespace: $namespace, name: $name) {
      id
      fullName
      comment
      formatVersion
      rowCount
      hotRowCount
      sizeBytes
      fileCount
      lastUpdatedAt
      partitioning {
        name
        sourceColumn
        transform
      }
      currentSnapshot {
        id
      }
      permissions {
        canWrite
        canChange
        canManagePolicies
      }
    }
  }
`);

const TableChanged = graphql(`
  subscription TableChanged($tableId: ID!) {
    tableChanged(tableId: $tableId) {
      tableId
      snapshotId
      addedRows
      totalRows
      committedAt
    }
  }
`);

const SetTableComment = graphql(`
  mutation SetTableComment($id: ID!, $comment: String) {
    setTableComment(id: $id, comment: $comment) {
      id
      comment
    }
  }
`);

const tabNames = { columns: t`Columns`, sample: t`Sample`, snapshots: t`Snapshots`, files: t`Files`, readers: t`Used by`, code: t`Code`, rejected: t`Rejected`, policies: t`Policies` };
type TabId = keyof typeof tabNames;

type Props = { place: Place; tab: string | undefined; onTab: (tab: string) => void; policies: (table: { tableId: string; name: string }) => ReactNode };

export function TableView({ place, tab, onTab, policies }: Props) {
  useTitle(place.table);
  const [{ data, error }, refetch] = useQuery({
    query: TableHead, variables: { catalog: place.catalog, namespace: place.namespace, name: place.table }, requestPolicy: "cache-and-network",
  });
  const [editing, setEditing] = useState(false);
  const table = data?.table;
  const live = useLiveChanges(table?.id, () => refetch({ requestPolicy: "network-only" }));
  const navigate = useNavigate();

  if (error && !data) return <Failed message={errorText(error)} onRetry={() => refetch({ requestPolicy: "network-only" })} />;
  if (data && !table) {
    return (
      <Empty icon="table" title={t`There is no such table`} action={<Link to="/data" className={buttonClass("solid")}><Trans>See all tables</Trans></Link>}>
        <p><Trans>{tableInSql(place)} was renamed or dropped, or it is not shared with you.</Trans></p>
      </Empty>
    );
  }
  const tabs = (Object.keys(tabNames) as TabId[]).filter((id) => (id !== "policies" || table?.permissions.canManagePolicies) && (id !== "rejected" || table?.permissions.canWrite));
  const active = tabs.find((id) => id === tab) ?? "columns";
  const rows = table ? table.rowCount + table.hotRowCount : 0;
  return (
    <div className="px-4 py-5 md:px-8 md:py-7">
      <Link to="/data" className="mb-3 inline-flex items-center gap-1 text-sm text-accent md:hidden"><Icon name="right" size={12} className="rotate-180" /> <Trans>All tables</Trans></Link>
      <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <p className="text-xs text-muted">{place.catalog} / {place.namespace}</p>
          <div className="flex items-center gap-1.5">
            <h1 className="min-w-0 text-2xl font-semibold tracking-tight break-words">{place.table}</h1>
            <CopyButton text={tableInSql(place)} label={t`Copy the table's name`} />
          </div>
          {table && (
            <div className="flex items-center gap-1.5 text-sm text-muted">
              {table.comment ?? (table.permissions.canChange ? "" : t`No comment.`)}
              {table.permissions.canChange && (
                <button type="button" onClick={() => setEditing(true)} className="font-medium text-accent hover:underline">{table.comment ? t`Edit` : t`Describe this table`}</button>
              )}
            </div>
          )}
        </div>
        <Button kind="solid" icon="sql" onClick={() => void navigate({ to: "/sql", search: { q: `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100` } })}><Trans>Query</Trans></Button>
      </header>
      {!table ? <Skeleton className="mb-6 h-16" /> : (
        <dl className="panel mb-6 grid grid-cols-2 overflow-hidden sm:grid-cols-4">
          {([
            [t`Rows`, <span key="r" title={table.hotRowCount ? t`${formatCount(table.hotRowCount)} of them in the log, waiting for the next commit` : undefined}>{formatCount(rows)}</span>],
            [t`Size`, formatBytes(table.sizeBytes)],
            [t`Files`, formatCount(table.fileCount)],
            [t`Last commit`, table.lastUpdatedAt ? <Ago key="a" at={table.lastUpdatedAt} /> : "never"],
          ] as const).map(([name, value], i) => (
            <div key={name} className={`px-4 py-3 ${i % 2 ? "border-l border-line" : "sm:border-l sm:border-line sm:first:border-l-0"} ${i > 1 ? "border-t border-line sm:border-t-0" : ""}`}>
              <dt className="flex items-center gap-1.5 text-xs text-muted">{name}{name === "Rows" && live && <Badge tone="ok"><Trans>live</Trans></Badge>}</dt>
              <dd className="numeric mt-0.5 text-lg font-semibold tracking-tight">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <Tabs label={t`Table`} panelId="table" tabs={tabs.map((id) => ({ id, label: tabNames[id] }))} active={active} onSelect={onTab} />
      <TabPanel id="table" active={active} className="pt-4">
        {table && (
          <>
            {active === "columns" && <ColumnsTab tableId={table.id} place={place} partitioning={table.partitioning} canChange={table.permissions.canChange} />}
            {active === "sample" && <SampleTab tableId={table.id} />}
            {active === "snapshots" && <SnapshotsTab tableId={table.id} place={place} current={table.currentSnapshot?.id ?? null} canChange={table.permissions.canChange} />}
            {active === "files" && <FilesTab tableId={table.id} current={table.currentSnapshot?.id ?? null} />}
            {active === "readers" && <ReadersTab tableId={table.id} />}
            {active === "code" && <CodeTab place={place} />}
            {active === "rejected" && <RejectedTab tableId={table.id} place={place} />}
            {active === "policies" && policies({ tableId: table.id, name: tableInSql(place) })}
          </>
        )}
      </TabPanel>
      {editing && table && <CommentDialog id={table.id} comment={table.comment ?? ""} onClose={() => setEditing(false)} />}
    </div>
  );
}

/** Looks again after commits, at most every two seconds. True while the server tells of them. */
function useLiveChanges(tableId: string | undefined, look: () => void): boolean {
  const [{ data, error }] = useSubscription({ query: TableChanged, variables: { tableId: tableId ?? "" }, pause: !tableId });
  const snapshot = data?.tableChanged.committedAt;
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
  });
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (!snapshot || pending.current) return;
    pending.current = setTimeout(() => {
      pending.current = undefined;
      latest.current();
    }, 2000);
  }, [snapshot]);
  useEffect(() => () => clearTimeout(pending.current), []);
  return !error && snapshot !== undefined;
}

function CommentDialog({ id, comment, onClose }: { id: string; comment: string; onClose: () => void }) {
  const [text, setText] = useState(comment);
  const [{ fetching, error }, save] = useMutation(SetTableComment);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await save({ id, comment: text.trim() || null });
    if (!data) return;
    toast(t`Saved the comment`);
    onClose();
  };
  return (
    <Dialog title={t`Describe this table`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <TextArea label={t`Comment`} hint={t`What its rows are, and where they come from. Agents read it, too.`} rows={4} value={text} onChange={(event) => setText(event.target.value)} error={error && errorText(error)} />
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={fetching}><Trans>Save</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
