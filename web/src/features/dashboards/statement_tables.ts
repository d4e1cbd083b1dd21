/** A table that a statement reads: `text.slice(start, end)` is its name, with AT (...) where one follows. */
export type TableUse = { start: number; end: number; parts: readonly string[]; aliased: boolean };

type Token = { kind: "word" | "name" | "symbol" | "value"; text: string; start: number; end: number };

/** Where the literal, comment or quoted name that begins at `i` ends; `i` where none begins. */
function skipQuoted(sql: string, i: number): number {
  const found = (at: number, length: number) => (at < 0 ? sql.length : at + length);
  if (sql.startsWith("--", i)) return found(sql.indexOf("\n", i), 1);
  if (sql.startsWith("/*", i)) {
    let depth = 1;
    let at = i + 2;
    while (at < sql.length && depth > 0) {
      const step = sql.startsWith("/*", at) ? 1 : sql.startsWith("*/", at) ? -1 : 0;
      depth += step;
      at += step === 0 ? 1 : 2;
    }
    return at;
  }
  const escaped = /^[eE]'/.test(sql.slice(i, i + 2)) && !/[\w$]/.test(sql[i - 1] ?? "");
  const quote = escaped ? "'" : sql[i];
  if (quote === "'" || quote === '"') {
    for (let at = escaped ? i + 2 : i + 1; at < sql.length; at++) {
      if (escaped && sql[at] === "\\") at++;
      else if (sql[at] === quote && sql[at + 1] === quote) at++;
      else if (sql[at] === quote) return at + 1;
    }
    return sql.length;
  }
  const dollar = /^\$(?:[A-Za-z_]\w*)?\$/.exec(sql.slice(i, i + 64))?.[0];
  return dollar ? found(sql.indexOf(dollar, i + dollar.length), dollar.length) : i;
}

/** The statement's words, without comments. */
function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  const word = /[\p{L}_][\p{L}\p{N}_$]*/uy;
  for (let i = 0; i < sql.length;) {
    const past = skipQuoted(sql, i);
    if (past > i) {
      if (sql[i] === '"') tokens.push({ kind: "name", text: sql.slice(i + 1, past - 1).replaceAll('""', '"'), start: i, end: past });
      else if (!sql.startsWith("--", i) && !sql.startsWith("/*", i)) tokens.push({ kind: "value", text: "", start: i, end: past });
      i = past;
      continue;
    }
    word.lastIndex = i;
    const text = word.exec(sql)?.[0];
    if (text) tokens.push({ kind: "word", text, start: i, end: i + text.length });
    else if (!/\s/.test(sql[i]!)) tokens.push({ kind: "symbol", text: sql[i]!, start: i, end: i + 1 });
    i += text?.length ?? 1;
  }
  return tokens;
}

/** Words that follow a table and are no alias. */
const afterTable = new Set(("WHERE GROUP ORDER LIMIT OFFSET HAVING QUALIFY WINDOW JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL ASOF POSITIONAL SEMI ANTI LATERAL ON USING "
  + "UNION INTERSECT EXCEPT SELECT TABLESAMPLE SAMPLE PIVOT UNPIVOT FETCH FROM WITH").split(" "));
/** Words that end a list of tables. */
const endsTables = new Set("WHERE GROUP ORDER LIMIT OFFSET HAVING QUALIFY WINDOW UNION INTERSECT EXCEPT SELECT".split(" "));

/** Names that the statement gives to parts of itself; rather too many than too few. */
function ownNames(tokens: readonly Token[], is: (i: number, text: string) => boolean): Set<string> {
  const names = new Set<string>();
  tokens.forEach((_, i) => {
    if (!is(i, "AS") || !(is(i + 1, "(") || is(i + 1, "MATERIALIZED") || is(i + 1, "NOT"))) return;
    let at = i - 1;
    if (is(at, ")")) {
      while (at > 0 && !is(at, "(")) at--;
      at--;
    }
    const name = tokens[at];
    if (name && name.kind !== "symbol") names.add(name.text.toLowerCase());
  });
  return names;
}

/** The tables that a statement names after FROM and JOIN; not its own WITH parts, and no functions. */
export function tablesIn(sql: string): TableUse[] {
  const tokens = tokensOf(sql);
  const is = (i: number, text: string) => {
    const token = tokens[i];
    return token !== undefined && (token.kind === "word" || token.kind === "symbol") && token.text.toUpperCase() === text;
  };
  const own = ownNames(tokens, is);
  const uses: TableUse[] = [];
  // By depth of brackets: are we in a list of tables, and may the next word be one?
  const levels = [{ list: false, next: false }];
  let named = false;
  for (let i = 0; i < tokens.length; i++) {
    const level = levels.at(-1)!;
    const token = tokens[i]!;
    if (is(i, "(")) {
      levels.push({ list: level.next, next: level.next });
      level.next = false;
    } else if (is(i, ")")) {
      if (levels.length > 1) levels.pop();
    } else if (is(i, "FROM") || is(i, "JOIN")) {
      level.list = level.next = !is(i - 1, "DISTINCT") || !is(i - 2, "IS") && !is(i - 3, "IS");
    } else if (is(i, ",")) {
      level.next = level.list;
    } else if (token.kind === "word" && endsTables.has(token.text.toUpperCase())) {
      level.list = level.next = false;
    } else if (level.next && !is(i, "LATERAL") && (token.kind === "word" || token.kind === "name")) {
      const parts = [token.text];
      while (is(i + 1, ".") && tokens[i + 2] && tokens[i + 2]!.kind !== "symbol") {
        parts.push(tokens[i + 2]!.text);
        i += 2;
      }
      const before = named;
      named = is(i + 1, ":"); // FROM alias : table
      if (named) {
        i++;
        continue;
      }
      level.next = false;
      if (is(i + 1, "(") || (parts.length === 1 && own.has(parts[0]!.toLowerCase()))) continue;
      if (is(i + 1, "AT") && is(i + 2, "(")) {
        while (i + 1 < tokens.length && !is(i, ")")) i++;
      }
      const after = tokens[i + 1];
      const aliased = before || after !== undefined && (after.kind === "name" || (after.kind === "word" && !afterTable.has(after.text.toUpperCase())));
      uses.push({ start: token.start, end: tokens[i]!.end, parts, aliased });
    } else {
      level.next = false;
    }
  }
  return uses;
}

/** The full name that the words mean: catalog `lake` and namespace `main` where they name none. */
export function fullNameOf(parts: readonly string[]): string {
  return [...["lake", "main"].slice(0, Math.max(0, 3 - parts.length)), ...parts].join(".").toLowerCase();
}
