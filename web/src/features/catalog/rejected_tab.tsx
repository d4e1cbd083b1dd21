import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { tableInSql, type Place } from "@/features/catalog/append_code";
import { RejectedDialog } from "@/features/catalog/rejected_dialog";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Empty, Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";

const RejectedRows = graphql(`
  query RejectedRows($tableId: ID!) {
    rejectedRows(tableId: $tableId, first: 100) {
      totalCount
      edges {
        node {
          id
          rejectedAt
          error
          row
        }
      }
    }
  }
`);

const ReplayRejectedRows = graphql(`
  mutation ReplayRejectedRows($tableId: ID!, $ids: [ID!]!) {
    replayRejectedRows(tableId: $tableId, ids: $ids) {
      accepted
      rejected
    }
  }
`);

const MendRejectedRow = graphql(`
  mutation MendRejectedRow($tableId: ID!, $id: ID!, $row: String!) {
    mendRejectedRow(tableId: $tableId, id: $id, row: $row) {
      accepted
      rejected
    }
  }
`);

const DiscardRejectedRows = graphql(`
  mutation DiscardRejectedRows($tableId: ID!, $ids: [ID!]!) {
    discardRejectedRows(tableId: $tableId, ids: $ids)
  }
`);

/** Rows that did not fit, as they came; they can be sent again when the table fits them. */
export function RejectedTab({ tableId, place }: { tableId: string; place: Place }) {
  const [{ data, error }, look] = useQuery({ query: RejectedRows, variables: { tableId }, requestPolicy: "cache-and-network" });
  const [{ fetching }, replay] = useMutation(ReplayRejectedRows);
  const [, mendRow] = useMutation(MendRejectedRow);
  const [{ fetching: discarding }, discard] = useMutation(DiscardRejectedRows);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<string | null>(null);
  const [fitted, setFitted] = useState(0);
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />;
  if (!data) return <SkeletonLines label={t`Loading rejected rows`} />;
  const rows = data.rejectedRows.edges.map((edge) => edge.node);
  if (rows.length === 0) return <Empty icon="check" title={t`Every row fitted`} action={fitted > 0 && <SeeThem place={place} />}><Trans>A row that does not fit the table is kept here with the reason, and can be sent again.</Trans></Empty>;
  const all = rows.every((row) => chosen.has(row.id));
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const shown = rows.find((row) => row.id === open);
  const send = async (ids: readonly string[]) => {
    const result = await replay({ tableId, ids: [...ids] });
    if (result.error || !result.data) return toast(result.error ? errorText(result.error) : t`The server gave no answer.`, "failed");
    settled(result.data.replayRejectedRows);
  };
  const settled = ({ accepted, rejected }: { accepted: number; rejected: number }) => {
    toast(t`${plural(accepted, { one: "# row", other: "# rows" })} fitted${rejected ? t`, ${plural(rejected, { one: "# row", other: "# rows" })} did not` : ""}`, rejected && !accepted ? "failed" : "done");
    setChosen(new Set());
    setFitted((before) => before + accepted);
    look({ requestPolicy: "network-only" });
  };
  const mend = async (id: string, row: string) => {
    const result = await mendRow({ tableId, id, row });
    if (result.data) settled(result.data.mendRejectedRow);
    else toast(result.error ? errorText(result.error) : t`The server gave no answer.`, "failed");
    return Boolean(result.data);
  };
  const letGo = async (ids: readonly string[]) => {
    const result = await discard({ tableId, ids: [...ids] });
    if (!result.data) return toast(result.error ? errorText(result.error) : t`The server gave no answer.`, "failed");
    toast(t`Discarded ${plural(result.data.discardRejectedRows, { one: "# row", other: "# rows" })}`);
    setChosen(new Set());
    look({ requestPolicy: "network-only" });
  };
  return (
    <div className="panel overflow-hidden">
      <div className="flex min-h-11 flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-1.5 text-sm">
        <label className="flex items-center gap-2"><input type="checkbox" checked={all} onChange={() => setChosen(all ? new Set() : new Set(rows.map((row) => row.id)))} className="accent-solid" /> <Trans>All that are shown</Trans></label>
        <span className="flex flex-wrap items-center gap-2">
          {fitted > 0 && <><span role="status" className="text-xs text-muted"><Trans>{plural(fitted, { one: "# row", other: "# rows" })} fitted now.</Trans></span><SeeThem place={place} /></>}
          <Button small icon="refresh" busy={fetching} disabled={chosen.size === 0} onClick={() => void send([...chosen])}><Trans>Send again{chosen.size > 0 && ` (${chosen.size})`}</Trans></Button>
          <Button small icon="trash" busy={discarding} disabled={chosen.size === 0} onClick={() => void letGo([...chosen])}><Trans>Discard</Trans></Button>
        </span>
      </div>
      <ListTable label={t`Rejected rows`} heads={[{ name: t`Choose`, hidden: true }, t`When`, t`Why`, t`Row`, { name: t`Actions`, right: true, hidden: true }]}>
        {rows.map((row) => (
          <tr key={row.id}>
            <Cell><input type="checkbox" aria-label={t`Choose the row: ${row.error}`} checked={chosen.has(row.id)} onChange={() => toggle(row.id)} className="accent-solid" /></Cell>
            <Cell muted><Ago at={row.rejectedAt} /></Cell>
            <Cell className="max-w-72">{row.error}</Cell>
            <Cell mono className="max-w-96 truncate"><span title={row.row}>{row.row}</span></Cell>
            <Cell right><Button small aria-label={t`Mend the row: ${row.row.slice(0, 80)}`} onClick={() => setOpen(row.id)}><Trans>Mend</Trans></Button></Cell>
          </tr>
        ))}
      </ListTable>
      <footer className="border-t border-line px-4 py-2 text-xs text-muted"><Trans>{rows.length} of {plural(data.rejectedRows.totalCount, { one: "# rejected row", other: "# rejected rows" })}</Trans></footer>
      {shown && <RejectedDialog tableId={tableId} rejected={shown} onSend={() => send([shown.id])} onMend={(row) => mend(shown.id, row)} onDiscard={() => letGo([shown.id])} onClose={() => setOpen(null)} />}
    </div>
  );
}

const SeeThem = ({ place }: { place: Place }) => (
  <Link to="/sql" search={{ q: `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100` }} className={buttonClass("plain", true)}><Trans>See the table’s rows</Trans></Link>
);
