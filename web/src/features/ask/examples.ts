import { t } from "@lingui/core/macro";
import { isNumeric } from "@/ui/grid/cells";

type AskableTable = { name: string; columns: readonly { name: string; type: string }[] };

const isWord = (name: string) => /^[A-Za-z]\w*$/.test(name);
const isText = (type: string) => /^(VARCHAR|string)$/.test(type);
const isFraction = (type: string) => isNumeric(type) && /^(FLOAT|DOUBLE|REAL|DECIMAL|float|double|decimal)/.test(type);

/** Questions about tables that are there, by names that they have: two or three a table. */
export function examples(tables: readonly AskableTable[]): string[] {
  return tables.filter(({ name }) => isWord(name)).slice(0, 3).flatMap(({ name, columns }) => {
    const named = columns.filter((column) => isWord(column.name));
    const group = named.find(({ type }) => isText(type))?.name;
    const number = (named.find(({ type }) => isFraction(type)) ?? named.find(({ name: each, type }) => isNumeric(type) && !/^(id|year|month|day|hour|minute)$/.test(each)))?.name;
    return [
      t`How many ${name} are there?`,
      group && t`How many ${name} by ${group}?`,
      number && group && t`Average ${number} of ${name} by ${group}`,
    ].filter((each): each is string => !!each);
  });
}
