import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";
import { Section } from "@/ui/page";
import { toast } from "@/ui/toast";

const RenameMe = graphql(`
  mutation RenameMe($name: String!) {
    renameMe(name: $name) {
      id
      name
    }
  }
`);

const ChangePassword = graphql(`
  mutation ChangePassword($current: String!, $new: String!) {
    changePassword(current: $current, new: $new)
  }
`);

export function AccountSettings({ name: given, email, onRenamed }: { name: string; email: string | null; onRenamed: () => void }) {
  const [renaming, rename] = useMutation(RenameMe);
  const [changing, change] = useMutation(ChangePassword);
  const [name, setName] = useState(given);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const saveName = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await rename({ name: name.trim() });
    if (!data) return;
    toast(t`Saved your name`);
    onRenamed();
  };
  const savePassword = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await change({ current, new: next });
    if (!data) return;
    setCurrent("");
    setNext("");
    toast(t`Changed the password; other sessions have ended`);
  };
  return (
    <div className="grid max-w-xl gap-5">
      <Section title={t`You`}>
        <form onSubmit={(event) => void saveName(event)} className="grid gap-4">
          <TextField label={t`Name`} required autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} error={renaming.error && errorText(renaming.error)} />
          {email && <TextField label={t`E-mail address`} value={email} readOnly hint={t`You sign in with it.`} />}
          <div><Button type="submit" busy={renaming.fetching} disabled={name.trim() === given || !name.trim()}><Trans>Save</Trans></Button></div>
        </form>
      </Section>
      <Section title={t`Password`}>
        <form onSubmit={(event) => void savePassword(event)} className="grid gap-4">
          <TextField label={t`Present password`} type="password" required autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} error={changing.error && errorText(changing.error)} />
          <TextField label={t`New password`} type="password" required minLength={12} autoComplete="new-password" hint={t`12 characters or more. Your other sessions end.`} value={next} onChange={(event) => setNext(event.target.value)} />
          <div><Button type="submit" busy={changing.fetching}><Trans>Change password</Trans></Button></div>
        </form>
      </Section>
    </div>
  );
}
