import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import type { ChangeState } from "@/gql/graphql";
import { errorText } from "@/ui/error_text";
import { formatCount } from "@/ui/format";
import { asRows, cellText, type Row } from "@/ui/grid/cells";
import { Badge, Failed, SkeletonLines } from "@/ui/states";

const ProposedChange = graphql(`
  query ProposedChange($id: ID!) {
    stagedChange(id: $id) {
      id
      tableId
      fullName
      branch
      mode
      statement
      rowsBefore
      rowsAfter
      rowsAdded
      rowsRemoved
      columns
      addedRows
      removedRows
      state
    }
  }
`);

const ChangeReaders = graphql(`
  query ChangeReaders($id: ID!) {
    tableReaders(tableId: $id) {
      kind
      id
      name
      tiles
    }
  }
`);

const states: Record<ChangeState, { text: string; tone: "plain" | "ice" | "ok" }> = {
  OPEN: { text: t`on its branch`, tone: "ice" },
  PUBLISHED: { text: t`published`, tone: "ok" },
  DISCARDED: { text: t`discarded`, tone: "plain" },
  EXPIRED: { text: t`expired`, tone: "plain" },
};

/** What a proposed change of a table's rows would do: how many rows, which ones, and who reads them. */
export function StagedChange({ id }: { id: string }) {
  const [{ data, error }, again] = useQuery({ query: ProposedChange, variables: { id }, requestPolicy: "cache-and-network" });
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => again({ requestPolicy: "network-only" })} />;
  if (!data) return <SkeletonLines label={t`Loading the change`} lines={4} />;
  const change = data.stagedChange;
  if (!change) return <p className="rounded-md bg-sunken px-3 py-2 text-sm text-muted"><Trans>The change is not there any more, or you may not see its table.</Trans></p>;
  const state = states[change.state];
  return (
    <section aria-label={t`Change of ${change.fullName}`} className="grid gap-3 rounded-md border border-line p-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 text-sm">
        <p className="min-w-0 break-words"><Trans><span className="font-mono text-xs">{change.fullName}</span>: {formatCount(change.rowsBefore)} rows {change.state === "OPEN" ? t`would become` : t`to`} {formatCount(change.rowsAfter)}</Trans></p>
        <span className="flex items-center gap-2 text-xs">
          <span className="numeric text-ok">+{formatCount(change.rowsAdded)}</span>
          <span className="numeric text-danger">−{formatCount(change.rowsRemoved)}</span>
          <Badge tone={state.tone}>{state.text}</Badge>
        </span>
      </div>
      <RowsThatDiffer columns={change.columns} added={change.addedRows} removed={change.removedRows} rowsAdded={change.rowsAdded} rowsRemoved={change.rowsRemoved} />
      <details className="text-sm">
        <summary className="cursor-pointer text-muted"><Trans>{change.mode === "REPLACE" ? t`The rows afterwards` : t`The rows to add`}, as SQL…</Trans></summary>
        <pre tabIndex={0} className="mt-2 max-h-72 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs">{change.statement}</pre>
      </details>
      {change.state === "OPEN" && <Readers table={change.tableId} branch={change.branch} />}
    </section>
  );
}

function RowsThatDiffer({ columns, added, removed, rowsAdded, rowsRemoved }: {
  columns: readonly string[]; added: unknown; removed: unknown; rowsAdded: number; rowsRemoved: number;
}) {
  if (added === null || removed === null) return <p className="text-sm text-muted"><Trans>The rows themselves are from tables that you see only a part of.</Trans></p>;
  const gone = asRows(removed);
  const fresh = asRows(added);
  const more = rowsAdded + rowsRemoved - gone.length - fresh.length;
  const line = (row: Row, index: number, isNew: boolean) => (
    <tr key={`${isNew ? "+" : "-"}${index}`} className={isNew ? "bg-ok-soft" : "bg-danger-soft"}>
      <th scope="row" className={`w-6 px-2 py-1 text-center font-mono ${isNew ? "text-ok" : "text-danger"}`}>{isNew ? "+" : "−"}<span className="sr-only">{isNew ? t` added` : t` removed`}</span></th>
      {row.map((value, column) => <td key={columns[column]} className="max-w-64 truncate px-2 py-1 whitespace-nowrap">{value === null ? <span className="text-muted"><Trans>null</Trans></span> : cellText(value)}</td>)}
    </tr>
  );
  return (
    <div className="grid gap-1">
      <div className="max-h-72 overflow-auto rounded-md border border-line" tabIndex={0} role="region" aria-label={t`Rows that differ`}>
        <table className="w-full border-collapse font-mono text-xs">
          <thead className="sticky top-0 bg-sunken text-left text-muted">
            <tr><th scope="col" className="px-2 py-1"><span className="sr-only"><Trans>Added or removed</Trans></span></th>{columns.map((name) => <th key={name} scope="col" className="px-2 py-1 font-medium whitespace-nowrap">{name}</th>)}</tr>
          </thead>
          <tbody>{gone.map((row, i) => line(row, i, false))}{fresh.map((row, i) => line(row, i, true))}</tbody>
        </table>
      </div>
      {more > 0 && <p className="text-xs text-muted"><Trans>and {formatCount(more)} more</Trans></p>}
    </div>
  );
}

/** Dashboards can be looked at as they would be. */
function Readers({ table, branch }: { table: string; branch: string }) {
  const [{ data }] = useQuery({ query: ChangeReaders, variables: { id: table } });
  if (!data) return null;
  const dashboards = data.tableReaders.filter(({ kind }) => kind === "DASHBOARD");
  const others = data.tableReaders.filter(({ kind }) => kind !== "DASHBOARD");
  if (data.tableReaders.length === 0) return <p className="text-sm text-muted"><Trans>No dashboard, chart or saved query reads this table.</Trans></p>;
  return (
    <div className="grid gap-1 text-sm">
      <h3 className="text-xs font-medium text-muted"><Trans>Who reads this table</Trans></h3>
      <ul className="grid gap-1">
        {dashboards.map(({ id, name, tiles }) => (
          <li key={id} className="flex flex-wrap items-baseline gap-x-2">
            <Link to="/dashboards/$id" params={{ id }} search={{ asOf: branch }} className="font-medium text-accent underline underline-offset-2"><Trans>{name} with the change</Trans></Link>
            <span className="text-xs text-muted">{tiles.join(", ")}</span>
          </li>
        ))}
        {others.length > 0 && <li className="text-xs text-muted">{others.map(({ kind, name }) => `${kind === "CHART" ? "chart" : t`saved query`} ${name}`).join("; ")}</li>}
      </ul>
    </div>
  );
}
