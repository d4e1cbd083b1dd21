import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { cronText } from "@/ui/cron";
import { Confirm, Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { TextArea, TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { readJson } from "@/features/jobs/read_json";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago, Until } from "@/ui/moment";
import { Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { ownZone, ScheduleField } from "@/ui/schedule_field";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";
import { toast } from "@/ui/toast";

const JobSchedules = graphql(`
  query JobSchedules {
    jobSchedules {
      name
      cron
      timezone
      job
      paused
      nextAt
      lastAt
    }
  }
`);

const SetJobSchedule = graphql(`
  mutation SetJobSchedule($input: JobScheduleInput!) {
    setJobSchedule(input: $input) {
      name
    }
  }
`);

const RemoveJobSchedule = graphql(`
  mutation RemoveJobSchedule($name: String!) {
    removeJobSchedule(name: $name)
  }
`);

type Pushed = { jobtype: string; queue: string; args: unknown };

/** The job that a schedule pushes, as the protocol has it. */
function pushed(job: unknown): Pushed {
  const given = (typeof job === "object" && job !== null ? job : {}) as Record<string, unknown>;
  return { jobtype: String(given.jobtype ?? ""), queue: String(given.queue ?? "default"), args: given.args ?? [] };
}

type Draft = { name: string; cron: string; zone: string; type: string; queue: string; args: string; paused: boolean; isNew: boolean };

/** Jobs that are pushed by the clock. */
export function ScheduleList() {
  const [{ data, error }, look] = useQuery({ query: JobSchedules, requestPolicy: "cache-and-network" });
  const [, set] = useMutation(SetJobSchedule);
  const [, remove] = useMutation(RemoveJobSchedule);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [doomed, setDoomed] = useState<string | null>(null);
  const again = () => look({ requestPolicy: "network-only" });
  usePoll(again, 10_000);
  const add = <Button small kind="solid" icon="plus" onClick={() => setDraft({ name: "", cron: "0 6 * * *", zone: ownZone(), type: "", queue: "default", args: "[]", paused: false, isNew: true })}><Trans>New schedule</Trans></Button>;
  if (error && !data) return <Failed message={errorText(error)} onRetry={again} />;
  if (!data) return <div className="panel p-4"><SkeletonLines label={t`Loading schedules`} /></div>;
  return (
    <>
      {data.jobSchedules.length === 0 ? (
        <section className="panel"><Empty icon="clock" title={t`No schedules`} action={add}><Trans>A schedule pushes the same job again and again, by the clock of a time zone. What was missed while the server was down is made up for once.</Trans></Empty></section>
      ) : (
        <Section title={t`Schedules`} flush actions={add}>
          <ListTable label={t`Schedules`} heads={[t`Schedule`, t`When`, t`Job`, t`Last`, t`Next`, { name: t`Actions`, right: true, hidden: true }]}>
            {data.jobSchedules.map((each) => {
              const job = pushed(each.job);
              const input = { name: each.name, cron: each.cron, timezone: each.timezone, type: job.jobtype, queue: job.queue, args: job.args };
              return (
                <tr key={each.name}>
                  <Cell><span className="flex items-center gap-2 font-medium">{each.name}{each.paused && <Badge tone="warn"><Trans>paused</Trans></Badge>}</span></Cell>
                  <Cell>{cronText(each.cron, each.timezone)}</Cell>
                  <Cell>{job.jobtype} <span className="text-xs text-muted"><Trans>in {job.queue}</Trans></span></Cell>
                  <Cell muted>{each.lastAt ? <Ago at={each.lastAt} /> : t`never`}</Cell>
                  <Cell muted>{each.nextAt && !each.paused ? <Until at={each.nextAt} /> : "–"}</Cell>
                  <Cell right>
                    <span className="inline-flex items-center gap-1">
                      <Button small icon={each.paused ? "play" : "pause"} aria-label={`${each.paused ? t`Resume` : t`Pause`} ${each.name}`} onClick={() => void set({ input: { ...input, paused: !each.paused } }).then((result) => {
                        if (result.error) toast(errorText(result.error), "failed");
                        again();
                      })}>{each.paused ? t`Resume` : t`Pause`}</Button>
                      <IconButton icon="pencil" label={t`Change ${each.name}`} onClick={() => setDraft({ name: each.name, cron: each.cron, zone: each.timezone, type: job.jobtype, queue: job.queue, args: JSON.stringify(job.args), paused: each.paused, isNew: false })} />
                      <IconButton icon="trash" label={t`Remove ${each.name}`} onClick={() => setDoomed(each.name)} />
                    </span>
                  </Cell>
                </tr>
              );
            })}
          </ListTable>
        </Section>
      )}
      {draft && <ScheduleDialog draft={draft} onClose={() => setDraft(null)} onSaved={again} />}
      {doomed && (
        <Confirm title={t`Remove the schedule ${doomed}?`} action={t`Remove`} onClose={() => setDoomed(null)} onConfirm={async () => {
          tell(await remove({ name: doomed }), t`Removed ${doomed}`);
          again();
        }}><p><Trans>Jobs that it has pushed stay.</Trans></p></Confirm>
      )}
    </>
  );
}

function ScheduleDialog({ draft, onClose, onSaved }: { draft: Draft; onClose: () => void; onSaved: () => void }) {
  const [form, setForm] = useState(draft);
  const [{ fetching, error }, set] = useMutation(SetJobSchedule);
  const args = readJson(form.args);
  const change = (fields: Partial<Draft>) => setForm((old) => ({ ...old, ...fields }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (args.error) return;
    const { data } = await set({ input: { name: form.name.trim(), cron: form.cron.trim(), timezone: form.zone, type: form.type.trim(), queue: form.queue.trim(), args: args.value, paused: form.paused } });
    if (!data) return;
    toast(t`Saved ${data.setJobSchedule.name}`);
    onClose();
    onSaved();
  };
  return (
    <Dialog title={draft.isNew ? t`New schedule` : t`Change ${draft.name}`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Name`} required readOnly={!draft.isNew} value={form.name} onChange={(event) => change({ name: event.target.value })} />
        <ScheduleField value={form} onChange={change} />
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label={t`Job type`} required placeholder={t`SendReport`} value={form.type} onChange={(event) => change({ type: event.target.value })} />
          <TextField label={t`Queue`} required value={form.queue} onChange={(event) => change({ queue: event.target.value })} />
        </div>
        <TextArea label={t`Arguments`} rows={3} className="font-mono" hint={t`A JSON array.`} error={args.error} value={form.args} onChange={(event) => change({ args: event.target.value })} />
        <FormActions error={error} busy={fetching} disabled={!!args.error} action={t`Save`} onClose={onClose} />
      </form>
    </Dialog>
  );
}
