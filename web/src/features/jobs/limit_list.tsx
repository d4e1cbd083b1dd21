import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import type { JobLimitKind } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { SelectField, TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { Cell, ListTable } from "@/ui/list_table";
import { Section } from "@/ui/page";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";

const JobLimits = graphql(`
  query JobLimits {
    jobLimits {
      kind
      name
      concurrency
      rate
      perSeconds
    }
  }
`);

const SetJobLimit = graphql(`
  mutation SetJobLimit($input: JobLimitInput!) {
    setJobLimit(input: $input) {
      name
    }
  }
`);

const RemoveJobLimit = graphql(`
  mutation RemoveJobLimit($kind: JobLimitKind!, $name: String!) {
    removeJobLimit(kind: $kind, name: $name)
  }
`);

const kinds: Record<JobLimitKind, string> = { QUEUE: t`Jobs of a queue`, TYPE: t`Jobs of a type`, KEY: t`Jobs with a key` };

/** How many jobs at a time, and in a time. */
export function LimitList() {
  const [{ data, error }, look] = useQuery({ query: JobLimits, requestPolicy: "cache-and-network" });
  const [, remove] = useMutation(RemoveJobLimit);
  const [adding, setAdding] = useState(false);
  const again = () => look({ requestPolicy: "network-only" });
  const add = <Button small kind="solid" icon="plus" onClick={() => setAdding(true)}><Trans>New limit</Trans></Button>;
  if (error && !data) return <Failed message={errorText(error)} onRetry={again} />;
  if (!data) return <div className="panel p-4"><SkeletonLines label={t`Loading limits`} /></div>;
  return (
    <>
      {data.jobLimits.length === 0 ? (
        <section className="panel"><Empty icon="sliders" title={t`No limits`} action={add}><Trans>A limit holds back the jobs of a queue, of a type or of a key: so many at a time, so many in a time. Those held back wait, they do not fail.</Trans></Empty></section>
      ) : (
        <Section title={t`Limits`} flush actions={add}>
          <ListTable label={t`Limits`} heads={[t`Of`, t`Name`, t`At a time`, t`In a time`, { name: t`Actions`, right: true, hidden: true }]}>
            {data.jobLimits.map((limit) => (
              <tr key={`${limit.kind} ${limit.name}`}>
                <Cell><Badge>{limit.kind.toLowerCase()}</Badge></Cell>
                <Cell className="font-medium">{limit.name}</Cell>
                <Cell>{limit.concurrency ?? <span className="text-muted"><Trans>any number</Trans></span>}</Cell>
                <Cell>{limit.rate == null ? <span className="text-muted"><Trans>any number</Trans></span> : t`${limit.rate} in ${limit.perSeconds} s`}</Cell>
                <Cell right><IconButton icon="trash" label={t`Remove the limit of ${limit.name}`} onClick={() => void remove({ kind: limit.kind, name: limit.name }).then((result) => {
                  if (result.error) toast(errorText(result.error), "failed");
                  else toast(t`Removed the limit`);
                  again();
                })} /></Cell>
              </tr>
            ))}
          </ListTable>
        </Section>
      )}
      {adding && <LimitDialog onClose={() => setAdding(false)} onSaved={again} />}
    </>
  );
}

function LimitDialog({ onClose, onSaved }: { onClose: () => void; onSaved: () => void }) {
  const [form, setForm] = useState({ kind: "QUEUE" as JobLimitKind, name: "", concurrency: "", rate: "", perSeconds: "1" });
  const [{ fetching, error }, set] = useMutation(SetJobLimit);
  const change = (fields: Partial<typeof form>) => setForm((old) => ({ ...old, ...fields }));
  const whole = (text: string) => (text === "" ? null : Number(text));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await set({ input: { kind: form.kind, name: form.name.trim(), concurrency: whole(form.concurrency), rate: whole(form.rate), perSeconds: Number(form.perSeconds) || 1 } });
    if (!data) return;
    toast(t`Limited ${data.setJobLimit.name}`);
    onClose();
    onSaved();
  };
  return (
    <Dialog title={t`New limit`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <SelectField label={t`Of`} value={form.kind} onChange={(event) => change({ kind: event.target.value as JobLimitKind })}>
            {(Object.keys(kinds) as JobLimitKind[]).map((kind) => <option key={kind} value={kind}>{kinds[kind]}</option>)}
          </SelectField>
          <TextField label={t`Name`} required value={form.name} hint={form.kind === "KEY" ? t`limit_key in the job’s custom data.` : undefined} onChange={(event) => change({ name: event.target.value })} />
        </div>
        <TextField label={t`At a time`} type="number" min={1} hint={t`Empty: any number.`} required={form.rate === ""} value={form.concurrency} onChange={(event) => change({ concurrency: event.target.value })} />
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label={t`Begun`} type="number" min={1} hint={t`Empty: any number.`} value={form.rate} onChange={(event) => change({ rate: event.target.value })} />
          <TextField label={t`Within seconds`} type="number" min={1} required value={form.perSeconds} onChange={(event) => change({ perSeconds: event.target.value })} />
        </div>
        <FormActions error={error} busy={fetching} action={t`Save`} onClose={onClose} />
      </form>
    </Dialog>
  );
}
