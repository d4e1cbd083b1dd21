import { t } from "@lingui/core/macro";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { readJson } from "@/features/jobs/read_json";
import { graphql } from "@/gql/gql";
import { Dialog } from "@/ui/dialog";
import { TextArea, TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { toast } from "@/ui/toast";

const PushJob = graphql(`
  mutation PushJob($input: PushJobInput!) {
    pushJob(input: $input) {
      id
    }
  }
`);

/** Pushes a job by hand, as any program may. */
export function PushDialog({ onClose, onPushed }: { onClose: () => void; onPushed: () => void }) {
  const [form, setForm] = useState({ type: "", queue: "default", args: "[]", at: "" });
  const [{ fetching, error }, push] = useMutation(PushJob);
  const args = readJson(form.args);
  const change = (fields: Partial<typeof form>) => setForm((old) => ({ ...old, ...fields }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (args.error) return;
    const { data } = await push({ input: { type: form.type.trim(), queue: form.queue.trim(), args: args.value, at: form.at ? new Date(form.at).toISOString() : null } });
    if (!data) return;
    toast(t`Pushed ${form.type.trim()}`);
    onClose();
    onPushed();
  };
  return (
    <Dialog title={t`Push a job`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label={t`Type`} required placeholder={t`SendReport`} value={form.type} onChange={(event) => change({ type: event.target.value })} />
          <TextField label={t`Queue`} required value={form.queue} onChange={(event) => change({ queue: event.target.value })} />
        </div>
        <TextArea label={t`Arguments`} rows={3} className="font-mono" hint={t`A JSON array.`} error={args.error} value={form.args} onChange={(event) => change({ args: event.target.value })} />
        <TextField label={t`Not before`} type="datetime-local" hint={t`Empty: now.`} value={form.at} onChange={(event) => change({ at: event.target.value })} />
        <FormActions error={error} busy={fetching} disabled={!!args.error} action={t`Push`} onClose={onClose} />
      </form>
    </Dialog>
  );
}
