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
  if (!data) return <SkeletonLines label="Loading service accounts" />;
  const accounts = data.organization.serviceAccounts.edges.map((edge) => edge.node);
  return (
    <div className="grid gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-xl text-sm text-muted">Programs and agents ask and send rows as a service account, with a key of its own.</p>
        <Button kind="solid" icon="plus" onClick={() => setAdding(true)}>New service account</Button>
      </div>
      {accounts.length === 0 && <div className="panel"><Empty icon="key" title="No service accounts yet">Make one with the role Ingest to send rows, or Viewer to ask.</Empty></div>}
      {accounts.map((account) => (
        <Section key={account.id} title={account.name} flush actions={
          <>
            <Badge>{account.role ? roleNames[account.role] : "by grants only"}</Badge>
            <Button small icon="key" onClick={() => setKeyFor(account)}>New key</Button>
            <IconButton icon="trash" label={`Delete ${account.name}`} onClick={() => setDoomed(account)} />
          </>
        }>
          {account.keys.length === 0 ? <p className="p-4 text-sm text-muted">It has no key yet, so nobody can use it.</p> : (
            <ListTable label={`Keys of ${account.name}`} heads={["Key", "Name", "Made", "Last used", "State", { name: "Actions", right: true, hidden: true }]}>
              {account.keys.map((key) => (
                <tr key={key.id}>
                  <Cell mono>{key.prefix}…</Cell>
                  <Cell>{key.name || <span className="text-muted">–</span>}</Cell>
                  <Cell muted><Ago at={key.createdAt} /></Cell>
                  <Cell muted>{key.lastUsedAt ? <Ago at={key.lastUsedAt} /> : "never"}</Cell>
                  <Cell>{key.revokedAt ? <Badge tone="danger">revoked</Badge> : key.expiresAt ? <Badge tone="warn">ends&nbsp;<Until at={key.expiresAt} /></Badge> : <Badge tone="ok">works</Badge>}</Cell>
                  <Cell right>{!key.revokedAt && <Button small kind="danger" onClick={() => setRevoking(key)}>Revoke</Button>}</Cell>
                </tr>
              ))}
            </ListTable>
          )}
        </Section>
      ))}
      {adding && <AccountDialog onClose={() => setAdding(false)} onMade={setKeyFor} />}
      {keyFor && <KeyDialog account={keyFor} onClose={() => setKeyFor(null)} />}
      {doomed && (
        <Confirm title={`Delete ${doomed.name}?`} action="Delete" onClose={() => setDoomed(null)} onConfirm={async () => {
          const result = await remove({ id: doomed.id });
          if (result.error) toast(errorText(result.error), "failed");
          else toast(`Deleted ${doomed.name}`);
        }}><p>All its keys stop working at once.</p></Confirm>
      )}
      {revoking && (
        <Confirm title={`Revoke the key ${revoking.prefix}…?`} action="Revoke" onClose={() => setRevoking(null)} onConfirm={async () => {
          const result = await revoke({ id: revoking.id });
          if (result.error) toast(errorText(result.error), "failed");
          else toast("Revoked the key");
        }}><p>Whoever uses it is refused at once. A key cannot be had back.</p></Confirm>
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
    <Dialog title="New service account" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label="Name" required placeholder="collector" value={name} onChange={(event) => setName(event.target.value)} error={error && errorText(error)} />
        <SelectField label="Role" value={role} onChange={(event) => setRole(event.target.value as Role | "")}>
          {accountRoles.map((each) => <option key={each} value={each}>{roleNames[each]}: {roleMeanings[each]}</option>)}
          <option value="">None: only grants count</option>
        </SelectField>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="solid" busy={fetching}>Create</Button>
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
      <Dialog title="The new key" onClose={onClose}>
        <div className="grid gap-3 text-sm text-muted">
          <p>Copy it now: it is shown only this once, and Firn keeps no copy.</p>
          <CodeBlock label="The new key" code={data.createKey.secret} />
        </div>
        <DialogActions><Button kind="solid" onClick={onClose}>I have it</Button></DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title={`New key for ${account.name}`} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <TextField label="Name" hint="Where it will be used." value={name} onChange={(event) => setName(event.target.value)} error={error && errorText(error)} />
        <SelectField label="Ends" value={days} onChange={(event) => setDays(event.target.value)}>
          <option value="">Never</option>
          <option value="30">In 30 days</option>
          <option value="90">In 90 days</option>
          <option value="365">In a year</option>
        </SelectField>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="solid" busy={fetching}>Make the key</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
