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
  { role: "VIEWER", title: "Read", means: "Ask questions of tables, see dashboards and insights." },
  { role: "EDITOR", title: "Read and change", means: "Also change tables, queries, dashboards and insights." },
  { role: "OWNER", title: "Everything that you may", means: "Also people, keys, policies and settings." },
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
  if (fetching) return <Entrance title="A program asks" lead="Reading what it asks for."><SkeletonLines lines={3} /></Entrance>;
  if (error) return <Entrance title="A program asks" lead="What it asks for cannot be read."><Failed message={errorText(error)} onRetry={() => refetch({ requestPolicy: "network-only" })} /></Entrance>;
  if (!asked) {
    return (
      <Entrance title="This request is over" lead="It was answered already, or it waited for more than ten minutes. Start again from the program.">
        <a href="/" className="text-sm font-medium text-accent underline underline-offset-2">Go to the overview</a>
      </Entrance>
    );
  }
  const offered = rights.slice(0, rights.findIndex(({ role }) => role === asked.role) + 1);
  return (
    <Entrance title={`Let “${asked.clientName}” in?`} lead={<>It would act as <b>{person}</b> in {organization}. The name is what the program calls itself; the answer goes to <b className="break-all">{asked.redirectHost}</b>.</>}>
      <fieldset className="grid gap-2">
        <legend className="mb-2 text-sm font-medium">It may</legend>
        {offered.map(({ role, title, means }) => (
          <label key={role} className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line p-3 text-sm has-checked:border-accent">
            <input type="radio" name="role" value={role} checked={chosen === role} onChange={() => setChosen(role)} className="mt-0.5 accent-accent" />
            <span><span className="font-medium">{title}</span><br /><span className="text-muted">{means}</span></span>
          </label>
        ))}
      </fieldset>
      <p className="mt-3 text-sm text-muted">Never more than your own role. You can end it under Settings, Programs.</p>
      {deciding.error && <p role="alert" className="mt-3 text-sm text-danger">{errorText(deciding.error)}</p>}
      <div className="mt-5 grid grid-cols-2 gap-3">
        <Button onClick={() => void say(false)} disabled={done || deciding.fetching}>Refuse</Button>
        <Button kind="solid" onClick={() => void say(true)} busy={done || deciding.fetching}>Let it in</Button>
      </div>
    </Entrance>
  );
}
