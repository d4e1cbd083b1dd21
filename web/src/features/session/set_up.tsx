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
    <Entrance title="Set up Firn" lead="This server is new. Make your organization and yourself, its owner.">
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label="Organization" autoComplete="organization" autoFocus placeholder="Acme" {...field("organizationName")} />
        <TextField label="Your name" autoComplete="name" {...field("name")} />
        <TextField label="E-mail address" type="email" autoComplete="username" {...field("email")} />
        <TextField label="Password" type="password" autoComplete="new-password" minLength={12} hint="12 characters or more. A few words are fine." {...field("password")}
          error={error && errorText(error)} />
        <Button type="submit" kind="solid" busy={fetching} className="w-full">Create organization</Button>
      </form>
    </Entrance>
  );
}
