import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { advice, hasPath, kindMeanings, kindNames, readerRoles, tlsNames, usualPorts } from "@/features/connections/kinds";
import type { ConnectionKind, ConnectionTls, Role } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorCode, errorText } from "@/ui/error_text";
import { SelectField, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";

const Environments = graphql(`
  query ConnectionEnvironments {
    organization {
      id
      environments {
        id
        name
      }
    }
  }
`);

const CreateConnection = graphql(`
  mutation CreateConnection($input: CreateConnectionInput!) {
    createConnection(input: $input) {
      id
      name
    }
  }
`);

const UpdateConnection = graphql(`
  mutation UpdateConnection($input: UpdateConnectionInput!) {
    updateConnection(input: $input) {
      id
      ...ConnectionFacts
      ...ConnectionSchemas
    }
  }
`);

export type ConnectionDraft = {
  id: string | null; name: string; description: string; kind: ConnectionKind; environmentId: string; host: string; port: string; database: string; user: string; tls: ConnectionTls; path: string;
  readerRole: Role; rowsMax: string; timeoutSeconds: string; hasPassword: boolean;
};

export const newConnection: ConnectionDraft = {
  id: null, name: "", description: "", kind: "POSTGRESQL", environmentId: "", host: "", port: "", database: "", user: "", tls: "PREFER", path: "", readerRole: "VIEWER", rowsMax: "10000000", timeoutSeconds: "60", hasPassword: false,
};

/** Connects a database, or changes how it is connected: kept only when the database has answered. */
export function ConnectionDialog({ draft, onClose, onSaved }: { draft: ConnectionDraft; onClose: () => void; onSaved: (id: string) => void }) {
  const [form, setForm] = useState({ ...draft, password: "" });
  const [{ data }] = useQuery({ query: Environments, pause: draft.id !== null });
  const [creating, create] = useMutation(CreateConnection);
  const [changing, update] = useMutation(UpdateConnection);
  const environments = data?.organization.environments ?? [];
  const change = (fields: Partial<typeof form>) => setForm((old) => ({ ...old, ...fields }));
  const file = hasPath(form.kind);
  const bucket = form.kind === "S3";
  const error = creating.error ?? changing.error;
  const hint = error && advice(errorCode(error), form.kind);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const place = file ? { path: form.path.trim() } : { host: form.host.trim(), port: form.port ? Number(form.port) : null, database: form.database.trim(), user: form.user.trim(), password: form.password || null, tls: form.tls, ...(bucket && { path: form.path.trim() }) };
    const rest = { name: form.name.trim(), description: form.description.trim(), readerRole: form.readerRole, rowsMax: Number(form.rowsMax), statementTimeoutMs: Math.round(Number(form.timeoutSeconds) * 1000) };
    const id = draft.id
      ? (await update({ input: { id: draft.id, ...place, ...rest } })).data?.updateConnection.id
      : (await create({ input: { environmentId: form.environmentId || (environments[0]?.id ?? ""), kind: form.kind, ...place, ...rest } })).data?.createConnection.id;
    if (!id) return;
    toast(draft.id ? t`Saved ${rest.name}` : t`${rest.name} is connected`);
    onClose();
    onSaved(id);
  };
  return (
    <Dialog title={draft.id ? t`Change ${draft.name}` : t`New connection`} onClose={onClose} wide>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        {!draft.id && (
          <fieldset className="grid gap-2 sm:grid-cols-2">
            <legend className="mb-1.5 text-sm font-medium"><Trans>Kind</Trans></legend>
            {(Object.keys(kindNames) as ConnectionKind[]).map((kind) => (
              <label key={kind} className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line p-3 text-sm has-checked:border-accent has-checked:bg-soft">
                <input type="radio" name={t`kind`} value={kind} checked={form.kind === kind} onChange={() => change({ kind })} className="mt-0.5 accent-accent" />
                <span><span className="font-medium">{kindNames[kind]}</span><br /><span className="text-xs text-muted">{kindMeanings[kind]}</span></span>
              </label>
            ))}
          </fieldset>
        )}
        <div className="grid items-start gap-3 sm:grid-cols-2">
          <TextField label={t`Name`} required pattern="[a-z][a-z0-9_\-]{0,62}" placeholder={t`pg`} hint={t`The first part of its tables’ names in SQL: a-z, 0-9, _ and -.`} value={form.name} onChange={(event) => change({ name: event.target.value })} />
          {environments.length > 1 && (
            <SelectField label={t`Environment`} value={form.environmentId || environments[0]!.id} onChange={(event) => change({ environmentId: event.target.value })}>
              {environments.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
            </SelectField>
          )}
          {file ? (
            <TextField label={form.kind === "FILES" ? t`Folder or file` : t`File`} required placeholder={form.kind === "FILES" ? t`exports` : t`fleet.db`} hint={t`Below the folder that the server allows.${form.kind === "FILES" ? t` A dot is all of it.` : ""}`} value={form.path} onChange={(event) => change({ path: event.target.value })} />
          ) : (
            <>
              <div className="grid grid-cols-[1fr_6rem] gap-3">
                <TextField label={t`Host`} required placeholder={bucket ? "s3.eu-central-1.amazonaws.com" : t`db.example.com`} value={form.host} onChange={(event) => change({ host: event.target.value })} />
                <TextField label={t`Port`} type="number" min={1} max={65535} placeholder={usualPorts[form.kind]} value={form.port} onChange={(event) => change({ port: event.target.value })} />
              </div>
              <TextField label={bucket ? t`Bucket` : t`Database`} required value={form.database} onChange={(event) => change({ database: event.target.value })} />
              <SelectField label={t`Encryption`} value={form.tls} onChange={(event) => change({ tls: event.target.value as ConnectionTls })}>
                {(Object.keys(tlsNames) as ConnectionTls[]).map((tls) => <option key={tls} value={tls}>{tlsNames[tls]}</option>)}
              </SelectField>
              {bucket && <TextField label={t`Keys begin with`} placeholder={t`exports/`} hint={t`Empty: the whole bucket.`} value={form.path} onChange={(event) => change({ path: event.target.value })} />}
              <TextField label={bucket ? t`Access key` : t`User`} required autoComplete="off" hint={t`One that may only read is best.`} value={form.user} onChange={(event) => change({ user: event.target.value })} />
              <TextField label={bucket ? t`Secret of the key` : t`Password`} type="password" autoComplete="new-password" value={form.password} onChange={(event) => change({ password: event.target.value })}
                hint={draft.hasPassword ? t`Empty: the present one. Needed again with another host, port or user.` : t`Kept encrypted; never shown again.`} />
            </>
          )}
        </div>
        <TextField label={t`Description`} placeholder={t`What is in it; agents read it, too`} value={form.description} onChange={(event) => change({ description: event.target.value })} />
        <details>
          <summary className="cursor-pointer text-sm text-muted"><Trans>Who reads it, and how much at a time</Trans></summary>
          <div className="mt-3 grid items-start gap-3 sm:grid-cols-3">
            <SelectField label={t`Weakest reader`} hint={t`In its environment.`} value={form.readerRole} onChange={(event) => change({ readerRole: event.target.value as Role })}>
              {readerRoles.map((role) => <option key={role} value={role}>{role.toLowerCase()}</option>)}
            </SelectField>
            <TextField label={t`Rows of a query`} type="number" min={1} required hint={t`Read of it, at most.`} value={form.rowsMax} onChange={(event) => change({ rowsMax: event.target.value })} />
            <TextField label={t`Seconds of a statement`} type="number" min={1} step="any" required hint={t`In the database, at most.`} value={form.timeoutSeconds} onChange={(event) => change({ timeoutSeconds: event.target.value })} />
          </div>
        </details>
        {error && (
          <div role="alert" className="grid gap-1 rounded-lg bg-danger-soft px-4 py-3 text-sm text-danger">
            <p className="font-medium break-words">{errorText(error)}</p>
            {hint && <p>{hint}</p>}
          </div>
        )}
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={creating.fetching || changing.fetching}>{draft.id ? t`Test and save` : t`Test and connect`}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
