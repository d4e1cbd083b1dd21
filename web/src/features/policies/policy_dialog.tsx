import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation, type CombinedError } from "urql";
import { countSql, policyRoles, refusal, ruleWords, type PolicyDraft } from "@/features/policies/policy_text";
import type { ColumnRule, PolicyRowFragment } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText, sentence } from "@/ui/error_text";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { formatCount } from "@/ui/format";

const CountRows = graphql(`
  mutation CountPolicyRows($input: RunQueryInput!) {
    runQuery(input: $input) {
      id
      state
      error {
        message
      }
      result {
        rows
      }
    }
  }
`);

type Refusal = ReturnType<typeof refusal>;

/** What is said of a filter's rows, or why they cannot be counted. */
function useCount(table: string) {
  const [{ fetching }, run] = useMutation(CountRows);
  const [counted, setCounted] = useState<string | null>(null);
  const count = async (rowFilter: string, role: (typeof policyRoles)[number]): Promise<Refusal | null> => {
    setCounted(null);
    const statement = countSql(table, rowFilter, { id: t`some ${role.toLowerCase()}`, email: `some.${role.toLowerCase()}@example.com`, role });
    const { data, error } = await run({ input: { statement, waitMs: 15_000 } });
    if (error || !data) return { at: "rowFilter", text: error ? errorText(error) : t`The server gave no answer.` };
    const failed = data.runQuery.error?.message;
    if (failed) return { ...refusal(failed), at: "rowFilter" };
    const row = (data.runQuery.result?.rows as unknown[][] | undefined)?.[0];
    if (!row) return { at: "rowFilter", text: t`Counting takes long: the rows are many. The policy can be saved all the same.` };
    setCounted(t`A ${role.toLowerCase()} would see ${formatCount(Number(row[0]))} of ${formatCount(Number(row[1]))} rows.`);
    return null;
  };
  return { counting: fetching, counted, forget: () => setCounted(null), count };
}

type Props = {
  policy: PolicyRowFragment | null; table: string; columns: readonly string[]; busy: boolean; onClose: () => void;
  save: (draft: PolicyDraft) => Promise<CombinedError | null>;
};

/** Made or changed; what is refused is said at its field. */
export function PolicyDialog({ policy, table, columns, busy, save, onClose }: Props) {
  const [form, setForm] = useState<PolicyDraft>({ name: policy?.name ?? "", roles: policy?.roles ?? ["VIEWER"], rowFilter: policy?.rowFilter ?? "", columns: policy?.columns ?? [] });
  const [wrong, setWrong] = useState<Refusal | null>(null);
  const { counting, counted, forget, count } = useCount(table);
  const change = (fields: Partial<PolicyDraft>) => {
    setForm((old) => ({ ...old, ...fields }));
    setWrong(null);
    forget();
  };
  const at = (place: Refusal["at"]) => (wrong?.at === place ? sentence(wrong.text) : null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const error = await save({ ...form, name: form.name.trim(), rowFilter: form.rowFilter.trim() });
    if (!error) return;
    const first = error.graphQLErrors[0];
    setWrong(first ? refusal(first.message) : { at: "form", text: errorText(error) });
  };
  const free = columns.filter((name) => !form.columns.some((each) => each.column === name));
  return (
    <Dialog title={policy ? t`Change ${policy.name}` : t`New policy`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <TextField label={t`Name`} required readOnly={policy !== null} value={form.name} error={at("name")} onChange={(event) => change({ name: event.target.value })} />
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium"><Trans>Holds for</Trans></legend>
          <div className="flex flex-wrap gap-x-4 gap-y-1">
            {policyRoles.map((role) => (
              <label key={role} className="flex items-center gap-2 text-sm">
                <input type="checkbox" className="accent-solid" checked={form.roles.includes(role)} onChange={() => change({ roles: policyRoles.filter((each) => (each === role) !== form.roles.includes(each)) })} />
                {role.toLowerCase()}s
              </label>
            ))}
          </div>
        </fieldset>
        <div className="grid gap-1.5">
          <TextArea label={t`Rows that they see`} rows={2} spellCheck={false} className="font-mono !text-xs" placeholder={t`region = 'north'`} error={at("rowFilter")}
            hint={t`A SQL condition, also on caller_id(), caller_email() and caller_role(). Empty: all rows.`} value={form.rowFilter} onChange={(event) => change({ rowFilter: event.target.value })} />
          <div className="flex flex-wrap items-center gap-2">
            <Button small busy={counting} disabled={!form.rowFilter.trim() || form.roles.length === 0} onClick={() => void count(form.rowFilter, form.roles[0]!).then(setWrong)}><Trans>Count them</Trans></Button>
            <span role="status" className="text-xs text-muted">{counted}</span>
          </div>
        </div>
        <ColumnRules chosen={form.columns} free={free} error={at("columns")} onChange={(next) => change({ columns: next })} />
        {wrong?.at === "form" && <p role="alert" className="text-sm text-danger">{sentence(wrong.text)}</p>}
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={busy} disabled={form.roles.length === 0}><Trans>Save</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function ColumnRules({ chosen, free, error, onChange }: { chosen: PolicyDraft["columns"]; free: readonly string[]; error: string | null; onChange: (columns: PolicyDraft["columns"]) => void }) {
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 text-sm font-medium"><Trans>Columns</Trans></legend>
      {chosen.map(({ column, rule }) => (
        <div key={column} className="grid grid-cols-[1fr_9rem_auto] items-center gap-2 text-sm">
          <span className="truncate font-medium" title={column}>{column}</span>
          <SelectField label={t`What they see of ${column}`} hideLabel value={rule} onChange={(event) => onChange(chosen.map((each) => (each.column === column ? { column, rule: event.target.value as ColumnRule } : each)))}>
            {(Object.keys(ruleWords) as ColumnRule[]).map((each) => <option key={each} value={each}>{ruleWords[each]}</option>)}
          </SelectField>
          <IconButton icon="close" label={t`Show ${column} again`} onClick={() => onChange(chosen.filter((each) => each.column !== column))} />
        </div>
      ))}
      {free.length > 0 && (
        <SelectField label={t`Keep a column from them`} hideLabel value="" error={error} onChange={(event) => onChange([...chosen, { column: event.target.value, rule: "NULLED" }])}>
          <option value=""><Trans>Keep a column from them…</Trans></option>
          {free.map((name) => <option key={name} value={name}>{name}</option>)}
        </SelectField>
      )}
    </fieldset>
  );
}
