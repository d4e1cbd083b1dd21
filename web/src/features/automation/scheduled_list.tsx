import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { PlanFields, PlanText } from "@/features/automation/plan_text";
import { ScheduledResults } from "@/features/automation/scheduled_results";
import { StatementField } from "@/features/automation/statement_field";
import { readFragment } from "@/gql/fragment-masking";
import { useTaskChanges } from "@/features/automation/use_task_changes";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { ownZone, ScheduleField } from "@/ui/schedule_field";
import { Empty, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";
import { toast } from "@/ui/toast";

const ScheduledQueries = graphql(`
  query ScheduledQueries {
    scheduledQueries {
      id
      name
      statement
      catalog
      namespace
      plan {
        paused
        lastAt
        ...PlanFields
      }
    }
  }
`);

const SetScheduledQuery = graphql(`
  mutation SetScheduledQuery($input: ScheduledQueryInput!) {
    setScheduledQuery(input: $input) {
      id
      name
    }
  }
`);

const RunScheduledQuery = graphql(`
  mutation RunScheduledQuery($id: ID!) {
    runScheduledQuery(id: $id) {
      id
    }
  }
`);

const DeleteScheduledQuery = graphql(`
  mutation DeleteScheduledQuery($id: ID!) {
    deleteScheduledQuery(id: $id)
  }
`);

type Draft = { id: string | null; name: string; statement: string; catalog?: string | null; namespace?: string | null; cron: string; zone: string; paused: boolean };

const blank = (statement = ""): Draft => ({ id: null, name: "", statement, cron: "0 6 * * *", zone: ownZone(), paused: false });

/** Statements that are asked by the clock, and their last answers. */
export function ScheduledList({ canEdit, statement }: { canEdit: boolean; statement: string | undefined }) {
  const [{ data, error }, look] = useQuery({ query: ScheduledQueries, requestPolicy: "cache-and-network" });
  const [, run] = useMutation(RunScheduledQuery);
  const [, remove] = useMutation(DeleteScheduledQuery);
  const [draft, setDraft] = useState<Draft | null>(statement && canEdit ? blank(statement) : null);
  const [shown, setShown] = useState<{ id: string; name: string } | null>(null);
  const [doomed, setDoomed] = useState<{ id: string; name: string } | null>(null);
  const again = () => look({ requestPolicy: "network-only" });
  useTaskChanges(again);
  usePoll(again, 15_000);
  const add = canEdit && <Button small kind="solid" icon="plus" onClick={() => setDraft(blank())}><Trans>New scheduled query</Trans></Button>;
  const ask = async (id: string) => {
    tell(await run({ id }), t`It is being asked`);
    again();
  };
  return (
    <>
      {error && !data && <Failed message={errorText(error)} onRetry={again} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading scheduled queries`} /></div>}
      {data && data.scheduledQueries.length === 0 && <section className="panel"><Empty icon="clock" title={t`No scheduled queries yet`} action={add}><Trans>A statement is asked by the clock, as whoever saved it. Its last 20 answers are kept, up to 1,000 rows each.</Trans></Empty></section>}
      {data && data.scheduledQueries.length > 0 && (
        <Section title={t`Scheduled queries`} flush actions={add}>
          <ul className="divide-y divide-line">
            {data.scheduledQueries.map((query) => (
              <li key={query.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                <div className="min-w-0 grow basis-64">
                  <button type="button" onClick={() => setShown(query)} className="font-medium text-accent hover:underline">{query.name}</button>
                  <p className="truncate font-mono text-xs text-muted" title={query.statement}>{query.statement.replace(/\s+/g, " ")}</p>
                  <PlanText plan={query.plan} verb={t`Asked`} />
                </div>
                <div className="ml-auto flex items-center gap-3 text-xs text-muted">
                  <span>{query.plan.lastAt ? <><Trans>by the clock <Ago at={query.plan.lastAt} /></Trans></> : t`the clock has not asked it yet`}</span>
                  {canEdit && (
                    <span className="flex items-center gap-1">
                      <Button small icon="play" onClick={() => void ask(query.id)}><Trans>Ask now</Trans></Button>
                      <IconButton icon="pencil" label={t`Change ${query.name}`} onClick={() => {
                        const { cron, timezone } = readFragment(PlanFields, query.plan);
                        setDraft({ ...query, cron, zone: timezone, paused: query.plan.paused });
                      }} />
                      <IconButton icon="trash" label={t`Delete ${query.name}`} onClick={() => setDoomed(query)} />
                    </span>
                  )}
                </div>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {draft && <ScheduledDialog draft={draft} onClose={() => setDraft(null)} onSaved={again} />}
      {shown && <ScheduledResults id={shown.id} name={shown.name} onClose={() => setShown(null)} />}
      {doomed && (
        <Confirm title={t`Delete ${doomed.name}?`} action={t`Delete`} onClose={() => setDoomed(null)} onConfirm={async () => {
          tell(await remove({ id: doomed.id }), t`Deleted ${doomed.name}`);
          again();
        }}><p><Trans>Its kept answers go with it.</Trans></p></Confirm>
      )}
    </>
  );
}

function ScheduledDialog({ draft, onClose, onSaved }: { draft: Draft; onClose: () => void; onSaved: () => void }) {
  const [form, setForm] = useState(draft);
  const [{ fetching, error }, save] = useMutation(SetScheduledQuery);
  const change = (fields: Partial<Draft>) => setForm((old) => ({ ...old, ...fields }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await save({ input: { id: form.id, name: form.name.trim(), statement: form.statement, catalog: form.catalog, namespace: form.namespace, plan: { cron: form.cron.trim(), timezone: form.zone, paused: form.paused } } });
    if (!data) return;
    toast(t`Saved ${data.setScheduledQuery.name}; it runs as you`);
    onClose();
    onSaved();
  };
  return (
    <Dialog title={draft.id ? t`Change ${draft.name}` : t`New scheduled query`} onClose={onClose} wide>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Name`} required placeholder={t`Daily delays`} value={form.name} onChange={(event) => change({ name: event.target.value })} />
        <StatementField value={form.statement} hint={t`One statement that reads.`} onChange={(statement) => change({ statement })} />
        <ScheduleField value={form} onChange={change} />
        <label className="flex items-center gap-2 text-sm"><input type="checkbox" className="accent-solid" checked={form.paused} onChange={(event) => change({ paused: event.target.checked })} /> <Trans>Paused</Trans></label>
        <FormActions error={error} busy={fetching} action={t`Save`} onClose={onClose} />
      </form>
    </Dialog>
  );
}
