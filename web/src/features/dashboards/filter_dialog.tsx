import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import type { Filter } from "@/features/dashboards/filters";
import { kindOfType, type LakeTable, type ValueKind } from "@/features/dashboards/lake_tables";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";

const offered: Record<ValueKind, readonly [string, string][]> = {
  text: [["=", t`is`], ["<>", t`is not`], [t`contains`, t`contains`], [t`empty`, t`is empty`], [t`filled`, t`is not empty`]],
  number: [["=", "is"], ["<>", t`is not`], [">=", t`is at least`], ["<=", t`is at most`], ["empty", t`is empty`], ["filled", t`is not empty`]],
  time: [[">=", t`is at or after`], ["<=", t`is at or before`], ["empty", t`is empty`], ["filled", t`is not empty`]],
  flag: [["=", "is"], ["empty", t`is empty`], ["filled", t`is not empty`]],
};

/** A condition on a column of the tiles' tables. */
export function FilterDialog({ tables, onDone, onClose }: { tables: readonly LakeTable[]; onDone: (filter: Filter) => void; onClose: () => void }) {
  const columns = [...new Map(tables.flatMap((table) => table.columns.filter(({ type }) => kindOfType(type)).map(({ name, type }) => [name, type] as const)))].sort(([a], [b]) => a.localeCompare(b));
  const [column, setColumn] = useState(columns[0]?.[0] ?? "");
  const kind = kindOfType(columns.find(([name]) => name === column)?.[1] ?? "") ?? "text";
  const [chosen, setChosen] = useState("=");
  const is = offered[kind].some(([value]) => value === chosen) ? chosen : offered[kind][0]![0];
  const bare = is === "empty" || is === "filled";
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = String(new FormData(event.currentTarget).get("value") ?? "");
    if (bare) onDone({ column, is: is === "empty" ? "=" : "<>", value: null });
    else onDone({ column, is: is as Filter["is"], value });
    onClose();
  };
  return (
    <Dialog title={t`Filter`} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <p className="text-sm text-muted"><Trans>It holds for each tile whose tables have the column.</Trans></p>
        <SelectField label={t`Column`} value={column} onChange={(event) => setColumn(event.target.value)}>
          {columns.map(([name]) => <option key={name}>{name}</option>)}
        </SelectField>
        <SelectField label={t`Condition`} value={is} onChange={(event) => setChosen(event.target.value)}>
          {offered[kind].map(([value, label]) => <option key={value} value={value}>{label}</option>)}
        </SelectField>
        {!bare && (kind === "flag" ? (
          <SelectField label={t`Value`} name={t`value`}><option><Trans>true</Trans></option><option><Trans>false</Trans></option></SelectField>
        ) : <TextField key={kind} label={t`Value`} name={t`value`} required={kind !== "text"} type={kind === "number" ? "number" : kind === "time" ? "date" : "text"} step="any" />)}
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid"><Trans>Filter</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
