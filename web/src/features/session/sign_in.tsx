import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { graphql } from "@/gql/gql";
import { Entrance } from "@/features/session/entrance";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";

const SignIn = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      id
    }
  }
`);

export function SignInForm({ onDone }: { onDone: () => void }) {
  const [{ fetching, error }, signIn] = useMutation(SignIn);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await signIn({ input: { email: email.trim(), password } });
    if (data) onDone();
  };
  return (
    <Entrance title={t`Sign in`} lead={t`With the e-mail address that you were invited by.`}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`E-mail address`} type="email" autoComplete="username" required autoFocus value={email} onChange={(event) => setEmail(event.target.value)} />
        <TextField label={t`Password`} type="password" autoComplete="current-password" required value={password}
          onChange={(event) => setPassword(event.target.value)} error={error && errorText(error)} />
        <Button type="submit" kind="solid" busy={fetching} className="w-full"><Trans>Sign in</Trans></Button>
      </form>
    </Entrance>
  );
}
