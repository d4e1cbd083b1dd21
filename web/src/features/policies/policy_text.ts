import { t } from "@lingui/core/macro";
import type { ColumnRule, Role } from "@/gql/graphql";

export type ColumnPolicy = { column: string; rule: ColumnRule };
export type PolicyDraft = { name: string; roles: readonly Role[]; rowFilter: string; columns: readonly ColumnPolicy[] };

/** Whom a policy can hold for; INGEST and ENGINE read nothing through it. */
export const policyRoles: readonly Role[] = ["VIEWER", "EDITOR", "ADMIN", "OWNER"];

export const ruleWords: Record<ColumnRule, string> = { HIDDEN: t`is not there`, NULLED: t`is always null`, HASHED: t`is hashed` };

/** The stricter of two rules hold where policies meet at a column. */
const strictness: Record<ColumnRule, number> = { HIDDEN: 2, NULLED: 1, HASHED: 0 };

export type Sight = { role: Role; rows: readonly string[]; columns: readonly ColumnPolicy[] };

/** What each role that a policy names sees, all of its policies together; rows have to meet every condition. */
export function sights(policies: readonly { roles: readonly Role[]; rowFilter?: string | null; columns: readonly ColumnPolicy[] }[]): Sight[] {
  return policyRoles.map((role) => {
    const mine = policies.filter((policy) => policy.roles.includes(role));
    const columns = new Map<string, ColumnRule>();
    for (const { column, rule } of mine.flatMap((policy) => policy.columns)) {
      const known = columns.get(column);
      if (!known || strictness[rule] > strictness[known]) columns.set(column, rule);
    }
    return { role, rows: mine.flatMap((policy) => policy.rowFilter ?? []), columns: [...columns].map(([column, rule]) => ({ column, rule })) };
  }).filter((sight) => sight.rows.length > 0 || sight.columns.length > 0);
}

/** Which part of the form a refusal is about, and the sentence without the statement that the server wrapped around the filter. */
export function refusal(message: string): { at: "name" | "rowFilter" | "columns" | "form"; text: string } {
  const text = message.split(/\n\s*LINE \d/)[0]!.replace(/\s*\n\s*/g, " ").trim();
  if (/row filter/i.test(text)) return { at: "rowFilter", text };
  if (/policy(’|')s name/i.test(text)) return { at: "name", text };
  if (/\bcolumn\b/i.test(text)) return { at: "columns", text };
  return { at: "form", text };
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** How many rows a filter leaves, and of how many; `caller` stands where the filter asks who looks. */
export function countSql(table: string, rowFilter: string, caller: { id: string; email: string; role: Role }): string {
  const filter = rowFilter
    .replace(/\bcaller_id\s*\(\s*\)/gi, literal(caller.id))
    .replace(/\bcaller_email\s*\(\s*\)/gi, literal(caller.email))
    .replace(/\bcaller_role\s*\(\s*\)/gi, literal(caller.role.toLowerCase()));
  // On lines of its own, so that a comment at its end closes nothing.
  return `SELECT count(*) FILTER (WHERE (\n${filter}\n)) AS seen, count(*) AS everything\nFROM ${table}`;
}
