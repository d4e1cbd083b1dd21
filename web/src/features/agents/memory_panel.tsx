import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import type { AgentMemoryFieldsFragment, AgentMemoryKind } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { TextArea, TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { Badge } from "@/ui/states";
import { tell } from "@/ui/tell";

export const AgentMemoryFields = graphql(`
  fragment AgentMemoryFields on AgentMemory {
    id
    kind
    text
    leaveAlone
    createdBy
    createdAt
  }
`);

const AddMemory = graphql(`
  mutation AddMemory($input: AddAgentMemoryInput!) {
    addAgentMemory(input: $input) {
      id
    }
  }
`);

const ChangeMemory = graphql(`
  mutation ChangeMemory($input: UpdateAgentMemoryInput!) {
    updateAgentMemory(input: $input) {
      id
    }
  }
`);

const ForgetMemory = graphql(`
  mutation ForgetMemory($id: ID!) {
    deleteAgentMemory(id: $id)
  }
`);

const kinds: Record<AgentMemoryKind, ["plain" | "ok" | "warn", string]> = { NOTE: ["plain", "note"], APPROVED: ["ok", "approved"], REJECTED: ["warn", "rejected"] };

type Memory = AgentMemoryFieldsFragment;
type Props = { agentId: string; memories: readonly FragmentType<typeof AgentMemoryFields>[]; canEdit: boolean; onChanged: () => void };

/** What an agent reads before each run: notes, and what became of its proposals. */
export function MemoryPanel({ agentId, memories: masked, canEdit, onChanged }: Props) {
  const memories = readFragment(AgentMemoryFields, masked);
  const [open, setOpen] = useState<{ kind: "add" } | { kind: "edit" | "forget"; memory: Memory } | null>(null);
  const [, forget] = useMutation(ForgetMemory);
  const close = () => setOpen(null);
  return (
    <Section title={t`What it remembers`} flush actions={canEdit && <Button small icon="plus" onClick={() => setOpen({ kind: "add" })}><Trans>Add a note</Trans></Button>}>
      {memories.length === 0 && <p className="px-4 py-5 text-sm text-muted"><Trans>Nothing yet. What you decide about its proposals stays here, and it reads that before its next run{canEdit && t`; so it does with your notes`}.</Trans></p>}
      {memories.length > 0 && (
        <ul aria-label={t`Memories`} tabIndex={0} className="max-h-72 divide-y divide-line overflow-auto focus-visible:-outline-offset-2">
          {memories.map((memory) => (
            <li key={memory.id} className="flex items-start gap-3 py-2.5 pr-2 pl-4">
              <div className="min-w-0 grow text-sm">
                <p className="break-words whitespace-pre-wrap">{memory.text}</p>
                {memory.leaveAlone.length > 0 && <p className="mt-1 flex flex-wrap items-center gap-1.5 text-xs text-muted"><Trans>Leaves alone {memory.leaveAlone.map((name) => <code key={name} className="rounded bg-sunken px-1 py-px font-mono">{name}</code>)}</Trans></p>}
                <p className="mt-1 flex flex-wrap items-center gap-2 text-xs text-muted"><Badge tone={kinds[memory.kind][0]}>{kinds[memory.kind][1]}</Badge> {memory.createdBy}, <Ago at={memory.createdAt} /></p>
              </div>
              {canEdit && (
                <span className="flex shrink-0">
                  <IconButton icon="pencil" label={t`Change: ${memory.text.slice(0, 60)}`} onClick={() => setOpen({ kind: "edit", memory })} />
                  <IconButton icon="trash" label={t`Forget: ${memory.text.slice(0, 60)}`} onClick={() => setOpen({ kind: "forget", memory })} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {open?.kind === "add" && <MemoryDialog agentId={agentId} onSaved={onChanged} onClose={close} />}
      {open?.kind === "edit" && <MemoryDialog agentId={agentId} memory={open.memory} onSaved={onChanged} onClose={close} />}
      {open?.kind === "forget" && (
        <Confirm title={t`Forget this?`} action={t`Forget`} onClose={close} onConfirm={async () => { if (tell(await forget({ id: open.memory.id }), t`Forgotten`)) onChanged(); }}>
          <p className="break-words"><Trans>“{open.memory.text}” is not read at its next run any more.</Trans></p>
        </Confirm>
      )}
    </Section>
  );
}

const names = (text: string) => text.split(",").map((name) => name.trim()).filter(Boolean);

function MemoryDialog({ agentId, memory, onSaved, onClose }: { agentId: string; memory?: Memory; onSaved: () => void; onClose: () => void }) {
  const [text, setText] = useState(memory?.text ?? "");
  const [leaveAlone, setLeaveAlone] = useState(memory?.leaveAlone.join(", ") ?? "");
  const [adding, add] = useMutation(AddMemory);
  const [changing, change] = useMutation(ChangeMemory);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const fields = { text: text.trim(), leaveAlone: names(leaveAlone) };
    const { data, error } = memory ? await change({ input: { id: memory.id, ...fields } }) : await add({ input: { agentId, ...fields } });
    if (!data || !tell({ error }, memory ? t`Changed` : t`Noted for its next run`)) return;
    onSaved();
    onClose();
  };
  return (
    <Dialog title={memory ? t`Change what it remembers` : t`A note for its next run`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextArea label={t`Note`} required rows={4} placeholder={t`The snow of February is known; nothing to propose about it.`} value={text} onChange={(event) => setText(event.target.value)} />
        <TextField label={t`Leave alone`} placeholder={t`dep_delay, count(*)`} hint={t`Columns and measures that it is to propose nothing about, with commas between them.`} value={leaveAlone} onChange={(event) => setLeaveAlone(event.target.value)} />
        <FormActions error={adding.error ?? changing.error} busy={adding.fetching || changing.fetching} disabled={!text.trim()} action={memory ? t`Save` : t`Add`} onClose={onClose} />
      </form>
    </Dialog>
  );
}
