import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { conditionNames, isChange, thresholdToKeep } from "@/features/automation/condition";
import { StatementField } from "@/features/automation/statement_field";
import type { AlertCondition } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { ownZone, ScheduleField } from "@/ui/schedule_field";
import { toast } from "@/ui/toast";

const AlertChannels = graphql(`
  query AlertChannels {
    channels {
      id
      name
      kind
    }
  }
`);

const SetAlert = graphql(`
  mutation SetAlert($input: AlertInput!) {
    setAlert(input: $input) {
      id
      name
    }
  }
`);

export type AlertDraft = {
  id: string | null; name: string; statement: string; catalog?: string | null; namespace?: string | null; condition: AlertCondition; threshold: number; changeMinutes: number | null; channelIds: readonly string[]; cron: string; zone: string; paused: boolean;
};

export const newAlert = (statement = ""): AlertDraft => ({
  id: null, name: "", statement, condition: "ABOVE", threshold: 0, changeMinutes: null, channelIds: [], cron: "*/5 * * * *", zone: ownZone(), paused: false,
});

/** Makes an alert, or changes one. */
export function AlertDialog({ draft, onClose, onSaved }: { draft: AlertDraft; onClose: () => void; onSaved: () => void }) {
  const [form, setForm] = useState({ ...draft, threshold: String(thresholdToKeep(draft.condition, draft.threshold)), changeMinutes: String(draft.changeMinutes ?? 60) });
  const [{ data: channels }] = useQuery({ query: AlertChannels });
  const [{ fetching, error }, save] = useMutation(SetAlert);
  const change = (fields: Partial<typeof form>) => setForm((old) => ({ ...old, ...fields }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await save({ input: {
      id: form.id, name: form.name.trim(), statement: form.statement, catalog: form.catalog, namespace: form.namespace, condition: form.condition, threshold: thresholdToKeep(form.condition, Number(form.threshold)),
      changeMinutes: isChange(form.condition) ? Number(form.changeMinutes) : null, channelIds: [...form.channelIds], plan: { cron: form.cron.trim(), timezone: form.zone, paused: form.paused },
    } });
    if (!data) return;
    toast(t`Saved ${data.setAlert.name}; it is checked as you`);
    onClose();
    onSaved();
  };
  return (
    <Dialog title={draft.id ? t`Change ${draft.name}` : t`New alert`} onClose={onClose} wide>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Name`} required placeholder={t`Delays at JFK`} value={form.name} onChange={(event) => change({ name: event.target.value })} />
        <StatementField value={form.statement} hint={t`Gives the number: the first column of the first row.`} onChange={(statement) => change({ statement })} />
        <div className="grid gap-3 sm:grid-cols-[2fr_1fr_1fr]">
          <SelectField label={t`Fires where it`} value={form.condition} onChange={(event) => change({ condition: event.target.value as AlertCondition })}>
            {(Object.keys(conditionNames) as AlertCondition[]).map((each) => <option key={each} value={each}>{conditionNames[each]}</option>)}
          </SelectField>
          <TextField label={t`Threshold`} type="number" step="any" required value={form.threshold} onChange={(event) => change({ threshold: event.target.value })} />
          {isChange(form.condition) && <TextField label={t`In minutes`} type="number" min={1} required value={form.changeMinutes} onChange={(event) => change({ changeMinutes: event.target.value })} />}
        </div>
        <ScheduleField value={form} onChange={change} />
        <label className="flex items-center gap-2 text-sm"><input type="checkbox" className="accent-solid" checked={form.paused} onChange={(event) => change({ paused: event.target.checked })} /> <Trans>Paused</Trans></label>
        <fieldset className="grid gap-1">
          <legend className="mb-1 text-sm font-medium"><Trans>Tell, whenever its state changes</Trans></legend>
          {(channels?.channels ?? []).map((channel) => (
            <label key={channel.id} className="flex items-center gap-2 text-sm">
              <input type="checkbox" className="accent-solid" checked={form.channelIds.includes(channel.id)}
                onChange={() => change({ channelIds: form.channelIds.includes(channel.id) ? form.channelIds.filter((id) => id !== channel.id) : [...form.channelIds, channel.id] })} />
              {channel.name} <span className="text-xs text-muted">{channel.kind.toLowerCase()}</span>
            </label>
          ))}
          {channels?.channels.length === 0 && <p className="text-xs text-muted"><Trans>Nobody: there are no channels yet. Admins make them under Channels.</Trans></p>}
        </fieldset>
        <FormActions error={error} busy={fetching} action={t`Save`} onClose={onClose} />
      </form>
    </Dialog>
  );
}
