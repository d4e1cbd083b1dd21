import { t } from "@lingui/core/macro";
import type { Filter } from "@/features/dashboards/filters";
import { kindOfType, type LakeTable } from "@/features/dashboards/lake_tables";
import { fullNameOf, tablesIn } from "@/features/dashboards/statement_tables";
import { dayOf, type Bounds } from "@/features/dashboards/time_range";

/** What narrows every tile of a dashboard. */
export type Scope = { bounds: Bounds; timeColumn: string | null; filters: readonly Filter[] };

/** A tile's statement narrowed, the values for it, and what did not reach it, in words. */
export type Scoped = { statement: string; parameters: Record<string, string | number>; apart: readonly string[] };

type Column = LakeTable["columns"][number];

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Values go beside the statement, never into it. */
class Values {
  readonly parameters: Record<string, string | number> = {};
  private count = 0;

  add(value: string | number): string {
    const name = `firn_${++this.count}`;
    this.parameters[name] = value;
    return `$${name}`;
  }
}

const utcDay = (at: Date) => at.toISOString().slice(0, 10);

/** Where a day that is not whole ends the range, it is in. */
const dayAfter = (at: Date, day: (at: Date) => string) => day(new Date(at.getTime() - 1 + 86_400_000));

/** Days of the viewer's zone, or UTC's where the bounds came from a result, whose days are those. */
function timeCondition({ name, type }: Column, { from, to }: Bounds, values: Values, utc: boolean): string[] {
  const day = utc ? utcDay : dayOf;
  const isDay = type.toLowerCase() === "date";
  const target = isDay ? "DATE" : /tz|zone/i.test(type) ? "TIMESTAMPTZ" : "TIMESTAMP";
  const text = (at: Date) => (target === "TIMESTAMP" ? at.toISOString().slice(0, -1) : at.toISOString());
  const given = (value: string) => `CAST(${values.add(value)} AS ${target})`;
  return [
    ...(from ? [`${quoted(name)} >= ${given(isDay ? day(from) : text(from))}`] : []),
    ...(to ? [`${quoted(name)} < ${given(isDay ? dayAfter(to, day) : text(to))}`] : []),
  ];
}

/** Null where the column cannot be compared so. */
function condition(column: Column, { is, value }: Filter, values: Values): string[] | null {
  const kind = kindOfType(column.type);
  const name = quoted(column.name);
  if (is === "within") {
    const [from, to] = (value ?? "").split("/").map((text) => new Date(text));
    if (kind !== "time" || !from || !to || Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) return null;
    return timeCondition(column, { from, to }, values, true);
  }
  if (value === null) return is === "=" ? [`${name} IS NULL`] : is === "<>" ? [`${name} IS NOT NULL`] : null;
  if (kind === null) return null;
  if (is === "contains") return [`contains(lower(CAST(${name} AS VARCHAR)), lower(${values.add(value)}))`];
  const operator = is === "<>" ? "IS DISTINCT FROM" : is;
  if (kind === "number") {
    if (value.trim() === "" || !Number.isFinite(Number(value))) return null;
    // As text where a double would change the number; the engine reads it as the column's type.
    return [`${name} ${operator} ${values.add(String(Number(value)) === value.trim() ? Number(value) : value.trim())}`];
  }
  if (kind === "flag") return /^(true|false)$/i.test(value) ? [`${name} ${operator} CAST(${values.add(value)} AS BOOLEAN)`] : null;
  if (kind === "time") return Number.isNaN(Date.parse(value)) ? null : [`${name} ${operator} CAST(${values.add(value)} AS ${column.type.toLowerCase() === "date" ? "DATE" : "TIMESTAMP"})`];
  return [`${name} ${operator} ${values.add(value)}`];
}

/**
 * Each table that has the column of a filter or of the range is read through a subquery with it, so
 * that the statement counts, joins and groups what is left. What no table of the statement has does
 * not reach it.
 */
export function scopeStatement(statement: string, tables: readonly LakeTable[], { bounds, timeColumn, filters }: Scope): Scoped {
  const values = new Values();
  const ranged = bounds.from !== null || bounds.to !== null;
  const reached = new Set<Filter | "time">();
  const known = new Map(tables.map((table) => [table.fullName.toLowerCase(), table]));
  let text = "";
  let at = 0;
  for (const { start, end, parts, aliased } of tablesIn(statement)) {
    const table = known.get(fullNameOf(parts));
    if (!table) continue;
    const find = (name: string | null) => table.columns.find((column) => column.name.toLowerCase() === name?.toLowerCase());
    const conditions: string[] = [];
    const time = ranged ? find(timeColumn) : undefined;
    if (time && kindOfType(time.type) === "time") {
      conditions.push(...timeCondition(time, bounds, values, false));
      reached.add("time");
    }
    for (const filter of filters) {
      const column = find(filter.column);
      const made = column && condition(column, filter, values);
      if (!made) continue;
      conditions.push(...made);
      reached.add(filter);
    }
    if (conditions.length === 0) continue;
    text += `${statement.slice(at, start)}(SELECT * FROM ${statement.slice(start, end)} WHERE ${conditions.join(" AND ")})${aliased ? "" : ` AS ${quoted(parts.at(-1)!)}`}`;
    at = end;
  }
  const apart = [...(ranged && !reached.has("time") ? [t`time range`] : []), ...new Set(filters.filter((filter) => !reached.has(filter)).map((filter) => filter.column))];
  return { statement: text + statement.slice(at), parameters: values.parameters, apart };
}
