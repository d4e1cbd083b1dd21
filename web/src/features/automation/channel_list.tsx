import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
  const add = isAdmin && <Button small kind="solid" icon="plus" onClick={() => setAdding(true)}><Trans>New channel</Trans></Button>;
  const send = async (id: string) => {
    tell(await test({ id }), t`A test message is on its way`);
    again();
  };
  return (
    <>
      {error && !data && <Failed message={errorText(error)} onRetry={again} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading channels`} /></div>}
      {data && data.channels.length === 0 && (
        <section className="panel"><Empty icon="bell" title={t`No channels yet`} action={add}><p><Trans>A channel is where alerts tell what happened: e-mail addresses, or a webhook that is called over HTTPS with a signature.</Trans></p>{!isAdmin && <p><Trans>Admins make channels.</Trans></p>}</Empty></section>
      )}
      {data && data.channels.length > 0 && (
        <Section title={t`Channels`} flush actions={add}>
          <ul className="divide-y divide-line">
            {data.channels.map((channel) => (
              <li key={channel.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                <div className="min-w-0 grow basis-64">
                  <p className="flex items-center gap-2 font-medium">{channel.name} <Badge>{channel.kind.toLowerCase()}</Badge></p>
                  <p className="truncate text-xs text-muted">{channel.kind === "EMAIL" ? channel.to.join(", ") : channel.url}</p>
                  {channel.lastDelivery?.error && <p className="text-xs text-danger">{channel.lastDelivery.error.message}</p>}
                </div>
                <div className="ml-auto flex items-center gap-3 text-xs text-muted">
                  {channel.lastDelivery ? <span className="flex items-center gap-2"><Trans>last message <Ago at={channel.lastDelivery.createdAt} /></Trans> <WorkState state={channel.lastDelivery.state} /></span> : t`nothing sent yet`}
                  {isAdmin && (
                    <span className="flex items-center gap-1">
                      <Button small onClick={() => void send(channel.id)}><Trans>Send a test</Trans></Button>
                      <IconButton icon="trash" label={t`Delete ${channel.name}`} onClick={() => setDoomed(channel)} />
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
        <Confirm title={t`Delete ${doomed.name}?`} action={t`Delete`} onClose={() => setDoomed(null)} onConfirm={async () => {
          tell(await remove({ id: doomed.id }), t`Deleted ${doomed.name}`);
          again();
        }}><p><Trans>Alerts do not tell it any more.</Trans></p></Confirm>
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
    toast(t`Made ${made.data.createChannel.channel.name}`);
    if (!made.data.createChannel.secret) onClose();
  };
  if (data?.createChannel.secret) {
    return (
      <Dialog title={t`The webhook’s secret`} onClose={onClose}>
        <div className="grid gap-3 text-sm text-muted">
          <p><Trans>Every call is signed with it. Copy it now: it is shown only this once.</Trans></p>
          <CodeBlock label={t`The webhook’s secret`} code={data.createChannel.secret} />
        </div>
        <DialogActions><Button kind="solid" onClick={onClose}><Trans>I have it</Trans></Button></DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title={t`New channel`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Name`} required placeholder={t`operations`} value={form.name} onChange={(event) => change({ name: event.target.value })} />
        <SelectField label={t`Kind`} value={form.kind} onChange={(event) => change({ kind: event.target.value as ChannelKind })}>
          <option value="EMAIL"><Trans>E-mail</Trans></option>
          <option value="WEBHOOK"><Trans>Webhook: a signed POST over HTTPS</Trans></option>
        </SelectField>
        {form.kind === "EMAIL"
          ? <TextArea label={t`To`} required rows={2} hint={t`Addresses, by commas.`} value={form.to} onChange={(event) => change({ to: event.target.value })} />
          : <TextField label={t`URL`} type="url" required placeholder="https://example.com/hooks/firn" value={form.url} onChange={(event) => change({ url: event.target.value })} />}
        <FormActions error={error} busy={fetching} action={t`Create`} onClose={onClose} />
      </form>
    </Dialog>
  );
}
