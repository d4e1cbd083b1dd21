import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { graphql } from "@/gql/gql";
import type { Role } from "@/gql/graphql";
import { Entrance } from "@/features/session/entrance";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Failed, SkeletonLines } from "@/ui/states";

const Asked = graphql(`
  query AuthorizationAsked($id: ID!) {
    authorizationRequest(id: $id) {
      id
      clientName
      redirectHost
      role
    }
  }
`);

const Decide = graphql(`
  mutation DecideAuthorization($id: ID!, $approve: Boolean!, $role: Role!) {
    decideAuthorization(id: $id, approve: $approve, role: $role)
  }
`);

const rights: { role: Role; title: string; means: string }[] = [
  { role: "VIEWER", title: t`Read`, means: t`Ask questions of tables, see dashboards and insights.` },
  { role: "EDITOR", title: t`Read and change`, means: t`Also change tables, queries, dashboards and insights.` },
  { role: "OWNER", title: t`Everything that you may`, means: t`Also people, keys, policies and settings.` },
];

/** A program asks for leave to act in the person's name. */
export function Consent({ id, person, organization }: { id: string; person: string; organization: string }) {
  const [{ data, fetching, error }, refetch] = useQuery({ query: Asked, variables: { id } });
  const [deciding, decide] = useMutation(Decide);
  const [chosen, setChosen] = useState<Role>("VIEWER");
  const [done, setDone] = useState(false);
  const asked = data?.authorizationRequest;
  const say = async (approve: boolean) => {
    const answer = await decide({ id, approve, role: chosen });
    if (!answer.data) return;
    setDone(true);
    location.assign(answer.data.decideAuthorization);
  };
  if (fetching) return <Entrance title={t`A program asks`} lead={t`Reading what it asks for.`}><SkeletonLines lines={3} /></Entrance>;
  if (error) return <Entrance title={t`A program asks`} lead={t`What it asks for cannot be read.`}><Failed message={errorText(error)} onRetry={() => refetch({ requestPolicy: "network-only" })} /></Entrance>;
  if (!asked) {
    return (
      <Entrance title={t`This request is over`} lead={t`It was answered already, or it waited for more than ten minutes. Start again from the program.`}>
        <a href="/" className="text-sm font-medium text-accent underline underline-offset-2"><Trans>Go to the overview</Trans></a>
      </Entrance>
    );
  }
  const offered = rights.slice(0, rights.findIndex(({ role }) => role === asked.role) + 1);
  return (
    <Entrance title={t`Let “${asked.clientName}” in?`} lead={<><Trans>It would act as <b>{person}</b> in {organization}. The name is what the program calls itself; the answer goes to <b className="break-all">{asked.redirectHost}</b>.</Trans></>}>
      <fieldset className="grid gap-2">
        <legend className="mb-2 text-sm font-medium"><Trans>It may</Trans></legend>
        {offered.map(({ role, title, means }) => (
          <label key={role} className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line p-3 text-sm has-checked:border-accent">
            <input type="radio" name={t`role`} value={role} checked={chosen === role} onChange={() => setChosen(role)} className="mt-0.5 accent-accent" />
            <span><span className="font-medium">{title}</span><br /><span className="text-muted">{means}</span></span>
          </label>
        ))}
      </fieldset>
      <p className="mt-3 text-sm text-muted"><Trans>Never more than your own role. You can end it under Settings, Programs.</Trans></p>
      {deciding.error && <p role="alert" className="mt-3 text-sm text-danger">{errorText(deciding.error)}</p>}
      <div className="mt-5 grid grid-cols-2 gap-3">
        <Button onClick={() => void say(false)} disabled={done || deciding.fetching}><Trans>Refuse</Trans></Button>
        <Button kind="solid" onClick={() => void say(true)} busy={done || deciding.fetching}><Trans>Let it in</Trans></Button>
      </div>
    </Entrance>
  );
}
