import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { accountRoles, roleMeanings, roleNames } from "@/features/settings/roles";
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
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { toast } from "@/ui/toast";

const Accounts = graphql(`
  query Accounts {
    organization {
      id
      serviceAccounts(first: 200) {
        edges {
          node {
            id
            name
            role
            keys {
              id
              prefix
              name
              createdAt
              expiresAt
              revokedAt
              lastUsedAt
            }
          }
        }
      }
    }
  }
`);

const CreateServiceAccount = graphql(`
  mutation CreateServiceAccount($input: CreateServiceAccountInput!) {
    createServiceAccount(input: $input) {
      id
      name
    }
  }
`);

const DeleteServiceAccount = graphql(`
  mutation DeleteServiceAccount($id: ID!) {
    deleteServiceAccount(id: $id)
  }
`);

const CreateKey = graphql(`
  mutation CreateKey($input: CreateKeyInput!) {
    createKey(input: $input) {
      secret
      key {
        id
        prefix
      }
    }
  }
`);

const RevokeKey = graphql(`
  mutation RevokeKey($id: ID!) {
    revokeKey(id: $id) {
      id
      revokedAt
    }
  }
`);

type Named = { id: string; name: string };

export function AccountsSettings() {
  const [{ data, error }, retry] = useQuery({ query: Accounts, requestPolicy: "cache-and-network" });
  const [, remove] = useMutation(DeleteServiceAccount);
  const [, revoke] = useMutation(RevokeKey);
  const [adding, setAdding] = useState(false);
  const [keyFor, setKeyFor] = useState<Named | null>(null);
  const [doomed, setDoomed] = useState<Named | null>(null);
  const [revoking, setRevoking] = useState<{ id: string; prefix: string } | null>(null);
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (!data) return <SkeletonLines label={t`Loading service accounts`} />;
  const accounts = data.organization.serviceAccounts.edges.map((edge) => edge.node);
  return (
    <div className="grid gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-xl text-sm text-muted"><Trans>Programs and agents ask and send rows as a service account, with a key of its own.</Trans></p>
        <Button kind="solid" icon="plus" onClick={() => setAdding(true)}><Trans>New service account</Trans></Button>
      </div>
      {accounts.length === 0 && <div className="panel"><Empty icon="key" title={t`No service accounts yet`}><Trans>Make one with the role Ingest to send rows, or Viewer to ask.</Trans></Empty></div>}
      {accounts.map((account) => (
        <Section key={account.id} title={account.name} flush actions={
          <>
            <Badge>{account.role ? roleNames[account.role] : t`by grants only`}</Badge>
            <Button small icon="key" onClick={() => setKeyFor(account)}><Trans>New key</Trans></Button>
            <IconButton icon="trash" label={t`Delete ${account.name}`} onClick={() => setDoomed(account)} />
          </>
        }>
          {account.keys.length === 0 ? <p className="p-4 text-sm text-muted"><Trans>It has no key yet, so nobody can use it.</Trans></p> : (
            <ListTable label={t`Keys of ${account.name}`} heads={[t`Key`, t`Name`, t`Made`, t`Last used`, t`State`, { name: t`Actions`, right: true, hidden: true }]}>
              {account.keys.map((key) => (
                <tr key={key.id}>
                  <Cell mono>{key.prefix}…</Cell>
                  <Cell>{key.name || <span className="text-muted">–</span>}</Cell>
                  <Cell muted><Ago at={key.createdAt} /></Cell>
                  <Cell muted>{key.lastUsedAt ? <Ago at={key.lastUsedAt} /> : t`never`}</Cell>
                  <Cell>{key.revokedAt ? <Badge tone="danger"><Trans>revoked</Trans></Badge> : key.expiresAt ? <Badge tone="warn"><Trans>ends&nbsp;<Until at={key.expiresAt} /></Trans></Badge> : <Badge tone="ok"><Trans>works</Trans></Badge>}</Cell>
                  <Cell right>{!key.revokedAt && <Button small kind="danger" onClick={() => setRevoking(key)}><Trans>Revoke</Trans></Button>}</Cell>
                </tr>
              ))}
            </ListTable>
          )}
        </Section>
      ))}
      {adding && <AccountDialog onClose={() => setAdding(false)} onMade={setKeyFor} />}
      {keyFor && <KeyDialog account={keyFor} onClose={() => setKeyFor(null)} />}
      {doomed && (
        <Confirm title={t`Delete ${doomed.name}?`} action={t`Delete`} onClose={() => setDoomed(null)} onConfirm={async () => {
          const result = await remove({ id: doomed.id });
          if (result.error) toast(errorText(result.error), "failed");
          else toast(t`Deleted ${doomed.name}`);
        }}><p><Trans>All its keys stop working at once.</Trans></p></Confirm>
      )}
      {revoking && (
        <Confirm title={t`Revoke the key ${revoking.prefix}…?`} action={t`Revoke`} onClose={() => setRevoking(null)} onConfirm={async () => {
          const result = await revoke({ id: revoking.id });
          if (result.error) toast(errorText(result.error), "failed");
          else toast(t`Revoked the key`);
        }}><p><Trans>Whoever uses it is refused at once. A key cannot be had back.</Trans></p></Confirm>
      )}
    </div>
  );
}

function AccountDialog({ onClose, onMade }: { onClose: () => void; onMade: (account: Named) => void }) {
  const [{ fetching, error }, create] = useMutation(CreateServiceAccount);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role | "">("INGEST");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await create({ input: { name: name.trim(), role: role || null } });
    if (!data) return;
    onClose();
    onMade(data.createServiceAccount);
  };
  return (
    <Dialog title={t`New service account`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Name`} required placeholder={t`collector`} value={name} onChange={(event) => setName(event.target.value)} error={error && errorText(error)} />
        <SelectField label={t`Role`} value={role} onChange={(event) => setRole(event.target.value as Role | "")}>
          {accountRoles.map((each) => <option key={each} value={each}>{roleNames[each]}: {roleMeanings[each]}</option>)}
          <option value=""><Trans>None: only grants count</Trans></option>
        </SelectField>
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={fetching}><Trans>Create</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function KeyDialog({ account, onClose }: { account: Named; onClose: () => void }) {
  const [{ data, fetching, error }, create] = useMutation(CreateKey);
  const [name, setName] = useState("");
  const [days, setDays] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : null;
    void create({ input: { serviceAccountId: account.id, name: name.trim(), expiresAt } });
  };
  if (data) {
    return (
      <Dialog title={t`The new key`} onClose={onClose}>
        <div className="grid gap-3 text-sm text-muted">
          <p><Trans>Copy it now: it is shown only this once, and Firn keeps no copy.</Trans></p>
          <CodeBlock label={t`The new key`} code={data.createKey.secret} />
        </div>
        <DialogActions><Button kind="solid" onClick={onClose}><Trans>I have it</Trans></Button></DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title={t`New key for ${account.name}`} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <TextField label={t`Name`} hint={t`Where it will be used.`} value={name} onChange={(event) => setName(event.target.value)} error={error && errorText(error)} />
        <SelectField label={t`Ends`} value={days} onChange={(event) => setDays(event.target.value)}>
          <option value=""><Trans>Never</Trans></option>
          <option value="30"><Trans>In 30 days</Trans></option>
          <option value="90"><Trans>In 90 days</Trans></option>
          <option value="365"><Trans>In a year</Trans></option>
        </SelectField>
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={fetching}><Trans>Make the key</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
