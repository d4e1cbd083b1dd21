import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { tableInSql, type Place } from "@/features/catalog/append_code";
import { isEvidenceTag, type Ref, type Snapshot } from "@/features/catalog/snapshot_text";
import type { RefKind } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { buttonClass, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { formatCount, formatMoment } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { Badge } from "@/ui/states";
import { tell } from "@/ui/tell";
import { toast } from "@/ui/toast";

const CreateTag = graphql(`
  mutation CreateTag($tableId: ID!, $name: String!, $snapshotId: ID!) {
    createTag(tableId: $tableId, name: $name, snapshotId: $snapshotId) {
      name
    }
  }
`);

const CreateBranch = graphql(`
  mutation CreateBranch($tableId: ID!, $name: String!, $snapshotId: ID!) {
    createBranch(tableId: $tableId, name: $name, snapshotId: $snapshotId) {
      name
    }
  }
`);

const DropRef = graphql(`
  mutation DropRef($tableId: ID!, $name: String!) {
    dropRef(tableId: $tableId, name: $name)
  }
`);

export const useCreateTag = () => useMutation(CreateTag);

/** What snapshots of the table are called; empty where nothing is but main. */
export function RefsPanel({ tableId, place, refs, snapshots, canChange, onChanged }: {
  tableId: string; place: Place; refs: readonly Ref[]; snapshots: readonly Snapshot[]; canChange: boolean; onChanged: () => void;
}) {
  const [doomed, setDoomed] = useState<Ref | null>(null);
  const [, drop] = useMutation(DropRef);
  const named = refs.filter((ref) => ref.name !== "main");
  if (named.length === 0) return null;
  return (
    <Section title={t`Branches and tags`} flush>
      <ListTable label={t`Branches and tags`} heads={[t`Name`, t`Kind`, t`Of`, { name: t`Rows`, right: true }, { name: t`Actions`, right: true, hidden: true }]}>
        {named.map((ref) => {
          const snapshot = snapshots.find((each) => each.id === ref.snapshotId);
          return (
            <tr key={ref.name}>
              <Cell className="min-w-36 font-medium break-words">{ref.name}</Cell>
              <Cell><Badge tone="ice">{ref.kind.toLowerCase()}</Badge>{isEvidenceTag(ref.name) && <span className="ml-1.5 text-xs text-muted"><Trans>of pinned evidence</Trans></span>}</Cell>
              <Cell muted>{snapshot ? <Ago at={snapshot.committedAt} /> : <span className="font-mono text-xs" title={ref.snapshotId}>…{ref.snapshotId.slice(-8)}</span>}</Cell>
              <Cell right>{snapshot?.totalRows == null ? "–" : formatCount(snapshot.totalRows)}</Cell>
              <Cell right>
                <span className="flex items-center justify-end gap-1.5">
                  <Link to="/sql" search={{ q: `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100`, asOf: ref.snapshotId }} className={buttonClass("plain", true)}><Trans>Query</Trans></Link>
                  {canChange && !isEvidenceTag(ref.name) && <IconButton icon="trash" label={t`Drop ${ref.name}`} onClick={() => setDoomed(ref)} />}
                </span>
              </Cell>
            </tr>
          );
        })}
      </ListTable>
      {doomed && (
        <Confirm title={t`Drop ${doomed.name}?`} action={t`Drop`} onClose={() => setDoomed(null)} onConfirm={async () => {
          if (tell(await drop({ tableId, name: doomed.name }), t`Dropped ${doomed.name}`)) onChanged();
        }}>
          <p><Trans>{doomed.kind === "TAG" ? t`The snapshot stays until it expires; nothing keeps it longer any more.` : t`Snapshots that were committed to this branch only are lost when they expire.`} {tableInSql(place)} itself does not change.</Trans></p>
        </Confirm>
      )}
    </Section>
  );
}

/** Gives a snapshot a name: a tag stands still, a branch can be written to. */
export function RefDialog({ tableId, snapshot, onClose, onMade }: { tableId: string; snapshot: Snapshot; onClose: () => void; onMade: () => void }) {
  const [kind, setKind] = useState<RefKind>("TAG");
  const [name, setName] = useState("");
  const [tag, createTag] = useMutation(CreateTag);
  const [branch, createBranch] = useMutation(CreateBranch);
  const { fetching, error } = kind === "TAG" ? tag : branch;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await (kind === "TAG" ? createTag : createBranch)({ tableId, name: name.trim(), snapshotId: snapshot.id });
    if (!data) return;
    toast(t`Made the ${kind.toLowerCase()} ${name.trim()}`);
    onClose();
    onMade();
  };
  const kinds: Record<RefKind, string> = { TAG: t`A tag: it keeps this snapshot, whatever comes.`, BRANCH: t`A branch: Iceberg clients can write to it, apart from the table.` };
  return (
    <Dialog title={t`Name this snapshot`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <p className="text-sm text-muted"><Trans>Of {formatMoment(snapshot.committedAt)}{snapshot.totalRows != null && t`, with ${plural(snapshot.totalRows, { one: "# row", other: "# rows" })}`}.</Trans></p>
        <TextField label={t`Name`} required maxLength={255} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
        <fieldset className="grid gap-1.5">
          <legend className="mb-1.5 text-sm font-medium"><Trans>Kind</Trans></legend>
          {(Object.keys(kinds) as RefKind[]).map((each) => (
            <label key={each} className="flex items-center gap-2 text-sm"><input type="radio" name={t`kind`} className="accent-solid" checked={kind === each} onChange={() => setKind(each)} /> {kinds[each]}</label>
          ))}
        </fieldset>
        <FormActions error={error} busy={fetching} action={t`Make it`} onClose={onClose} />
      </form>
    </Dialog>
  );
}
