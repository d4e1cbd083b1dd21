/** A result as it comes over the wire: values in the order of the columns. */
export type ResultColumn = { name: string; type: string };
export type Row = readonly unknown[];

/** Rows are JSON of the server's making; anything else is no rows. */
export const asRows = (value: unknown): Row[] => (Array.isArray(value) ? value.filter((row): row is Row => Array.isArray(row)) : []);

/** As asRows, of columns that were kept as JSON. */
export const asColumns = (value: unknown): ResultColumn[] =>
  Array.isArray(value) ? value.map((each: unknown) => {
    const { name, type } = (typeof each === "object" && each !== null ? each : {}) as Record<string, unknown>;
    return { name: String(name ?? ""), type: String(type ?? "") };
  }) : [];

const numbers = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|REAL|DECIMAL(\(.*\))?|int|long|float|double|decimal(\(.*\))?)$/;

export const isNumeric = (type: string) => numbers.test(type);
export const isTemporal = (type: string) => /^(DATE|TIMESTAMP.*|date|timestamp.*)$/.test(type);

/** What a cell shows and what copying it gives; null is shown apart, so it is empty here. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** As cellText, but moments in UTC as people read them: 2013-01-02 05:00:00Z. */
export function formatCell(value: unknown, type: string): string {
  const text = cellText(value);
  return isTemporal(type) ? text.replace(/^(\d{4}-\d\d-\d\d)T([\d:.]+)(?:\+00:00|\+00)?$/, (whole, day: string, time: string) => `${day} ${time}${whole.length > day.length + 1 + time.length ? "Z" : ""}`) : text;
}

/** Pixels: as wide as the heading and the values that are there, within reason. */
export function columnWidths(columns: readonly ResultColumn[], rows: readonly Row[]): number[] {
  const looked = rows.slice(0, 200);
  return columns.map(({ name, type }, i) => {
    let longest = 4;
    for (const row of looked) longest = Math.max(longest, formatCell(row[i], type).length);
    return Math.round(Math.min(380, Math.max(72, longest * 8.1 + 24, name.length * 8 + 40, Math.min(type.length, 24) * 6.2 + 24)));
  });
}

export type Sort = { column: number; descending: boolean };

/** In the order of the values, nulls last either way; equal ones stay as they came. */
export function sortRows(rows: readonly Row[], sort: Sort | null, columns: readonly ResultColumn[]): readonly Row[] {
  if (!sort) return rows;
  const numeric = isNumeric(columns[sort.column]?.type ?? "");
  const direction = sort.descending ? -1 : 1;
  return rows.toSorted((left, right) => {
    const a = left[sort.column];
    const b = right[sort.column];
    if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
    if (b === null || b === undefined) return -1;
    const order = numeric ? Number(a) - Number(b) : cellText(a) < cellText(b) ? -1 : cellText(a) > cellText(b) ? 1 : 0;
    return order * direction;
  });
}

/** A click on a heading: up, down, as it came. */
export function nextSort(sort: Sort | null, column: number): Sort | null {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? null : { column, descending: true };
}
