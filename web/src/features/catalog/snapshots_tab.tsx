import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useQuery } from "urql";
import { tableInSql, type Place } from "@/features/catalog/append_code";
import { RefDialog, RefsPanel } from "@/features/catalog/refs_panel";
import { RollBackDialog, SetAside } from "@/features/catalog/roll_back";
import { onBranches, setAside, type Snapshot } from "@/features/catalog/snapshot_text";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { errorText } from "@/ui/error_text";
import { formatCount } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";

const TableSnapshots = graphql(`
  query TableSnapshots($id: ID!, $after: String) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        refs {
          name
          kind
          snapshotId
        }
        snapshots(first: 25, after: $after) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          edges {
            cursor
            node {
              id
              parentId
              committedAt
              operation
              addedRows
              totalRows
              addedFiles
              isAncestor
            }
          }
        }
      }
    }
  }
`);

export function SnapshotsTab({ tableId, place, current, canChange }: { tableId: string; place: Place; current: string | null; canChange: boolean }) {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({ query: TableSnapshots, variables: { id: tableId, after } });
  const [back, setBack] = useState<Snapshot | null>(null);
  const [naming, setNaming] = useState<Snapshot | null>(null);
  const again = () => retry({ requestPolicy: "network-only" });
  const shown = useRef(current);
  useEffect(() => {
    if (shown.current === current) return;
    shown.current = current;
    setAfter(null);
    retry({ requestPolicy: "network-only" });
  }, [current, retry]);

  if (error && !data?.node) return <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (data?.node?.__typename !== "Table") return <SkeletonLines lines={6} label={t`Loading snapshots`} />;
  const { snapshots, refs } = data.node;
  const all = snapshots.edges.map((edge) => edge.node);
  const branched = onBranches(all, refs);
  const aside = setAside(all, refs, current);
  if (snapshots.edges.length === 0) return <Empty icon="history" title={t`No snapshots yet`}><Trans>The first commit makes one, a moment after rows come in.</Trans></Empty>;

  return (
    <div className="grid gap-4 [&>*]:min-w-0">
      {aside && <SetAside tableId={tableId} place={place} newest={aside} canChange={canChange} onDone={again} />}
      <RefsPanel tableId={tableId} place={place} refs={refs} snapshots={all} canChange={canChange} onChanged={again} />
      <div className="panel overflow-hidden">
        <ListTable label={t`Snapshots`} heads={[t`Committed`, t`Operation`, { name: t`Rows added`, right: true }, { name: t`Rows in all`, right: true }, t`Snapshot`, { name: t`Actions`, right: true, hidden: true }]}>
          {all.map((snapshot) => (
            <tr key={snapshot.id}>
              <Cell><Ago at={snapshot.committedAt} /></Cell>
              <Cell>
                <span className="flex flex-wrap items-center gap-1.5">
                  {snapshot.operation}
                  {snapshot.id === current && <Badge tone="ok"><Trans>present</Trans></Badge>}
                  {!snapshot.isAncestor && !branched.has(snapshot.id) && <Badge tone="warn"><Trans>set aside</Trans></Badge>}
                  {refs.filter((ref) => ref.snapshotId === snapshot.id && ref.name !== "main").map((ref) => <Badge key={ref.name} tone="ice"><span title={`${ref.kind.toLowerCase()} ${ref.name}`} className="max-w-32 truncate">{ref.name}</span></Badge>)}
                </span>
              </Cell>
              <Cell right>{snapshot.addedRows == null ? "–" : formatCount(snapshot.addedRows)}</Cell>
              <Cell right>{snapshot.totalRows == null ? "–" : formatCount(snapshot.totalRows)}</Cell>
              <Cell mono><span className="flex items-center gap-1 whitespace-nowrap"><span title={snapshot.id}>…{snapshot.id.slice(-8)}</span><CopyButton text={snapshot.id} label={t`Copy the snapshot's id`} /></span></Cell>
              <Cell right>
                <span className="flex justify-end gap-1.5">
                  <Link to="/sql" search={{ q: `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100`, asOf: snapshot.id }} className={buttonClass("plain", true)}><Trans>Query</Trans></Link>
                  {canChange && <Button small onClick={() => setNaming(snapshot)}><Trans>Name</Trans></Button>}
                  {canChange && snapshot.id !== current && snapshot.isAncestor && <Button small kind="danger" onClick={() => setBack(snapshot)}><Trans>Roll back</Trans></Button>}
                </span>
              </Cell>
            </tr>
          ))}
        </ListTable>
        <footer className="flex items-center justify-between gap-4 border-t border-line px-4 py-2 text-xs text-muted">
          <Trans>{snapshots.edges.length} of {plural(snapshots.totalCount, { one: "# snapshot", other: "# snapshots" })}</Trans>
          {snapshots.pageInfo.hasNextPage && <Button small busy={fetching} onClick={() => setAfter(snapshots.pageInfo.endCursor ?? null)}><Trans>Show more</Trans></Button>}
        </footer>
      </div>
      {naming && <RefDialog tableId={tableId} snapshot={naming} onClose={() => setNaming(null)} onMade={again} />}
      {back && <RollBackDialog tableId={tableId} place={place} present={all.find((each) => each.id === current)} to={back} onClose={() => setBack(null)} onDone={again} />}
    </div>
  );
}
