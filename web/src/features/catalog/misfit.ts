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

/** As rows have to be; the text itself is what is sent, so that numbers keep every digit. */
export function isJsonObject(row: string): boolean {
  try {
    const value: unknown = JSON.parse(row);
    return value !== null && typeof value === "object" && !Array.isArray(value);
  } catch {
    return false;
  }
}
