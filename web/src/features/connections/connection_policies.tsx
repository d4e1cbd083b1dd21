import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import type { ColumnRule, Role } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { Confirm, Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { Cell, ListTable } from "@/ui/list_table";
import { Section } from "@/ui/page";
import { Badge, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";
import { toast } from "@/ui/toast";

const Policies = graphql(`
  query ConnectionPolicies($id: ID!, $schema: String!, $table: String!) {
    connection(id: $id) {
      id
      policies(schema: $schema, table: $table) {
        id
        name
        roles
        rowFilter
        columns {
          column
          rule
        }
      }
    }
  }
`);

const SetConnectionPolicy = graphql(`
  mutation SetConnectionPolicy($input: SetConnectionPolicyInput!) {
    setConnectionPolicy(input: $input) {
      id
      name
    }
  }
`);

const RemovePolicy = graphql(`
  mutation RemoveConnectionPolicy($id: ID!) {
    removePolicy(id: $id)
  }
`);

type Table = { name: string; columns: readonly { name: string }[] };
type Policy = { id: string; name: string; roles: readonly Role[]; rowFilter?: string | null; columns: readonly { column: string; rule: ColumnRule }[] };

/** Who sees what of a connected table. */
export function ConnectionPolicies({ connectionId, schema, table }: { connectionId: string; schema: string; table: Table }) {
  const [{ data, error }, look] = useQuery({ query: Policies, variables: { id: connectionId, schema, table: table.name }, requestPolicy: "cache-and-network" });
  const [, remove] = useMutation(RemovePolicy);
  const [edited, setEdited] = useState<Policy | "new" | null>(null);
  const [doomed, setDoomed] = useState<Policy | null>(null);
  const again = () => look({ requestPolicy: "network-only" });
  const policies = data?.connection?.policies ?? [];
  return (
    <Section title="Policies" flush actions={<Button small icon="plus" onClick={() => setEdited("new")}>New policy</Button>}>
      {error && !data && <Failed message={errorText(error)} onRetry={again} />}
      {!data && !error && <div className="p-4"><SkeletonLines label="Loading policies" lines={2} /></div>}
      {data && policies.length === 0 && <p className="px-4 py-6 text-center text-sm text-muted">Whoever may read the connection sees every row and column of this table. A policy leaves rows out, or hides columns, for the roles that it names.</p>}
      {policies.length > 0 && (
        <ListTable label="Policies" heads={["Policy", "Roles", "Rows", "Columns", { name: "Actions", right: true, hidden: true }]}>
          {policies.map((policy) => (
            <tr key={policy.id}>
              <Cell className="font-medium">{policy.name}</Cell>
              <Cell><span className="flex flex-wrap gap-1">{policy.roles.map((role) => <Badge key={role}>{role.toLowerCase()}</Badge>)}</span></Cell>
              <Cell mono>{policy.rowFilter ?? <span className="text-muted">all</span>}</Cell>
              <Cell><span className="flex flex-wrap gap-1">{policy.columns.length ? policy.columns.map(({ column, rule }) => <Badge key={column} tone="warn">{column}: {rule.toLowerCase()}</Badge>) : <span className="text-muted">all</span>}</span></Cell>
              <Cell right>
                <IconButton icon="pencil" label={`Change ${policy.name}`} onClick={() => setEdited(policy)} />
                <IconButton icon="trash" label={`Remove ${policy.name}`} onClick={() => setDoomed(policy)} />
              </Cell>
            </tr>
          ))}
        </ListTable>
      )}
      {edited && <PolicyDialog policy={edited === "new" ? null : edited} place={{ connectionId, schema, table: table.name }} columns={table.columns.map((column) => column.name)} onClose={() => setEdited(null)} onSaved={again} />}
      {doomed && (
        <Confirm title={`Remove ${doomed.name}?`} action="Remove" onClose={() => setDoomed(null)} onConfirm={async () => {
          tell(await remove({ id: doomed.id }), `Removed ${doomed.name}`);
          again();
        }}><p>{doomed.roles.map((role) => role.toLowerCase()).join(", ")}: they see at once what it kept from them.</p></Confirm>
      )}
    </Section>
  );
}

const roles: readonly Role[] = ["VIEWER", "EDITOR", "ADMIN", "OWNER"];
const rules: Record<ColumnRule, string> = { HIDDEN: "is not there", NULLED: "is always null", HASHED: "is hashed" };

function PolicyDialog({ policy, place, columns, onClose, onSaved }: {
  policy: Policy | null; place: { connectionId: string; schema: string; table: string }; columns: readonly string[]; onClose: () => void; onSaved: () => void;
}) {
  const [form, setForm] = useState({ name: policy?.name ?? "", roles: policy?.roles ?? (["VIEWER"] as readonly Role[]), rowFilter: policy?.rowFilter ?? "", columns: policy?.columns ?? [] });
  const [{ fetching, error }, set] = useMutation(SetConnectionPolicy);
  const change = (fields: Partial<typeof form>) => setForm((old) => ({ ...old, ...fields }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await set({ input: { ...place, name: form.name.trim(), roles: [...form.roles], rowFilter: form.rowFilter.trim() || null, columns: form.columns.map(({ column, rule }) => ({ column, rule })) } });
    if (!data) return;
    toast(`Saved ${data.setConnectionPolicy.name}; it holds from the next query on`);
    onClose();
    onSaved();
  };
  const free = columns.filter((name) => !form.columns.some((each) => each.column === name));
  return (
    <Dialog title={policy ? `Change ${policy.name}` : "New policy"} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label="Name" required readOnly={policy !== null} value={form.name} onChange={(event) => change({ name: event.target.value })} />
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">Holds for</legend>
          <div className="flex flex-wrap gap-x-4 gap-y-1">
            {roles.map((role) => (
              <label key={role} className="flex items-center gap-2 text-sm">
                <input type="checkbox" className="accent-solid" checked={form.roles.includes(role)} onChange={() => change({ roles: form.roles.includes(role) ? form.roles.filter((each) => each !== role) : [...form.roles, role] })} />
                {role.toLowerCase()}s
              </label>
            ))}
          </div>
        </fieldset>
        <TextArea label="Rows that they see" rows={2} spellCheck={false} className="font-mono !text-xs" placeholder="region = 'north'" hint="A SQL condition, also on caller_id(), caller_email() and caller_role(). Empty: all rows." value={form.rowFilter} onChange={(event) => change({ rowFilter: event.target.value })} />
        <fieldset className="grid gap-2">
          <legend className="mb-1.5 text-sm font-medium">Columns</legend>
          {form.columns.map(({ column, rule }) => (
            <div key={column} className="grid grid-cols-[1fr_9rem_auto] items-center gap-2 text-sm">
              <span className="truncate font-medium" title={column}>{column}</span>
              <SelectField label={`What they see of ${column}`} hideLabel value={rule} onChange={(event) => change({ columns: form.columns.map((each) => (each.column === column ? { column, rule: event.target.value as ColumnRule } : each)) })}>
                {(Object.keys(rules) as ColumnRule[]).map((each) => <option key={each} value={each}>{rules[each]}</option>)}
              </SelectField>
              <IconButton icon="close" label={`Show ${column} again`} onClick={() => change({ columns: form.columns.filter((each) => each.column !== column) })} />
            </div>
          ))}
          {free.length > 0 && (
            <SelectField label="Keep a column from them" hideLabel value="" onChange={(event) => change({ columns: [...form.columns, { column: event.target.value, rule: "NULLED" }] })}>
              <option value="">Keep a column from them…</option>
              {free.map((name) => <option key={name} value={name}>{name}</option>)}
            </SelectField>
          )}
        </fieldset>
        <FormActions error={error} busy={fetching} disabled={form.roles.length === 0} action="Save" onClose={onClose} />
      </form>
    </Dialog>
  );
}
