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
    go: `package main\n\nimport (\n\t"fmt"\n\t"io"\n\t"net/http"\n\t"os"\n\t"strings"\n)\n\nfunc main() {\n\trows := ${goLiteral(rows)}\n\trequest, err := http.NewRequest("POST", ${JSON.stringify(url)}, strings.NewReader(rows))\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\trequest.Header.Set("X-API-Key", os.Getenv("FIRN_KEY"))\n\trequest.Header.Set("Content-Type", "application/json")\n\tresponse, err := http.DefaultClient.Do(request)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\tdefer response.Body.Close()\n\tbody, _ := io.ReadAll(response.Body)\n\tif response.StatusCode != http.StatusOK {\n\t\tpanic(string(body))\n\t}\n\tfmt.Println(string(body))\n}`,
    java: `import java.net.URI;\nimport java.net.http.*;\n\npublic class SendRows {\n  public static void main(String[] arguments) throws Exception {\n    var rows = ${JSON.stringify(rows)};\n    var request = HttpRequest.newBuilder(URI.create(${JSON.stringify(url)}))\n        .header("X-API-Key", System.getenv("FIRN_KEY"))\n        .header("Content-Type", "application/json")\n        .POST(HttpRequest.BodyPublishers.ofString(rows))\n        .build();\n    var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());\n    if (response.statusCode() != 200) throw new IllegalStateException(response.body());\n    System.out.println(response.body());\n  }\n}`,
  };
}

/** Raw where it can be, so that JSON stays readable. */
const goLiteral = (text: string) => (text.includes("`") ? JSON.stringify(text) : `\`${text}\``);

export const languages = { curl: "curl", python: "Python", javascript: "JavaScript", go: "Go", java: "Java" } as const;
export type Language = keyof typeof languages;

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
