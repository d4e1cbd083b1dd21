export type Place = { catalog: string; namespace: string; table: string };

const address = (origin: string, { catalog, namespace, table }: Place) =>
  `${origin}/append?${new URLSearchParams({ catalog, schema: namespace, table })}`;

/** How to send rows to a table and ask for them: the reader's own address, a key to be put in. */
export function appendCode(origin: string, place: Place, example: Record<string, unknown>) {
  const url = address(origin, place);
  const rows = JSON.stringify([example]);
  return {
    curl: `curl '${url}' \\\n  -H "X-API-Key: $FIRN_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d '${rows.replaceAll("'", "'\\''")}'`,
    python: `import os, requests\n\nresponse = requests.post(\n    "${url}",\n    headers={"X-API-Key": os.environ["FIRN_KEY"]},\n    json=${pythonLiteral([example])},\n)\nresponse.raise_for_status()\nprint(response.json())`,
    javascript: `const response = await fetch("${url}", {\n  method: "POST",\n  headers: {\n    "X-API-Key": process.env.FIRN_KEY,\n    "Content-Type": "application/json",\n  },\n  body: JSON.stringify(${rows}),\n});\nif (!response.ok) throw new Error(await response.text());`,
  };
}

function pythonLiteral(value: unknown): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value as object).map(([key, each]) => `${JSON.stringify(key)}: ${pythonLiteral(each)}`).join(", ")}}`;
  return JSON.stringify(value);
}

/** A plausible value of an Iceberg type. */
export function exampleValue(type: string): unknown {
  if (type === "boolean") return true;
  if (type === "int" || type === "long") return 1;
  if (type === "float" || type === "double" || type.startsWith("decimal")) return 1.5;
  if (type === "date") return "2026-01-31";
  if (type === "time") return "12:00:00";
  if (type.startsWith("timestamp")) return "2026-01-31T12:00:00Z";
  if (type.startsWith("list")) return [];
  if (type.startsWith("map") || type.startsWith("struct")) return {};
  if (type === "uuid") return "00000000-0000-4000-8000-000000000000";
  return "text";
}

/** A name as SQL takes it: quoted only where it has to be. */
export const quoteName = (name: string) => (/^[a-z_][a-z0-9_]*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

export const tableInSql = ({ catalog, namespace, table }: Place) =>
  [catalog, ...namespace.split("."), table].map(quoteName).join(".");
