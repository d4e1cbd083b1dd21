import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useMutation, useQuery } from "urql";
import { tableInSql, type Place } from "@/features/catalog/append_code";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Confirm } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { formatCount, formatMoment, plural } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";

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

const RollBack = graphql(`
  mutation RollBack($tableId: ID!, $snapshotId: ID!) {
    rollBackTable(tableId: $tableId, snapshotId: $snapshotId) {
      id
      rowCount
      sizeBytes
      fileCount
      lastUpdatedAt
      currentSnapshot {
        id
      }
    }
  }
`);

type Snapshot = { id: string; committedAt: string; totalRows?: number | null };

export function SnapshotsTab({ tableId, place, current, canChange }: { tableId: string; place: Place; current: string | null; canChange: boolean }) {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({ query: TableSnapshots, variables: { id: tableId, after } });
  const [back, setBack] = useState<Snapshot | null>(null);
  const [, rollBack] = useMutation(RollBack);
  const shown = useRef(current);
  useEffect(() => {
    if (shown.current === current) return;
    shown.current = current;
    setAfter(null);
    retry({ requestPolicy: "network-only" });
  }, [current, retry]);

  if (error && !data?.node) return <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (data?.node?.__typename !== "Table") return <SkeletonLines lines={6} label="Loading snapshots" />;
  const { snapshots, refs } = data.node;
  if (snapshots.edges.length === 0) return <Empty icon="history" title="No snapshots yet">The first commit makes one, a moment after rows come in.</Empty>;

  const confirm = async (snapshot: Snapshot) => {
    const result = await rollBack({ tableId, snapshotId: snapshot.id });
    if (result.error) toast(errorText(result.error), "failed");
    else toast(`Rolled ${place.table} back to ${formatMoment(snapshot.committedAt)}`);
  };
  return (
    <div className="panel overflow-hidden">
      <ListTable label="Snapshots" heads={["Committed", "Operation", { name: "Rows added", right: true }, { name: "Rows in all", right: true }, "Snapshot", { name: "Actions", right: true, hidden: true }]}>
        {snapshots.edges.map(({ node: snapshot }) => (
          <tr key={snapshot.id}>
            <Cell><Ago at={snapshot.committedAt} /></Cell>
            <Cell>
              <span className="flex items-center gap-1.5">
                {snapshot.operation}
                {snapshot.id === current && <Badge tone="ok">present</Badge>}
                {!snapshot.isAncestor && <Badge tone="warn">rolled back</Badge>}
                {refs.filter((ref) => ref.snapshotId === snapshot.id && ref.name !== "main").map((ref) => <Badge key={ref.name} tone="ice">{ref.kind.toLowerCase()} {ref.name}</Badge>)}
              </span>
            </Cell>
            <Cell right>{snapshot.addedRows == null ? "–" : formatCount(snapshot.addedRows)}</Cell>
            <Cell right>{snapshot.totalRows == null ? "–" : formatCount(snapshot.totalRows)}</Cell>
            <Cell mono><span className="flex items-center gap-1 whitespace-nowrap"><span title={snapshot.id}>…{snapshot.id.slice(-8)}</span><CopyButton text={snapshot.id} label="Copy the snapshot's id" /></span></Cell>
            <Cell right>
              <span className="flex justify-end gap-1.5">
                <Link to="/sql" search={{ q: `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100`, asOf: snapshot.id }} className={buttonClass("plain", true)}>Query as of</Link>
                {canChange && snapshot.id !== current && snapshot.isAncestor && <Button small kind="danger" onClick={() => setBack(snapshot)}>Roll back</Button>}
              </span>
            </Cell>
          </tr>
        ))}
      </ListTable>
      <footer className="flex items-center justify-between gap-4 border-t border-line px-4 py-2 text-xs text-muted">
        {snapshots.edges.length} of {plural(snapshots.totalCount, "snapshot")}
        {snapshots.pageInfo.hasNextPage && <Button small busy={fetching} onClick={() => setAfter(snapshots.pageInfo.endCursor ?? null)}>Show more</Button>}
      </footer>
      {back && (
        <Confirm title={`Roll ${place.table} back?`} action="Roll back" onConfirm={() => confirm(back)} onClose={() => setBack(null)}>
          <p>The table will be as it was {formatMoment(back.committedAt)}{back.totalRows != null && <>, with {plural(back.totalRows, "row")}</>}. Rows that came later are no longer part of it; their snapshots stay until they expire.</p>
        </Confirm>
      )}
    </div>
  );
}
