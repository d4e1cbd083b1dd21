import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { widerTypes } from "@/features/catalog/column_history";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { Confirm, Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { SelectField, TextField } from "@/ui/field";
import { tell } from "@/ui/tell";

const AddColumn = graphql(`
  mutation AddColumn($tableId: ID!, $column: ColumnInput!) {
    addColumn(tableId: $tableId, column: $column) {
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

const RenameColumn = graphql(`
  mutation RenameColumn($tableId: ID!, $fieldId: Int!, $name: String!) {
    renameColumn(tableId: $tableId, fieldId: $fieldId, name: $name) {
      id
    }
  }
`);

const WidenColumn = graphql(`
  mutation WidenColumn($tableId: ID!, $fieldId: Int!, $type: String!) {
    widenColumn(tableId: $tableId, fieldId: $fieldId, type: $type) {
      id
    }
  }
`);

const DropColumn = graphql(`
  mutation DropColumn($tableId: ID!, $fieldId: Int!) {
    dropColumn(tableId: $tableId, fieldId: $fieldId) {
      id
    }
  }
`);

export type ColumnTarget = { fieldId: number; name: string; type: string };
type Props = { tableId: string; column: ColumnTarget; onChanged: () => void; onClose: () => void };

const types = ["string", "long", "double", "boolean", "timestamptz", "date", "int", "float", "decimal(18,2)", "timestamp", "time", "uuid", "binary"];
/** A struct's field is renamed by its own name. */
const ownName = (name: string) => name.split(".").at(-1)!;

/** An optional column: rows that are there have no value in it. Undone by dropping it, which loses nothing while it is empty. */
export function AddColumnDialog({ tableId, onChanged, onClose }: Omit<Props, "column">) {
  const [name, setName] = useState("");
  const [type, setType] = useState("string");
  const [comment, setComment] = useState("");
  const [{ fetching, error }, add] = useMutation(AddColumn);
  const [, drop] = useMutation(DropColumn);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const column = { name: name.trim(), type, required: false, comment: comment.trim() || null };
    const { data } = await add({ tableId, column });
    if (!data) return;
    const made = data.addColumn.columns.find((each) => each.name === column.name);
    const undo = async () => {
      tell(await drop({ tableId, fieldId: made!.fieldId }), t`Took ${column.name} away again`);
      onChanged();
    };
    tell({}, t`Added ${column.name}`, made && (() => void undo()));
    onChanged();
    onClose();
  };
  return (
    <Dialog title={t`Add a column`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Name`} required maxLength={255} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} error={error && errorText(error)} />
        <SelectField label={t`Type`} value={type} onChange={(event) => setType(event.target.value)} hint={t`Rows that are there already have no value in it.`}>
          {types.map((each) => <option key={each}>{each}</option>)}
        </SelectField>
        <TextField label={t`Comment`} autoComplete="off" value={comment} onChange={(event) => setComment(event.target.value)} hint={t`What its values are. Agents read it, too.`} />
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={fetching} disabled={!name.trim()}><Trans>Add</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

export function RenameColumnDialog({ tableId, column, onChanged, onClose }: Props) {
  const before = ownName(column.name);
  const [name, setName] = useState(before);
  const [{ fetching, error }, rename] = useMutation(RenameColumn);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { fieldId } = column;
    const { data } = await rename({ tableId, fieldId, name: name.trim() });
    if (!data) return;
    const undo = async () => {
      tell(await rename({ tableId, fieldId, name: before }), t`It is ${before} again`);
      onChanged();
    };
    tell({}, t`Renamed ${before} to ${name.trim()}`, () => void undo());
    onChanged();
    onClose();
  };
  return (
    <Dialog title={t`Rename ${column.name}`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`New name`} required maxLength={255} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} error={error && errorText(error)}
          hint={t`Its values stay. Queries, dashboards and agents that say the old name no longer find it.`} />
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={fetching} disabled={!name.trim() || name.trim() === before}><Trans>Rename</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

export function WidenColumnDialog({ tableId, column, onChanged, onClose }: Props) {
  const wider = widerTypes(column.type);
  const [type, setType] = useState(wider[0]!);
  const [{ fetching, error }, widen] = useMutation(WidenColumn);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await widen({ tableId, fieldId: column.fieldId, type });
    if (!data) return;
    tell({}, t`${column.name} is ${type} now`);
    onChanged();
    onClose();
  };
  return (
    <Dialog title={t`Widen ${column.name}`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <SelectField label={t`From ${column.type} to`} value={type} onChange={(event) => setType(event.target.value)} error={error && errorText(error)}
          hint={t`Every value that is there fits. There is no way back to the narrower type.`}>
          {wider.map((each) => <option key={each}>{each}</option>)}
        </SelectField>
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={fetching}><Trans>Widen</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

export function DropColumnDialog({ tableId, column, onChanged, onClose }: Props) {
  const [, drop] = useMutation(DropColumn);
  const confirm = async () => {
    if (tell(await drop({ tableId, fieldId: column.fieldId }), t`Dropped ${column.name}`)) onChanged();
  };
  return (
    <Confirm title={t`Drop ${column.name}?`} action={t`Drop`} onConfirm={confirm} onClose={onClose}>
      <p><Trans>Queries, dashboards and agents no longer find it. Snapshots of before keep its values until they expire; a column of the same name that is added later begins empty.</Trans></p>
    </Confirm>
  );
}
