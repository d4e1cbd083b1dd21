import { t } from "@lingui/core/macro";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { graphql } from "@/gql/gql";
import type { ChartSpec } from "@/ui/chart/chart_spec";
import { Dialog } from "@/ui/dialog";
import { TextArea, TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { toast } from "@/ui/toast";

const SaveInsight = graphql(`
  mutation SaveInsight($input: CreateInsightInput!) {
    createInsight(input: $input) {
      id
    }
  }
`);

type Props = { title: string; narrative: string; evidenceId: string; spec: ChartSpec | null; onSaved: () => void; onClose: () => void };

/** Keeps an answer as an insight: somebody stands for it, with its evidence. */
export function InsightDialog({ title: asked, narrative: said, evidenceId, spec, onSaved, onClose }: Props) {
  const [title, setTitle] = useState(asked);
  const [narrative, setNarrative] = useState(said);
  const [{ fetching, error }, save] = useMutation(SaveInsight);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await save({ input: { title: title.trim(), narrative: narrative.trim(), evidenceId, spec: spec && { ...spec, y: [...spec.y] } } });
    if (!data) return;
    toast(t`Saved among the insights`);
    onSaved();
    onClose();
  };
  return (
    <Dialog title={t`Save as insight`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Title`} required maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
        <TextArea label={t`What it says`} rows={5} hint={t`Markdown. Everybody in the organization reads it; its evidence and its chart go with it.`} value={narrative} onChange={(event) => setNarrative(event.target.value)} />
        <FormActions error={error} busy={fetching} action={t`Save`} onClose={onClose} />
      </form>
    </Dialog>
  );
}
