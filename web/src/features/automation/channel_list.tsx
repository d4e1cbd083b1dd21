import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import type { ChannelKind } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { CodeBlock } from "@/ui/copy";
import { Confirm, Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";
import { toast } from "@/ui/toast";
import { WorkState } from "@/ui/work_state";

const Channels = graphql(`
  query Channels {
    channels {
      id
      name
      kind
      to
      url
      lastDelivery {
        id
        state
        createdAt
        error {
          message
        }
      }
    }
  }
`);

const CreateChannel = graphql(`
  mutation CreateChannel($input: ChannelInput!) {
    createChannel(input: $input) {
      secret
      channel {
        id
        name
      }
    }
  }
`);

const DeleteChannel = graphql(`
  mutation DeleteChannel($id: ID!) {
    deleteChannel(id: $id)
  }
`);

const TestChannel = graphql(`
  mutation TestChannel($id: ID!) {
    testChannel(id: $id) {
      id
    }
  }
`);

/** Where messages go. */
export function ChannelList({ isAdmin }: { isAdmin: boolean }) {
  const [{ data, error }, look] = useQuery({ query: Channels, requestPolicy: "cache-and-network" });
  const [, remove] = useMutation(DeleteChannel);
  const [, test] = useMutation(TestChannel);
  const [adding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<{ id: string; name: string } | null>(null);
  const again = () => look({ requestPolicy: "network-only" });
  usePoll(again, 5000);
  const add = isAdmin && <Button small kind="solid" icon="plus" onClick={() => setAdding(true)}>New channel</Button>;
  const send = async (id: string) => {
    tell(await test({ id }), "A test message is on its way");
    again();
  };
  return (
    <>
      {error && !data && <Failed message={errorText(error)} onRetry={again} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label="Loading channels" /></div>}
      {data && data.channels.length === 0 && (
        <section className="panel"><Empty icon="bell" title="No channels yet" action={add}><p>A channel is where alerts tell what happened: e-mail addresses, or a webhook that is called over HTTPS with a signature.</p>{!isAdmin && <p>Admins make channels.</p>}</Empty></section>
      )}
      {data && data.channels.length > 0 && (
        <Section title="Channels" flush actions={add}>
          <ul className="divide-y divide-line">
            {data.channels.map((channel) => (
              <li key={channel.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                <div className="min-w-0 grow basis-64">
                  <p className="flex items-center gap-2 font-medium">{channel.name} <Badge>{channel.kind.toLowerCase()}</Badge></p>
                  <p className="truncate text-xs text-muted">{channel.kind === "EMAIL" ? channel.to.join(", ") : channel.url}</p>
                  {channel.lastDelivery?.error && <p className="text-xs text-danger">{channel.lastDelivery.error.message}</p>}
                </div>
                <div className="ml-auto flex items-center gap-3 text-xs text-muted">
                  {channel.lastDelivery ? <span className="flex items-center gap-2">last message <Ago at={channel.lastDelivery.createdAt} /> <WorkState state={channel.lastDelivery.state} /></span> : "nothing sent yet"}
                  {isAdmin && (
                    <span className="flex items-center gap-1">
                      <Button small onClick={() => void send(channel.id)}>Send a test</Button>
                      <IconButton icon="trash" label={`Delete ${channel.name}`} onClick={() => setDoomed(channel)} />
                    </span>
                  )}
                </div>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {adding && <ChannelDialog onClose={() => { setAdding(false); again(); }} />}
      {doomed && (
        <Confirm title={`Delete ${doomed.name}?`} action="Delete" onClose={() => setDoomed(null)} onConfirm={async () => {
          tell(await remove({ id: doomed.id }), `Deleted ${doomed.name}`);
          again();
        }}><p>Alerts do not tell it any more.</p></Confirm>
      )}
    </>
  );
}

function ChannelDialog({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState({ name: "", kind: "EMAIL" as ChannelKind, to: "", url: "" });
  const [{ data, fetching, error }, create] = useMutation(CreateChannel);
  const change = (fields: Partial<typeof form>) => setForm((old) => ({ ...old, ...fields }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const email = form.kind === "EMAIL";
    const made = await create({ input: { name: form.name.trim(), kind: form.kind, to: email ? form.to.split(/[\s,;]+/).filter(Boolean) : [], url: email ? null : form.url.trim() } });
    if (!made.data) return;
    toast(`Made ${made.data.createChannel.channel.name}`);
    if (!made.data.createChannel.secret) onClose();
  };
  if (data?.createChannel.secret) {
    return (
      <Dialog title="The webhook’s secret" onClose={onClose}>
        <div className="grid gap-3 text-sm text-muted">
          <p>Every call is signed with it. Copy it now: it is shown only this once.</p>
          <CodeBlock label="The webhook’s secret" code={data.createChannel.secret} />
        </div>
        <DialogActions><Button kind="solid" onClick={onClose}>I have it</Button></DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title="New channel" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label="Name" required placeholder="operations" value={form.name} onChange={(event) => change({ name: event.target.value })} />
        <SelectField label="Kind" value={form.kind} onChange={(event) => change({ kind: event.target.value as ChannelKind })}>
          <option value="EMAIL">E-mail</option>
          <option value="WEBHOOK">Webhook: a signed POST over HTTPS</option>
        </SelectField>
        {form.kind === "EMAIL"
          ? <TextArea label="To" required rows={2} hint="Addresses, by commas." value={form.to} onChange={(event) => change({ to: event.target.value })} />
          : <TextField label="URL" type="url" required placeholder="https://example.com/hooks/firn" value={form.url} onChange={(event) => change({ url: event.target.value })} />}
        <FormActions error={error} busy={fetching} action="Create" onClose={onClose} />
      </form>
    </Dialog>
  );
}
