import { duckdb, formatDialect } from "sql-formatter";

/** The statement laid out; null where it cannot be read as SQL. Comments and names stay as they are. */
export function formatSql(statement: string): string | null {
  try {
    return formatDialect(statement, { dialect: duckdb, keywordCase: "upper", tabWidth: 2, paramTypes: { named: ["$"] } });
  } catch {
    return null;
  }
}
