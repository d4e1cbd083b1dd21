/** The editor counts UTF-16 units; the server counts characters in errors and bytes in completions. */
export function fromCharacters(text: string, characters: number): number {
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen++ >= characters) break;
    units += character.length;
  }
  return units;
}

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
