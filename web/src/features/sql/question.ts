import { t } from "@lingui/core/macro";
/** A question without SQL: what is counted or summed, by what, of which rows. */
export type Measure = { how: "count" | "sum" | "avg" | "min" | "max" | "median" | "distinct"; column: string | null };
export type Grain = "hour" | "day" | "week" | "month" | "quarter" | "year";
export type Dimension = { column: string; grain: Grain | null };
export type Comparison = "=" | "<>" | ">" | ">=" | "<" | "<=" | "contains" | "empty" | "filled";
export type Filter = { column: string; is: Comparison; value: string };

export type Question = { table: string | null; measures: readonly Measure[]; dimensions: readonly Dimension[]; filters: readonly Filter[]; limit: number };

export const blankQuestion: Question = { table: null, measures: [{ how: "count", column: null }], dimensions: [], filters: [], limit: 1000 };

export const measureNames: Record<Measure["how"], string> = {
  count: t`Number of rows`, sum: t`Sum of`, avg: t`Average of`, min: t`Least`, max: t`Greatest`, median: t`Median of`, distinct: t`Number of different`,
};
export const grainNames: Record<Grain, string> = { hour: t`by hour`, day: t`by day`, week: t`by week`, month: t`by month`, quarter: t`by quarter`, year: t`by year` };
export const comparisonNames: Record<Comparison, string> = {
  "=": "is", "<>": t`is not`, ">": t`is above`, ">=": t`is at least`, "<": t`is below`, "<=": t`is at most`, contains: "contains", empty: t`is empty`, filled: t`is not empty`,
};

type Column = { name: string; type: string };

/** Iceberg's names of types. */
export const isNumber = (type: string) => /^(int|long|float|double|decimal)/.test(type);
export const isTime = (type: string) => /^(date|timestamp)/.test(type);
const isPlain = (type: string) => !/^(struct|list|map|binary|fixed)/.test(type);

export const measurable = (how: Measure["how"], columns: readonly Column[]) =>
  columns.filter(({ name, type }) => !name.includes(".") && (how === "distinct" ? isPlain(type) : how === "min" || how === "max" ? isNumber(type) || isTime(type) : isNumber(type)));
export const groupable = (columns: readonly Column[]) => columns.filter(({ name, type }) => !name.includes(".") && isPlain(type));

const reserved = new Set(["all", "and", "any", "as", "asc", "by", "case", "cast", "check", "column", "default", "desc", "distinct", "do", "else", "end", "except", "false", "for", "from", "group", "having", "in", "into", "is", "join", "like", "limit", "not", "null", "offset", "on", "or", "order", "select", "table", "then", "to", "true", "union", "unique", "user", "using", "when", "where", "window", "with"]);
const quoted = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`);
const text = (value: string) => `'${value.replaceAll("'", "''")}'`;

/** As the type wants it; null where nobody has written a value that fits yet. */
function literal(value: string, type: string): string | null {
  const given = value.trim();
  if (isNumber(type)) return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? given : null;
  if (type === "boolean") return /^(true|false)$/i.test(given) ? given.toLowerCase() : null;
  return given === "" ? null : text(given);
}

function condition({ column, is, value }: Filter, columns: readonly Column[]): string | null {
  const type = columns.find((each) => each.name === column)?.type;
  if (!type) return null;
  if (is === "empty") return `${quoted(column)} IS NULL`;
  if (is === "filled") return `${quoted(column)} IS NOT NULL`;
  if (is === "contains") return value === "" ? null : `contains(lower(${quoted(column)}::VARCHAR), ${text(value.toLowerCase())})`;
  const constant = literal(value, type);
  return constant === null ? null : `${quoted(column)} ${is} ${constant}`;
}

const wanted = ({ how, column }: Measure) => {
  if (how === "count") return { sql: "count(*)", name: "rows" };
  if (!column) return null;
  return { sql: how === "distinct" ? `count(DISTINCT ${quoted(column)})` : how === "avg" ? `round(avg(${quoted(column)}), 2)` : `${how}(${quoted(column)})`, name: how === "distinct" ? `different_${column}` : `${how}_${column}` };
};

/**
 * The SQL of a question; null while it is not whole. Names are quoted and values escaped; a filter
 * that nobody has finished writing is left out.
 */
export function questionSql(question: Question, columns: readonly Column[]): string | null {
  if (!question.table || columns.length === 0) return null;
  const known = (name: string) => columns.some((column) => column.name === name);
  const dimensions = question.dimensions.filter(({ column }) => known(column));
  const measures = question.measures.filter(({ how, column }) => how === "count" || (column !== null && known(column))).map(wanted).filter((each) => each !== null);
  if (dimensions.length + measures.length === 0) return null;
  const groups = dimensions.map(({ column, grain }) => (grain ? `date_trunc('${grain}', ${quoted(column)}) AS ${quoted(grain)}` : quoted(column)));
  const names = new Set<string>();
  const aggregates = measures.filter(({ name }) => !names.has(name) && names.add(name)).map(({ sql, name }) => `${sql} AS ${quoted(name)}`);
  const conditions = question.filters.map((filter) => condition(filter, columns)).filter((each) => each !== null);
  const selected = [...groups, ...aggregates];
  const timed = dimensions.findIndex(({ grain }) => grain !== null);
  const order = timed >= 0 ? timed + 1 : measures.length > 0 && dimensions.length > 0 ? `${dimensions.length + 1} DESC` : null;
  return [
    selected.length > 1 ? `SELECT\n  ${selected.join(",\n  ")}` : `SELECT ${selected[0]}`,
    `FROM ${question.table}`,
    ...(conditions.length ? [`WHERE ${conditions.join("\n  AND ")}`] : []),
    ...(groups.length ? ["GROUP BY ALL"] : []),
    ...(order ? [`ORDER BY ${order}`] : []),
    ...(groups.length ? [`LIMIT ${question.limit}`] : []),
  ].join("\n");
}

const grains = new Set<unknown>(Object.keys(grainNames));
const hows = new Set<unknown>(Object.keys(measureNames));
const comparisons = new Set<unknown>(Object.keys(comparisonNames));
const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter((each): each is Record<string, unknown> => typeof each === "object" && each !== null).slice(0, 20) : []);

/** From an address, which anybody may have written. */
export function readQuestion(json: string | undefined): Question {
  let value: unknown;
  try {
    value = JSON.parse(json ?? "null");
  } catch {
    return blankQuestion;
  }
  if (typeof value !== "object" || value === null) return blankQuestion;
  const given = value as Record<string, unknown>;
  return {
    table: typeof given.table === "string" ? given.table : null,
    measures: list(given.measures).filter((each) => hows.has(each.how)).map((each) => ({ how: each.how as Measure["how"], column: typeof each.column === "string" ? each.column : null })),
    dimensions: list(given.dimensions).filter((each) => typeof each.column === "string").map((each) => ({ column: String(each.column), grain: grains.has(each.grain) ? (each.grain as Grain) : null })),
    filters: list(given.filters).filter((each) => typeof each.column === "string" && comparisons.has(each.is)).map((each) => ({ column: String(each.column), is: each.is as Comparison, value: typeof each.value === "string" ? each.value : "" })),
    limit: 1000,
  };
}
