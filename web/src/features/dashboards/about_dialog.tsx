import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
    <Dialog title={t`About this dashboard`} onClose={onClose} wide>
      <form onSubmit={submit} className="grid gap-4">
        <TextField label={t`Name`} required value={now.name} onChange={(event) => setNow({ ...now, name: event.target.value })} />
        <TextArea label={t`Description`} rows={2} value={now.description} onChange={(event) => setNow({ ...now, description: event.target.value })} />
        <SelectField label={t`Look for new rows`} value={now.refreshSeconds ?? ""} onChange={(event) => setNow({ ...now, refreshSeconds: event.target.value ? Number(event.target.value) : null })}>
          <option value=""><Trans>When a table changes</Trans></option>
          {[10, 30, 60, 300, 3600].map((seconds) => <option key={seconds} value={seconds}>{seconds < 60 ? t`Every ${seconds} seconds` : seconds === 60 ? t`Every minute` : seconds < 3600 ? t`Every ${seconds / 60} minutes` : t`Every hour`}</option>)}
        </SelectField>
        <fieldset className="grid gap-3">
          <legend className="mb-1 text-sm font-medium"><Trans>Variables</Trans></legend>
          {now.variables.length === 0 && <p className="text-xs text-muted"><Trans>A variable is a control above the tiles; their statements use its value as $name.</Trans></p>}
          {now.variables.map((each, i) => (
            <div key={i} className="grid grid-cols-2 items-end gap-2 rounded-lg border border-line p-3 sm:grid-cols-[1fr_1fr_6.5rem_1fr_1.4fr_2rem]">
              <TextField label={t`Name`} required pattern="[A-Za-z_][A-Za-z0-9_]*" value={each.name} onChange={(event) => variable(i, { name: event.target.value })} />
              <TextField label={t`Label`} value={each.label} onChange={(event) => variable(i, { label: event.target.value })} />
              <SelectField label={t`Type`} value={each.type} onChange={(event) => variable(i, { type: event.target.value })}>
                <option value="text"><Trans>text</Trans></option>
                <option value="number"><Trans>number</Trans></option>
                <option value="date"><Trans>date</Trans></option>
              </SelectField>
              <TextField label={t`At first`} value={each.defaultValue} onChange={(event) => variable(i, { defaultValue: event.target.value })} />
              <TextField label={t`Choices`} placeholder={t`a, b, c`} value={each.options.join(", ")}
                onChange={(event) => variable(i, { options: event.target.value.split(",").map((option, at, all) => (at === all.length - 1 ? option.trimStart() : option.trim())) })}
                onBlur={() => variable(i, { options: each.options.map((option) => option.trim()).filter(Boolean) })} />
              <IconButton icon="trash" label={t`Remove ${each.name || t`the variable`}`} onClick={() => setNow({ ...now, variables: now.variables.filter((_, at) => at !== i) })} />
            </div>
          ))}
          <div><Button small icon="plus" onClick={() => setNow({ ...now, variables: [...now.variables, { name: "", label: "", type: "text", defaultValue: "", options: [] }] })}><Trans>Add a variable</Trans></Button></div>
        </fieldset>
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid"><Trans>Done</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
