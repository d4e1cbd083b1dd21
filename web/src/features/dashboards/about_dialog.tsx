import { useState, type FormEvent } from "react";
import type { DashboardDraft, VariableDraft } from "@/features/dashboards/draft";
import { Button, IconButton } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { SelectField, TextArea, TextField } from "@/ui/field";

/** Name, description, refreshing, variables of a dashboard being edited. */
export function AboutDialog({ draft, onDone, onClose }: { draft: DashboardDraft; onDone: (draft: DashboardDraft) => void; onClose: () => void }) {
  const [now, setNow] = useState(draft);
  const variable = (at: number, fields: Partial<VariableDraft>) =>
    setNow({ ...now, variables: now.variables.map((each, i) => (i === at ? { ...each, ...fields } : each)) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone({ ...now, variables: now.variables.filter((each) => each.name) });
    onClose();
  };
  return (
    <Dialog title="About this dashboard" onClose={onClose} wide>
      <form onSubmit={submit} className="grid gap-4">
        <TextField label="Name" required value={now.name} onChange={(event) => setNow({ ...now, name: event.target.value })} />
        <TextArea label="Description" rows={2} value={now.description} onChange={(event) => setNow({ ...now, description: event.target.value })} />
        <SelectField label="Look for new rows" value={now.refreshSeconds ?? ""} onChange={(event) => setNow({ ...now, refreshSeconds: event.target.value ? Number(event.target.value) : null })}>
          <option value="">When a table changes</option>
          {[10, 30, 60, 300, 3600].map((seconds) => <option key={seconds} value={seconds}>{seconds < 60 ? `Every ${seconds} seconds` : seconds === 60 ? "Every minute" : seconds < 3600 ? `Every ${seconds / 60} minutes` : "Every hour"}</option>)}
        </SelectField>
        <fieldset className="grid gap-3">
          <legend className="mb-1 text-sm font-medium">Variables</legend>
          {now.variables.length === 0 && <p className="text-xs text-muted">A variable is a control above the tiles; their statements use its value as $name.</p>}
          {now.variables.map((each, i) => (
            <div key={i} className="grid grid-cols-2 items-end gap-2 rounded-lg border border-line p-3 sm:grid-cols-[1fr_1fr_6.5rem_1fr_1.4fr_2rem]">
              <TextField label="Name" required pattern="[A-Za-z_][A-Za-z0-9_]*" value={each.name} onChange={(event) => variable(i, { name: event.target.value })} />
              <TextField label="Label" value={each.label} onChange={(event) => variable(i, { label: event.target.value })} />
              <SelectField label="Type" value={each.type} onChange={(event) => variable(i, { type: event.target.value })}>
                <option value="text">text</option>
                <option value="number">number</option>
                <option value="date">date</option>
              </SelectField>
              <TextField label="At first" value={each.defaultValue} onChange={(event) => variable(i, { defaultValue: event.target.value })} />
              <TextField label="Choices" placeholder="a, b, c" value={each.options.join(", ")}
                onChange={(event) => variable(i, { options: event.target.value.split(",").map((option, at, all) => (at === all.length - 1 ? option.trimStart() : option.trim())) })}
                onBlur={() => variable(i, { options: each.options.map((option) => option.trim()).filter(Boolean) })} />
              <IconButton icon="trash" label={`Remove ${each.name || "the variable"}`} onClick={() => setNow({ ...now, variables: now.variables.filter((_, at) => at !== i) })} />
            </div>
          ))}
          <div><Button small icon="plus" onClick={() => setNow({ ...now, variables: [...now.variables, { name: "", label: "", type: "text", defaultValue: "", options: [] }] })}>Add a variable</Button></div>
        </fieldset>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="solid">Done</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
