import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { isJsonObject, misfitOf, nameForOld, type Misfit } from "@/features/catalog/misfit";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
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

type Props = {
  tableId: string;
  rejected: Row;
  /** As it came. */
  onSend: () => Promise<void>;
  /** Another row in its place; false where it was not taken. */
  onMend: (row: string) => Promise<boolean>;
  onDiscard: () => Promise<void>;
  onClose: () => void;
};

/** One rejected row: why, and both ways to mend it. */
export function RejectedDialog({ tableId, rejected, onSend, onMend, onDiscard, onClose }: Props) {
  const [text, setText] = useState(rejected.row);
  const [doing, setDoing] = useState<"send" | "mend" | "discard" | null>(null);
  const misfit = misfitOf(rejected.error);
  const isRow = isJsonObject(text);
  const act = async (what: "send" | "discard", action: () => Promise<void>) => {
    setDoing(what);
    await action();
    onClose();
  };
  const mend = async () => {
    setDoing("mend");
    if (await onMend(text)) onClose();
    else setDoing(null);
  };
  return (
    <Dialog title={t`A row that did not fit`} wide onClose={onClose}>
      <div className="grid gap-5 text-sm [&>*]:min-w-0">
        <p><strong className="font-semibold">{sentence(rejected.error)}</strong> <span className="text-muted"><Trans>It came {formatMoment(rejected.rejectedAt)}.</Trans></span></p>
        <section className="grid gap-2">
          <h3 className="font-semibold"><Trans>Mend the table, and send it again</Trans></h3>
          {misfit && <MakeWay tableId={tableId} misfit={misfit} />}
          <div className="flex flex-wrap items-center gap-3">
            <Button small icon="refresh" busy={doing === "send"} onClick={() => void act("send", onSend)}><Trans>Send again as it came</Trans></Button>
            <span className="text-xs text-muted"><Trans>Once it fits, it leaves this list and is in the table.</Trans></span>
          </div>
        </section>
        <section className="grid gap-2 [&>*]:min-w-0">
          <h3 className="font-semibold"><Trans>Or mend the row</Trans></h3>
          <TextArea label={t`The row`} rows={4} spellCheck={false} className="font-mono !text-xs" value={text} onChange={(event) => setText(event.target.value)}
            hint={isRow ? t`Change what is wrong with it. What you send takes its place.` : undefined} error={isRow ? null : t`This is no JSON object yet.`} />
          <div><Button small icon="play" busy={doing === "mend"} disabled={!isRow || text === rejected.row} onClick={() => void mend()}><Trans>Send the mended row</Trans></Button></div>
        </section>
        <section className="grid gap-2">
          <h3 className="font-semibold"><Trans>Or let it go</Trans></h3>
          <div className="flex flex-wrap items-center gap-3">
            <Button small icon="trash" busy={doing === "discard"} onClick={() => void act("discard", onDiscard)}><Trans>Discard the row</Trans></Button>
            <span className="text-xs text-muted"><Trans>It leaves this list; the table of rejected rows keeps it.</Trans></span>
          </div>
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
