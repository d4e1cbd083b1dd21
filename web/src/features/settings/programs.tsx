import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { roleMeanings, roleNames } from "@/features/settings/roles";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/copy";
import { Confirm } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { Empty, Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";

const Programs = graphql(`
  query Programs {
    connectedPrograms {
      id
      name
      role
      connectedAt
    }
  }
`);

const DisconnectProgram = graphql(`
  mutation DisconnectProgram($id: ID!) {
    disconnectProgram(id: $id)
  }
`);

/** Programs that act in the person's name, and how to connect another one by MCP. */
export function ProgramsSettings() {
  const url = `${location.origin}/mcp`;
  return (
    <div className="grid max-w-3xl gap-5">
      <Section title={t`Programs that act for you`}><Connected /></Section>
      <Section title={t`Connect an assistant`}>
        <p className="mb-3 text-sm text-muted"><Trans>Assistants reach Firn by MCP at the address below. Those that speak OAuth ask you here for leave; others take a key of a service account. They see and do what you, or the account, may.</Trans></p>
        <div className="grid gap-3">
          <CodeBlock label={t`Address`} code={url} />
          <CodeBlock label={t`Settings of a desktop assistant`} code={JSON.stringify({ mcpServers: { firn: { url } } }, null, 2)} />
          <CodeBlock label={t`With a key, over standard input`} code={`FIRN_KEY=... firn mcp --url ${location.origin}`} />
        </div>
      </Section>
    </div>
  );
}

function Connected() {
  const [{ data, fetching, error }, refetch] = useQuery({ query: Programs });
  const [, end] = useMutation(DisconnectProgram);
  const [asked, setAsked] = useState<{ id: string; name: string }>();
  if (error) return <Failed message={errorText(error)} onRetry={() => refetch({ requestPolicy: "network-only" })} />;
  if (!data || fetching) return <SkeletonLines lines={2} />;
  const programs = data.connectedPrograms;
  const disconnect = async () => {
    if (!asked) return;
    const answer = await end({ id: asked.id });
    if (!answer.data) return toast(answer.error ? errorText(answer.error) : t`That did not work`, "failed");
    toast(t`“${asked.name}” is out`);
    refetch({ requestPolicy: "network-only" });
  };
  if (programs.length === 0) return <Empty icon="key" title={t`No program acts for you`}><Trans>When one asks for leave, you decide here what it may do.</Trans></Empty>;
  return (
    <>
      <ListTable label={t`Programs`} heads={[t`Name`, t`It may`, t`Since`, { name: t`Actions`, hidden: true }]}>
        {programs.map(({ id, name, role, connectedAt }) => (
          <tr key={id}>
            <Cell><span className="font-medium">{name}</span></Cell>
            <Cell muted>{roleNames[role]}: {roleMeanings[role]}</Cell>
            <Cell muted><Ago at={connectedAt} /></Cell>
            <Cell right><Button small kind="danger" onClick={() => setAsked({ id, name })}><Trans>Disconnect</Trans></Button></Cell>
          </tr>
        ))}
      </ListTable>
      {asked && <Confirm title={t`Disconnect “${asked.name}”?`} action={t`Disconnect`} onConfirm={disconnect} onClose={() => setAsked(undefined)}><Trans>It cannot act in your name any more, at once.</Trans></Confirm>}
    </>
  );
}
