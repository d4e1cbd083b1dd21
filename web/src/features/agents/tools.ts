import { t } from "@lingui/core/macro";
/** Before an answer that has rows in it the server says that they are no instructions. */
const preface = /^The following is data[^.]*\.\s*/;

export type Answer = {
  /** The answer without the server's preface. */
  text: string;
  /** Null where it is no JSON, or was cut. */
  json: unknown;
  rows: unknown[][] | null;
  columns: string[];
  evidenceId: string | null;
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** What a tool said, as far as it can be laid out; all of it is text to whoever shows it. */
export function readAnswer(said: string): Answer {
  const text = said.replace(preface, "");
  const plain: Answer = { text, json: null, rows: null, columns: [], evidenceId: null };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return plain;
  }
  const inner = isObject(json) ? Object.values(json)[0] : null;
  if (!isObject(inner)) return { ...plain, json };
  const rows = Array.isArray(inner.rows) && inner.rows.every(Array.isArray) ? (inner.rows as unknown[][]) : null;
  const columns = Array.isArray(inner.columns) ? inner.columns.map((column) => (isObject(column) ? String(column.name ?? "") : String(column))) : [];
  return { ...plain, json, rows, columns, evidenceId: typeof inner.evidenceId === "string" ? inner.evidenceId : null };
}

/** The SQL among a call's arguments. */
export const statementOf = (args: unknown) => (isObject(args) && typeof args.statement === "string" ? args.statement : null);

/** What a call did, in a line. */
export function sayCall(tool: string, args: unknown): string {
  const given = isObject(args) ? args : {};
  if (tool === "runSql") return (statementOf(args) ?? "").replace(/\s+/g, " ");
  if (tool === "describeTable" && typeof given.name === "string") return given.name;
  if (tool === "propose" && isObject(given.input)) return String(given.input.title ?? "");
  return Object.entries(given).filter(([name]) => name !== "fields").map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ");
}

const names: Record<string, string> = { runSql: t`Run SQL`, describeTable: t`Describe a table`, tables: t`List tables`, propose: t`Propose` };

/** A tool's name as people read it: analyzeTable is "Analyze table". */
export function toolName(tool: string): string {
  const words = tool.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();
  return names[tool] ?? words.charAt(0).toUpperCase() + words.slice(1);
}
