import type { Place } from "@/features/catalog/append_code";

export type Misfit = { column: string; type: string; got: string };

/** Which column a rejected row did not fit, where its reason names one. */
export function misfitOf(error: string): Misfit | null {
  const found = /column '(.+)' is ([^;]+); got (.+)$/.exec(error);
  return found ? { column: found[1]!, type: found[2]!, got: found[3]! } : null;
}

/** A free name for a column that makes way for one of another type. */
export function nameForOld({ column, type }: Misfit, taken: readonly string[]): string {
  const base = `${column}_${type.replaceAll(/[^a-z0-9]+/gi, "_").replaceAll(/^_+|_+$/g, "") || "old"}`;
  for (let n = 1; n <= taken.length; n++) {
    const name = n === 1 ? base : `${base}_${n}`;
    if (!taken.includes(name)) return name;
  }
  return `${base}_${taken.length + 1}`;
}

/** Sends rows as they stand, so that numbers keep every digit; null where they are no JSON object. */
export function sendCode(origin: string, { catalog, namespace, table }: Place, row: string): string | null {
  try {
    const value: unknown = JSON.parse(row);
    if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  } catch {
    return null;
  }
  const url = `${origin}/append?${new URLSearchParams({ catalog, schema: namespace, table })}`;
  return `curl '${url}' \\\n  -H "X-API-Key: $FIRN_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d '[${row.replaceAll("'", "'\\''")}]'`;
}
