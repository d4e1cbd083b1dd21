type Counted = { fullName: string; rowCount: number; hotRowCount: number };

const suffix = "__rejected";

/** Tables that rows are sent to, and for each that has some how many rows did not fit it: those lie in a table beside it. */
export function apart<T extends Counted>(all: readonly T[]): { tables: T[]; rejected: ReadonlyMap<string, number> } {
  const names = new Set(all.map((table) => table.fullName));
  const beside = (table: T) => table.fullName.endsWith(suffix) && names.has(table.fullName.slice(0, -suffix.length));
  return {
    tables: all.filter((table) => !beside(table)),
    rejected: new Map(all.filter(beside).map((table) => [table.fullName.slice(0, -suffix.length), table.rowCount + table.hotRowCount] as const).filter(([, rows]) => rows > 0)),
  };
}
