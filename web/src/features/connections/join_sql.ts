type Named = { fullName: string; columns: readonly { name: string }[] };

/** As SQL takes it; the server's names of tables are quoted already where they have to be. */
const quoted = (name: string) => (/^[a-z_][a-z0-9_]*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

export type Join = { table: string; columns: readonly string[] };

/** Tables that share columns with another one by name; those that share most stand first. */
export function joinable(table: Named, others: readonly Named[]): Join[] {
  const own = new Map(table.columns.map(({ name }) => [name.toLowerCase(), name]));
  return others
    .map((other) => ({ table: other.fullName, columns: other.columns.map(({ name }) => name).filter((name) => own.has(name.toLowerCase())) }))
    .filter((join) => join.columns.length > 0)
    .toSorted((a, b) => b.columns.length - a.columns.length || a.table.localeCompare(b.table));
}

export const previewSql = (fullName: string) => `SELECT *\nFROM ${fullName}\nLIMIT 100`;

/** By one column: that two tables share several does not say that all of them mean the same. */
export const joinSql = (fullName: string, table: string, column: string) =>
  `SELECT *\nFROM ${table}\nJOIN ${fullName} USING (${quoted(column)})\nLIMIT 100`;
