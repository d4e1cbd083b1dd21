import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { graphql } from "@/gql/gql";
import { Entrance } from "@/features/session/entrance";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";

const SetUp = graphql(`
  mutation SetUp($input: SetUpInput!) {
    setUp(input: $input) {
      id
    }
  }
`);

export function SetUpForm({ onDone }: { onDone: () => void }) {
  const [{ fetching, error }, setUp] = useMutation(SetUp);
  const [form, setForm] = useState({ organizationName: "", name: "", email: "", password: "" });
  const field = (key: keyof typeof form) => ({
    value: form[key],
    required: true,
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [key]: event.target.value }),
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await setUp({ input: { ...form, email: form.email.trim() } });
    if (data) onDone();
  };
  return (
    <Entrance title={t`Set up Firn`} lead={t`This server is new. Make your organization and yourself, its owner.`}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Organization`} autoComplete="organization" autoFocus placeholder={t`Acme`} {...field("organizationName")} />
        <TextField label={t`Your name`} autoComplete="name" {...field("name")} />
        <TextField label={t`E-mail address`} type="email" autoComplete="username" {...field("email")} />
        <TextField label={t`Password`} type="password" autoComplete="new-password" minLength={12} hint={t`12 characters or more. A few words are fine.`} {...field("password")}
          error={error && errorText(error)} />
        <Button type="submit" kind="solid" busy={fetching} className="w-full"><Trans>Create organization</Trans></Button>
      </form>
    </Entrance>
  );
}
