import { useState, type FormEvent } from "react";
import type { Filter } from "@/features/dashboards/filters";
import { kindOfType, type LakeTable, type ValueKind } from "@/features/dashboards/lake_tables";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";

const offered: Record<ValueKind, readonly [string, string][]> = {
  text: [["=", "is"], ["<>", "is not"], ["contains", "contains"], ["empty", "is empty"], ["filled", "is not empty"]],
  number: [["=", "is"], ["<>", "is not"], [">=", "is at least"], ["<=", "is at most"], ["empty", "is empty"], ["filled", "is not empty"]],
  time: [[">=", "is at or after"], ["<=", "is at or before"], ["empty", "is empty"], ["filled", "is not empty"]],
  flag: [["=", "is"], ["empty", "is empty"], ["filled", "is not empty"]],
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
    <Dialog title="Filter" onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <p className="text-sm text-muted">It holds for each tile whose tables have the column.</p>
        <SelectField label="Column" value={column} onChange={(event) => setColumn(event.target.value)}>
          {columns.map(([name]) => <option key={name}>{name}</option>)}
        </SelectField>
        <SelectField label="Condition" value={is} onChange={(event) => setChosen(event.target.value)}>
          {offered[kind].map(([value, label]) => <option key={value} value={value}>{label}</option>)}
        </SelectField>
        {!bare && (kind === "flag" ? (
          <SelectField label="Value" name="value"><option>true</option><option>false</option></SelectField>
        ) : <TextField key={kind} label="Value" name="value" required={kind !== "text"} type={kind === "number" ? "number" : kind === "time" ? "date" : "text"} step="any" />)}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="solid">Filter</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
