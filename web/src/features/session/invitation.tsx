import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { graphql } from "@/gql/gql";
import { Entrance } from "@/features/session/entrance";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";

const AcceptInvitation = graphql(`
  mutation AcceptInvitation($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      id
    }
  }
`);

/** The token is in the fragment: it never reaches a server's log. */
export function InvitationForm({ token, onDone }: { token: string; onDone: () => void }) {
  const [{ fetching, error }, accept] = useMutation(AcceptInvitation);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await accept({ input: { token, name, password } });
    if (data) onDone();
  };
  if (!token) {
    return (
      <Entrance title={t`This link is not whole`} lead={t`An invitation’s link ends with # and a long word. Copy the whole link, or ask for a new one.`}>
        <a href="/signin" className="text-sm font-medium text-accent underline underline-offset-2"><Trans>Go to sign-in</Trans></a>
      </Entrance>
    );
  }
  return (
    <Entrance title={t`Join your team`} lead={t`You have been invited to Firn. Choose a name and a password; if you have an account here, give its password.`}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Your name`} autoComplete="name" required autoFocus value={name} onChange={(event) => setName(event.target.value)} />
        <TextField label={t`Password`} type="password" autoComplete="new-password" minLength={12} required value={password} hint={t`12 characters or more.`}
          onChange={(event) => setPassword(event.target.value)} error={error && errorText(error)} />
        <Button type="submit" kind="solid" busy={fetching} className="w-full"><Trans>Join</Trans></Button>
      </form>
    </Entrance>
  );
}
