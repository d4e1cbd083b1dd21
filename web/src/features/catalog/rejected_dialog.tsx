import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import type { Place } from "@/features/catalog/append_code";
import { misfitOf, nameForOld, sendCode, type Misfit } from "@/features/catalog/misfit";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { errorText, sentence } from "@/ui/error_text";
import { TextArea } from "@/ui/field";
import { formatMoment } from "@/ui/format";
import { toast } from "@/ui/toast";

const ColumnsInTheWay = graphql(`
  query ColumnsInTheWay($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        columns {
          fieldId
          name
          type
        }
        permissions {
          canChange
        }
      }
    }
  }
`);

const RenameColumn = graphql(`
  mutation RenameColumnInTheWay($tableId: ID!, $fieldId: Int!, $name: String!) {
    renameColumn(tableId: $tableId, fieldId: $fieldId, name: $name) {
      id
      columns {
        fieldId
        name
        type
        required
        comment
        isPartitionSource
        masked
      }
    }
  }
`);

type Row = { id: string; rejectedAt: string; error: string; row: string };

/** One rejected row: why, and both ways to mend it. `onSend` sends it again as it came. */
export function RejectedDialog({ tableId, place, rejected, onSend, onClose }: { tableId: string; place: Place; rejected: Row; onSend: () => Promise<void>; onClose: () => void }) {
  const [text, setText] = useState(rejected.row);
  const [sending, setSending] = useState(false);
  const misfit = misfitOf(rejected.error);
  const code = sendCode(location.origin, place, text);
  const send = async () => {
    setSending(true);
    await onSend();
    onClose();
  };
  return (
    <Dialog title={t`A row that did not fit`} wide onClose={onClose}>
      <div className="grid gap-5 text-sm [&>*]:min-w-0">
        <p><strong className="font-semibold">{sentence(rejected.error)}</strong> <span className="text-muted"><Trans>It came {formatMoment(rejected.rejectedAt)}.</Trans></span></p>
        <section className="grid gap-2">
          <h3 className="font-semibold"><Trans>Mend the table, and send it again</Trans></h3>
          {misfit && <MakeWay tableId={tableId} misfit={misfit} />}
          <div className="flex flex-wrap items-center gap-3">
            <Button small icon="refresh" busy={sending} onClick={() => void send()}><Trans>Send again as it came</Trans></Button>
            <span className="text-xs text-muted"><Trans>Once it fits, it leaves this list and is in the table.</Trans></span>
          </div>
        </section>
        <section className="grid gap-2 [&>*]:min-w-0">
          <h3 className="font-semibold"><Trans>Or mend the row</Trans></h3>
          <TextArea label={t`The row`} rows={4} spellCheck={false} className="font-mono !text-xs" value={text} onChange={(event) => setText(event.target.value)}
            hint={code ? t`Change what is wrong with it, then send it with:` : undefined} error={code ? null : t`This is no JSON object yet.`} />
          {code && <CodeBlock label={t`Send the mended row with curl`} code={code} />}
          <p className="text-xs text-muted"><Trans>The key is a <Link to="/settings" search={{ section: "accounts" }} className="font-medium text-accent underline underline-offset-2">service account’s</Link>, in the environment as FIRN_KEY. The row stays in this list as it came.</Trans></p>
        </section>
      </div>
    </Dialog>
  );
}

/** The column that is in the way gets another name, so that rows make a new one of their own type. */
function MakeWay({ tableId, misfit }: { tableId: string; misfit: Misfit }) {
  const [{ data, error }] = useQuery({ query: ColumnsInTheWay, variables: { id: tableId }, requestPolicy: "cache-and-network" });
  const [{ fetching }, rename] = useMutation(RenameColumn);
  if (error) return <p role="alert" className="text-danger">{errorText(error)}</p>;
  const table = data?.node?.__typename === "Table" ? data.node : null;
  const column = table?.columns.find((each) => each.name === misfit.column && each.type === misfit.type);
  if (!table) return null;
  if (!column) return <p className="text-muted"><Trans>No column {misfit.column} is {misfit.type} any more: the row may fit now.</Trans></p>;
  if (!table.permissions.canChange) return <p className="text-muted"><Trans>Somebody who may change the table can rename {misfit.column}, so that rows make a new column of their own type.</Trans></p>;
  const name = nameForOld(misfit, table.columns.map((each) => each.name));
  const makeWay = async () => {
    const result = await rename({ tableId, fieldId: column.fieldId, name });
    if (result.error) toast(errorText(result.error), "failed");
    else toast(t`${misfit.column} is called ${name} now`);
  };
  return (
    <div className="grid justify-items-start gap-2">
      <p><Trans>Rename the column <code className="rounded bg-sunken px-1 font-mono text-xs">{misfit.column}</code> to <code className="rounded bg-sunken px-1 font-mono text-xs">{name}</code>: its values stay, and the row makes a new column {misfit.column} for {misfit.got}. Statements that name {misfit.column} read the new one.</Trans></p>
      <Button small icon="pencil" busy={fetching} onClick={() => void makeWay()}><Trans>Rename {misfit.column}</Trans></Button>
    </div>
  );
}
