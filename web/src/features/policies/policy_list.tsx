import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation, type CombinedError } from "urql";
import { PolicyDialog } from "@/features/policies/policy_dialog";
import { ruleWords, sights, type PolicyDraft } from "@/features/policies/policy_text";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import type { PolicyRowFragment } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { Badge } from "@/ui/states";
import { tell } from "@/ui/tell";

export const PolicyRow = graphql(`
  fragment PolicyRow on Policy {
    id
    name
    roles
    rowFilter
    createdAt
    createdBy
    columns {
      column
      rule
    }
  }
`);

const RemovePolicy = graphql(`
  mutation RemovePolicy($id: ID!) {
    removePolicy(id: $id)
  }
`);

type Props = {
  policies: readonly FragmentType<typeof PolicyRow>[];
  /** As SQL takes it. */
  table: string;
  columns: readonly string[];
  /** What is said where there is none. */
  none: string;
  save: (draft: PolicyDraft) => Promise<{ error?: CombinedError | undefined }>;
  saving: boolean;
  onChanged: () => void;
};

/** The policies of a table, wherever it lies: what roles see of it, and what each policy says. */
export function PolicyList({ policies: masked, table, columns, none, save, saving, onChanged }: Props) {
  const policies = readFragment(PolicyRow, masked);
  const [, remove] = useMutation(RemovePolicy);
  const [edited, setEdited] = useState<PolicyRowFragment | "new" | null>(null);
  const [doomed, setDoomed] = useState<PolicyRowFragment | null>(null);
  return (
    <div className="grid gap-5 [&>*]:min-w-0">
      <Section title={t`Policies`} flush actions={<Button small icon="plus" onClick={() => setEdited("new")}><Trans>New policy</Trans></Button>}>
        {policies.length === 0 && <p className="mx-auto max-w-2xl px-4 py-6 text-center text-sm text-muted">{none}</p>}
        {policies.length > 0 && (
          <ListTable label={t`Policies`} heads={[t`Policy`, t`Holds for`, t`Rows`, t`Columns`, t`Made`, { name: t`Actions`, right: true, hidden: true }]}>
            {policies.map((policy) => (
              <tr key={policy.id}>
                <Cell className="min-w-32 font-medium">{policy.name}</Cell>
                <Cell><span className="flex flex-wrap gap-1">{policy.roles.map((role) => <Badge key={role}>{role.toLowerCase()}</Badge>)}</span></Cell>
                <Cell mono className="max-w-72 min-w-44 break-words">{policy.rowFilter ?? <span className="text-muted"><Trans>all</Trans></span>}</Cell>
                <Cell><Columns columns={policy.columns} /></Cell>
                <Cell muted className="whitespace-nowrap">{policy.createdBy}, <Ago at={policy.createdAt} /></Cell>
                <Cell right>
                  <IconButton icon="pencil" label={t`Change ${policy.name}`} onClick={() => setEdited(policy)} />
                  <IconButton icon="trash" label={t`Remove ${policy.name}`} onClick={() => setDoomed(policy)} />
                </Cell>
              </tr>
            ))}
          </ListTable>
        )}
      </Section>
      {policies.length > 0 && (
        <Section title={t`What roles see of it`} flush>
          <dl className="grid gap-px bg-line">
            {sights(policies).map(({ role, rows, columns: kept }) => (
              <div key={role} className="grid gap-x-4 gap-y-1 bg-surface px-4 py-2.5 text-sm sm:grid-cols-[6rem_1fr]">
                <dt className="font-medium">{role.toLowerCase()}s</dt>
                <dd className="grid gap-1">
                  <span>{rows.length ? <><Trans>rows where</Trans> {rows.map((row, i) => <span key={row}>{i > 0 && t` and `}<code className="rounded bg-sunken px-1 py-px font-mono text-xs break-words">{row}</code></span>)}</> : t`all rows`}</span>
                  <span className="text-muted">{kept.length ? kept.map(({ column, rule }) => `${column} ${ruleWords[rule]}`).join("; ") : t`all columns as they are`}</span>
                </dd>
              </div>
            ))}
          </dl>
          <p className="border-t border-line px-4 py-2 text-xs text-muted"><Trans>Every other role sees all of it. Policies hold from the next query on, in SQL, dashboards, agents and MCP alike; who is under one cannot read the table’s files.</Trans></p>
        </Section>
      )}
      {edited && <PolicyDialog policy={edited === "new" ? null : edited} table={table} columns={columns} busy={saving} onClose={() => setEdited(null)} save={async (draft) => {
        const { error } = await save(draft);
        if (error) return error;
        tell({}, t`Saved ${draft.name}; it holds from the next query on`);
        setEdited(null);
        onChanged();
        return null;
      }} />}
      {doomed && (
        <Confirm title={t`Remove ${doomed.name}?`} action={t`Remove`} onClose={() => setDoomed(null)} onConfirm={async () => {
          tell(await remove({ id: doomed.id }), t`Removed ${doomed.name}`);
          onChanged();
        }}><p><Trans>{doomed.roles.map((role) => `${role.toLowerCase()}s`).join(", ")} see at once what it kept from them.</Trans></p></Confirm>
      )}
    </div>
  );
}

const Columns = ({ columns }: { columns: PolicyRowFragment["columns"] }) => (
  <span className="flex flex-wrap gap-1">{columns.length ? columns.map(({ column, rule }) => <Badge key={column} tone="warn">{column}: {rule.toLowerCase()}</Badge>) : <span className="text-muted"><Trans>all</Trans></span>}</span>
);
