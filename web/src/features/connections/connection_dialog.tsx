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
  tokenUrl: string; scope: string; storageEndpoint: string; storageRegion: string; storageUser: string; hasStoragePassword: boolean;
  readerRole: Role; rowsMax: string; timeoutSeconds: string; hasPassword: boolean;
};

export const newConnection: ConnectionDraft = {
  id: null, name: "", description: "", kind: "POSTGRESQL", environmentId: "", host: "", port: "", database: "", user: "", tls: "PREFER", path: "",
  tokenUrl: "", scope: "", storageEndpoint: "", storageRegion: "", storageUser: "", hasStoragePassword: false, readerRole: "VIEWER", rowsMax: "10000000", timeoutSeconds: "60", hasPassword: false,
};

type CatalogForm = Pick<ConnectionDraft, "user" | "tokenUrl" | "scope" | "storageEndpoint" | "storageRegion" | "storageUser" | "hasStoragePassword"> & { storagePassword: string };

const catalogFields = ({ tokenUrl, scope, storageEndpoint, storageRegion, storageUser, storagePassword }: CatalogForm) => ({
  tokenUrl: tokenUrl.trim(), scope: scope.trim(), storageEndpoint: storageEndpoint.trim(), storageRegion: storageRegion.trim(), storageUser: storageUser.trim(), storagePassword: storagePassword || null,
});

/** Of an Iceberg catalog: how a client gets its token, and how files are read where the catalog lends no key. */
function CatalogFields({ form, change }: { form: CatalogForm; change: (fields: Partial<CatalogForm>) => void }) {
  return (
    <details className="sm:col-span-2" open={Boolean(form.tokenUrl || form.scope || form.storageEndpoint || form.storageUser)}>
      <summary className="cursor-pointer text-sm text-muted"><Trans>Where tokens come from, and how its files are read</Trans></summary>
      <div className="mt-3 grid items-start gap-3 sm:grid-cols-2">
        <TextField label={t`Token endpoint`} type="url" placeholder="https://login.example.com/token" hint={t`Empty: of the catalog itself.`} value={form.tokenUrl} onChange={(event) => change({ tokenUrl: event.target.value })} />
        <TextField label={t`Scope`} placeholder="PRINCIPAL_ROLE:ALL" hint={t`Empty: catalog.`} value={form.scope} onChange={(event) => change({ scope: event.target.value })} />
        <TextField label={t`Object store`} type="url" placeholder="https://minio.example.com:9000" hint={t`Empty: the one that the catalog names.`} value={form.storageEndpoint} onChange={(event) => change({ storageEndpoint: event.target.value })} />
        <TextField label={t`Region`} placeholder="eu-central-1" value={form.storageRegion} onChange={(event) => change({ storageRegion: event.target.value })} />
        <TextField label={t`Access key of the files`} autoComplete="off" hint={t`Empty: the catalog lends one.`} value={form.storageUser} onChange={(event) => change({ storageUser: event.target.value })} />
        <TextField label={t`Secret of that key`} type="password" autoComplete="new-password" hint={form.hasStoragePassword ? t`Empty: the present one.` : t`Kept encrypted; never shown again.`} value={form.storagePassword} onChange={(event) => change({ storagePassword: event.target.value })} />
      </div>
    </details>
  );
}

/** Connects a database, or changes how it is connected: kept only when the database has answered. */
export function ConnectionDialog({ draft, onClose, onSaved }: { draft: ConnectionDraft; onClose: () => void; onSaved: (id: string) => void }) {
  const [form, setForm] = useState({ ...draft, password: "", storagePassword: "" });
  const [{ data }] = useQuery({ query: Environments, pause: draft.id !== null });
  const [creating, create] = useMutation(CreateConnection);
  const [changing, update] = useMutation(UpdateConnection);
  const environments = data?.organization.environments ?? [];
  const change = (fields: Partial<typeof form>) => setForm((old) => ({ ...old, ...fields }));
  const file = hasPath(form.kind);
  const bucket = form.kind === "S3";
  const catalog = form.kind === "ICEBERG";
  const error = creating.error ?? changing.error;
  const hint = error && advice(errorCode(error), form.kind);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const place = file ? { path: form.path.trim() } : { host: form.host.trim(), port: form.port ? Number(form.port) : null, database: form.database.trim(), user: form.user.trim(), password: form.password || null, tls: form.tls, ...((bucket || catalog) && { path: form.path.trim() }), ...(catalog && catalogFields(form)) };
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
                <TextField label={t`Host`} required placeholder={bucket ? "s3.eu-central-1.amazonaws.com" : catalog ? t`catalog.example.com` : t`db.example.com`} value={form.host} onChange={(event) => change({ host: event.target.value })} />
                <TextField label={t`Port`} type="number" min={1} max={65535} placeholder={usualPorts[form.kind]} value={form.port} onChange={(event) => change({ port: event.target.value })} />
              </div>
              <TextField label={bucket ? t`Bucket` : catalog ? t`Warehouse` : t`Database`} required={!catalog} hint={catalog ? t`As the catalog names it; some have only one.` : undefined} value={form.database} onChange={(event) => change({ database: event.target.value })} />
              <SelectField label={t`Encryption`} value={form.tls} onChange={(event) => change({ tls: event.target.value as ConnectionTls })}>
                {(Object.keys(tlsNames) as ConnectionTls[]).map((tls) => <option key={tls} value={tls}>{tlsNames[tls]}</option>)}
              </SelectField>
              {bucket && <TextField label={t`Keys begin with`} placeholder={t`exports/`} hint={t`Empty: the whole bucket.`} value={form.path} onChange={(event) => change({ path: event.target.value })} />}
              {catalog && <TextField label={t`Path`} placeholder="/api/catalog" hint={t`What the catalog’s addresses begin with, before /v1.`} value={form.path} onChange={(event) => change({ path: event.target.value })} />}
              <TextField label={bucket ? t`Access key` : catalog ? t`Client` : t`User`} required={!catalog} autoComplete="off" hint={catalog ? t`The id of OAuth2 client credentials; empty for a token.` : t`One that may only read is best.`} value={form.user} onChange={(event) => change({ user: event.target.value })} />
              <TextField label={bucket ? t`Secret of the key` : catalog ? (form.user ? t`Secret of the client` : t`Token`) : t`Password`} type="password" autoComplete="new-password" value={form.password} onChange={(event) => change({ password: event.target.value })}
                hint={draft.hasPassword ? t`Empty: the present one. Needed again with another host, port or user.` : t`Kept encrypted; never shown again.`} />
              {catalog && <CatalogFields form={form} change={change} />}
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
