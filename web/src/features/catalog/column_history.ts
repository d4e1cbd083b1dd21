import { t } from "@lingui/core/macro";
/** What the server tells of a commit that brought other columns than those before it. */
export type SchemaChange = { at: string; added: readonly string[]; dropped: readonly string[]; changed: readonly string[] };

export type ColumnEvent = { at: string; sort: "added" | "dropped" | "renamed" | "changed"; column: string; detail: string };

const change = /^(.*?): (.*), now (.*?): (.*)$/s;

/** "price: int, now cost: long" in parts; null where it is written otherwise. */
function readChange(text: string) {
  const [, from, fromType, to, toType] = change.exec(text) ?? [];
  return from === undefined ? null : { from, fromType: fromType!, to: to!, toType: toType! };
}

function eventsOf({ at, added, dropped, changed }: SchemaChange): ColumnEvent[] {
  return [
    ...added.map((column): ColumnEvent => ({ at, sort: "added", column, detail: "" })),
    ...dropped.map((column): ColumnEvent => ({ at, sort: "dropped", column, detail: "" })),
    ...changed.flatMap((text): ColumnEvent[] => {
      const parts = readChange(text);
      if (!parts) return [{ at, sort: "changed", column: text, detail: "" }];
      const { from, fromType, to, toType } = parts;
      return [
        ...(from === to ? [] : [{ at, sort: "renamed", column: to, detail: t`from ${from}` } as const]),
        ...(fromType === toType ? [] : [{ at, sort: "changed", column: to, detail: t`from ${fromType} to ${toType}` } as const]),
      ];
    }),
  ];
}

/** Everything that became of the table's columns, newest first. */
export const columnEvents = (changes: readonly SchemaChange[]): ColumnEvent[] => changes.toSorted((a, b) => b.at.localeCompare(a.at)).flatMap(eventsOf);

/** What became of one column of now, newest first, under whatever name it had. */
export function historyOf(column: string, changes: readonly SchemaChange[]): ColumnEvent[] {
  const found: ColumnEvent[] = [];
  let name = column;
  for (const each of changes.toSorted((a, b) => b.at.localeCompare(a.at))) {
    const events = eventsOf(each).filter((event) => event.column === name);
    // One of this name that was dropped before this one was there is another column.
    if (events.some((event) => event.sort === "dropped")) return found;
    found.push(...events);
    const renamed = each.changed.map(readChange).find((parts) => parts && parts.to === name && parts.from !== name);
    if (renamed) name = renamed.from;
    if (events.some((event) => event.sort === "added")) return found;
  }
  return found;
}

/** The types that a column's type widens to without a change to what is stored: Iceberg's promotions. */
export function widerTypes(type: string): string[] {
  if (type === "int") return ["long"];
  if (type === "float") return ["double"];
  const [, digits, scale] = /^decimal\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  return digits ? [18, 28, 38].filter((more) => more > Number(digits)).map((more) => `decimal(${more},${scale})`) : [];
}
