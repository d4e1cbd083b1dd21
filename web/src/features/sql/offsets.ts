/** The editor counts UTF-16 units, as the server does in errors; in completions it counts bytes. */
export function fromBytes(text: string, bytes: number): number {
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen >= bytes) break;
    const code = character.codePointAt(0)!;
    seen += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units += character.length;
  }
  return units;
}

type Problem = { message: string; position?: number | null };

/**
 * Where an error is, and its message without what only says that. Errors of names carry no position
 * but an excerpt: "LINE 2: ...", with a caret below.
 */
export function placeOfError(statement: string, { message, position }: Problem): { message: string; at: number | null } {
  const excerpt = /\s*\nLINE (\d+): ([^\n]*)\n( *)\^\s*$/.exec(message);
  if (!excerpt) return { message, at: position ?? null };
  const [whole, number = "1", text = "", indent = ""] = excerpt;
  const lines = statement.split("\n");
  const line = lines[Number(number) - 1] ?? "";
  const cut = text.startsWith("...") && !line.startsWith("...") ? 3 : 0;
  const begin = line.indexOf(text.slice(cut).replace(/\.\.\.$/, (dots) => (line.endsWith(dots) ? dots : "")));
  const before = lines.slice(0, Number(number) - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const found = begin < 0 ? null : before + begin + indent.length - `LINE ${number}: `.length - cut;
  return { message: message.slice(0, -whole.length), at: position ?? found };
}

/** From 1, as people count. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: [...before.slice(before.lastIndexOf("\n") + 1)].length + 1 };
}

/** To the end of the word that stands there; at least one character. */
export function wordAt(text: string, offset: number): { from: number; to: number } {
  const from = Math.max(0, Math.min(offset, text.length - 1));
  const word = /^[\w$]+/.exec(text.slice(from));
  return { from, to: Math.min(text.length, from + (word ? word[0].length : 1)) };
}
