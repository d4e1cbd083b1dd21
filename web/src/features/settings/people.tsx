import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { personRoles, roleMeanings, roleNames } from "@/features/settings/roles";
import type { Role } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { CodeBlock } from "@/ui/copy";
import { Confirm, Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { SelectField, TextField } from "@/ui/field";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago, Until } from "@/ui/moment";
import { Section } from "@/ui/page";
import { Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";

const People = graphql(`
  query People {
    organization {
      id
      people(first: 200) {
        edges {
          node {
            id
            email
            name
            role
            lastSeenAt
          }
        }
      }
      invitations {
        id
        email
        role
        expiresAt
        invitedBy
      }
    }
  }
`);

const InvitePerson = graphql(`
  mutation InvitePerson($input: InvitePersonInput!) {
    invitePerson(input: $input) {
      link
      invitation {
        id
        email
      }
    }
  }
`);

const RevokeInvitation = graphql(`
  mutation RevokeInvitation($id: ID!) {
    revokeInvitation(id: $id)
  }
`);

const SetPersonRole = graphql(`
  mutation SetPersonRole($id: ID!, $role: Role) {
    setPersonRole(id: $id, role: $role) {
      id
      role
    }
  }
`);

const RemovePerson = graphql(`
  mutation RemovePerson($id: ID!) {
    removePerson(id: $id)
  }
`);

export function PeopleSettings({ viewerId }: { viewerId: string }) {
  const [{ data, error }, retry] = useQuery({ query: People, requestPolicy: "cache-and-network" });
  const [, setRole] = useMutation(SetPersonRole);
  const [, remove] = useMutation(RemovePerson);
  const [, revoke] = useMutation(RevokeInvitation);
  const [inviting, setInviting] = useState(false);
  const [leaving, setLeaving] = useState<{ id: string; name: string } | null>(null);
  const [revoking, setRevoking] = useState<{ id: string; email: string } | null>(null);
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (!data) return <SkeletonLines label={t`Loading people`} />;
  const { people, invitations } = data.organization;
  const changeRole = async (id: string, name: string, role: Role | null) => {
    const result = await setRole({ id, role });
    if (result.error) toast(errorText(result.error), "failed");
    else toast(t`${name} is now ${role ? roleNames[role].toLowerCase() : t`without a role on the organization`}`);
  };
  return (
    <div className="grid gap-5">
      <Section title={t`People`} flush actions={<Button small icon="plus" onClick={() => setInviting(true)}><Trans>Invite</Trans></Button>}>
        <ListTable label={t`People`} heads={[t`Name`, t`Role`, t`Seen`, { name: t`Actions`, right: true, hidden: true }]}>
          {people.edges.map(({ node: person }) => (
            <tr key={person.id}>
              <Cell><span className="font-medium">{person.name}</span>{person.id === viewerId && <span className="text-muted"> <Trans>(you)</Trans></span>}<p className="text-xs text-muted">{person.email}</p></Cell>
              <Cell>
                <div className="w-32">
                  <SelectField label={t`Role of ${person.name}`} hideLabel value={person.role ?? ""} onChange={(event) => void changeRole(person.id, person.name, (event.target.value || null) as Role | null)}>
                    {!person.role && <option value=""><Trans>By grants only</Trans></option>}
                    {personRoles.map((role) => <option key={role} value={role} title={roleMeanings[role]}>{roleNames[role]}</option>)}
                  </SelectField>
                </div>
              </Cell>
              <Cell muted>{person.lastSeenAt ? <Ago at={person.lastSeenAt} /> : t`never`}</Cell>
              <Cell right>{person.id !== viewerId && <IconButton icon="trash" label={t`Remove ${person.name}`} onClick={() => setLeaving(person)} />}</Cell>
            </tr>
          ))}
        </ListTable>
      </Section>
      <Section title={t`Invitations`} flush>
        {invitations.length === 0 ? <p className="p-4 text-sm text-muted"><Trans>Nobody has been invited who has not come yet.</Trans></p> : (
          <ListTable label={t`Invitations`} heads={[t`E-mail address`, t`Role`, t`Invited by`, t`Ends`, { name: t`Actions`, right: true, hidden: true }]}>
            {invitations.map((invitation) => (
              <tr key={invitation.id}>
                <Cell>{invitation.email}</Cell>
                <Cell>{roleNames[invitation.role]}</Cell>
                <Cell muted>{invitation.invitedBy}</Cell>
                <Cell muted><Until at={invitation.expiresAt} /></Cell>
                <Cell right><IconButton icon="trash" label={t`Revoke the invitation of ${invitation.email}`} onClick={() => setRevoking(invitation)} /></Cell>
              </tr>
            ))}
          </ListTable>
        )}
      </Section>
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {leaving && (
        <Confirm title={t`Remove ${leaving.name}?`} action={t`Remove`} onClose={() => setLeaving(null)} onConfirm={async () => {
          const result = await remove({ id: leaving.id });
          if (result.error) toast(errorText(result.error), "failed");
          else toast(t`Removed ${leaving.name}`);
        }}><p><Trans>Their sessions end at once. What they made stays.</Trans></p></Confirm>
      )}
      {revoking && (
        <Confirm title={t`Revoke the invitation?`} action={t`Revoke`} onClose={() => setRevoking(null)} onConfirm={async () => {
          const result = await revoke({ id: revoking.id });
          if (result.error) toast(errorText(result.error), "failed");
          else toast(t`The link of ${revoking.email} is worthless now`);
        }}><p><Trans>The link that {revoking.email} got no longer works.</Trans></p></Confirm>
      )}
    </div>
  );
}

function InviteDialog({ onClose }: { onClose: () => void }) {
  const [{ data, fetching, error }, invite] = useMutation(InvitePerson);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("EDITOR");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void invite({ input: { email: email.trim(), role } });
  };
  if (data) {
    return (
      <Dialog title={t`Invited`} onClose={onClose}>
        <div className="grid gap-3 text-sm text-muted">
          <p><Trans>Send this link to {data.invitePerson.invitation.email}. It is shown only now.</Trans></p>
          <CodeBlock label={t`Invitation link`} code={new URL(data.invitePerson.link, location.origin).href} />
        </div>
        <DialogActions><Button kind="solid" onClick={onClose}><Trans>Done</Trans></Button></DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title={t`Invite somebody`} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <TextField label={t`E-mail address`} type="email" required value={email} onChange={(event) => setEmail(event.target.value)} error={error && errorText(error)} />
        <SelectField label={t`Role`} value={role} onChange={(event) => setRole(event.target.value as Role)}>
          {personRoles.map((each) => <option key={each} value={each}>{roleNames[each]}: {roleMeanings[each]}</option>)}
        </SelectField>
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={fetching}><Trans>Make the link</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
