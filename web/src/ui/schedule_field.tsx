import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { readCron, weekdays, writeCron, type Plan, type Rhythm } from "@/ui/cron";
import { SelectField, TextField } from "@/ui/field";
import { useState } from "react";

const rhythms: Record<Rhythm, string> = {
  NEVER: t`Only when told`, MINUTES: t`Every few minutes`, HOURLY: t`Every hour`, DAILY: t`Every day`, WEEKDAYS: t`Monday to Friday`, WEEKLY: t`Every week`, MONTHLY: t`Every month`, CUSTOM: t`By a cron expression`,
};

export type Schedule = { cron: string; zone: string };

/** The reader's own zone: what "at six" means to them. */
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** When something is done: chosen in words, kept as cron. */
export function ScheduleField({ value, onChange, never = false, error }: { value: Schedule; onChange: (value: Schedule) => void; never?: boolean; error?: string | null }) {
  const [rhythm, setRhythm] = useState<Rhythm>(() => readCron(value.cron).rhythm);
  const plan: Plan = { ...readCron(value.cron), rhythm };
  const change = (fields: Partial<Plan>) => {
    const next = { ...plan, ...fields };
    setRhythm(next.rhythm);
    onChange({ ...value, cron: next.rhythm === "CUSTOM" ? value.cron : writeCron(next) });
  };
  const timed = rhythm !== "NEVER" && rhythm !== "MINUTES" && rhythm !== "HOURLY" && rhythm !== "CUSTOM";
  return (
    <fieldset className="grid gap-3">
      <legend className="sr-only"><Trans>When</Trans></legend>
      <div className="grid items-start gap-3 sm:grid-cols-2">
        <SelectField label={t`When`} value={rhythm} onChange={(event) => change({ rhythm: event.target.value as Rhythm })}>
          {(Object.keys(rhythms) as Rhythm[]).filter((each) => never || each !== "NEVER").map((each) => <option key={each} value={each}>{rhythms[each]}</option>)}
        </SelectField>
        {rhythm === "MINUTES" && (
          <SelectField label={t`Minutes between`} value={plan.every} onChange={(event) => change({ every: Number(event.target.value) })}>
            {[1, 2, 5, 10, 15, 20, 30].map((each) => <option key={each} value={each}>{each}</option>)}
          </SelectField>
        )}
        {rhythm === "WEEKLY" && (
          <SelectField label={t`On`} value={plan.weekday} onChange={(event) => change({ weekday: Number(event.target.value) })}>
            {weekdays.map((name, i) => <option key={name} value={i}>{name}</option>)}
          </SelectField>
        )}
        {rhythm === "MONTHLY" && (
          <TextField label={t`On day`} type="number" min={1} max={31} required value={plan.day} hint={plan.day > 28 ? t`Months without that day are left out.` : undefined}
            onChange={(event) => change({ day: Number(event.target.value) || 1 })} />
        )}
        {timed && (
          <TextField label={t`At`} type="time" required value={`${String(plan.hour).padStart(2, "0")}:${String(plan.minute).padStart(2, "0")}`}
            onChange={(event) => {
              const [hour, minute] = event.target.value.split(":").map(Number);
              change({ hour: hour || 0, minute: minute || 0 });
            }} />
        )}
        {rhythm === "HOURLY" && (
          <TextField label={t`Minutes past the hour`} type="number" min={0} max={59} required value={plan.minute} onChange={(event) => change({ minute: Math.max(0, Math.min(59, Number(event.target.value) || 0)) })} />
        )}
        {rhythm === "CUSTOM" && (
          <TextField label={t`Cron expression`} required placeholder="*/15 8-18 * * 1-5" className="font-mono" hint={t`minute, hour, day of month, month, day of week`} error={error}
            value={value.cron} onChange={(event) => onChange({ ...value, cron: event.target.value })} />
        )}
        {(timed || rhythm === "CUSTOM") && (
          <>
            <TextField label={t`Time zone`} required list="zones" value={value.zone || "UTC"} onChange={(event) => onChange({ ...value, zone: event.target.value })} />
            <datalist id="zones">{["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => <option key={zone} value={zone} />)}</datalist>
          </>
        )}
      </div>
      {error && rhythm !== "CUSTOM" && <p role="alert" className="text-xs text-danger">{error}</p>}
    </fieldset>
  );
}
