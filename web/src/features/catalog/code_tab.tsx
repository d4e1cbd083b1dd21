import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import { appendCode, exampleValue, tableInSql, type Place } from "@/features/catalog/append_code";
import { graphql } from "@/gql/gql";
import { CodeBlock } from "@/ui/copy";
import { TabPanel, Tabs } from "@/ui/tabs";

const TableCode = graphql(`
  query TableCode($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        columns {
          name
          type
        }
      }
    }
  }
`);

export function CodeTab({ tableId, place }: { tableId: string; place: Place }) {
  const [{ data }] = useQuery({ query: TableCode, variables: { id: tableId } });
  const [language, setLanguage] = useState<"curl" | "python" | "javascript">("curl");
  const columns = data?.node?.__typename === "Table" ? data.node.columns.filter((column) => !column.name.includes(".")).slice(0, 5) : [];
  const example = Object.fromEntries(columns.map((column) => [column.name, exampleValue(column.type)]));
  const code = appendCode(location.origin, place, columns.length ? example : { id: 1 });
  const query = `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100`;
  return (
    <div className="grid max-w-3xl gap-7 [&_section]:min-w-0 [&_section>*]:min-w-0">
      <section className="grid gap-2">
        <h2 className="text-sm font-semibold">Send rows</h2>
        <p className="text-sm text-muted">
          They are durable and can be queried when the request returns. A new field becomes a new column. The key is a{" "}
          <Link to="/settings" search={{ section: "accounts" }} className="font-medium text-accent underline underline-offset-2">service account’s</Link>, in the environment as FIRN_KEY.
        </p>
        <Tabs label="Language" panelId="code" active={language} onSelect={setLanguage} tabs={[{ id: "curl", label: "curl" }, { id: "python", label: "Python" }, { id: "javascript", label: "JavaScript" }]} />
        <TabPanel id="code" active={language}><CodeBlock label={`Send rows with ${language}`} code={code[language]} /></TabPanel>
      </section>
      <section className="grid gap-2">
        <h2 className="text-sm font-semibold">Ask with SQL</h2>
        <CodeBlock label="SQL" code={query} />
        <CodeBlock label="Query with curl" code={`curl '${location.origin}/query' \\\n  -H "X-API-Key: $FIRN_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify({ statement: query.replaceAll("\n", " "), format: "csv" })}'`} />
      </section>
      <section className="grid gap-2">
        <h2 className="text-sm font-semibold">Attach the catalog</h2>
        <p className="text-sm text-muted">The table is Apache Iceberg; DuckDB, PyIceberg, Trino and Spark read the same files.</p>
        <CodeBlock label="DuckDB" code={`ATTACH '${place.catalog}' AS ${place.catalog} (TYPE iceberg, ENDPOINT '${location.origin}/iceberg', TOKEN '…');`} />
      </section>
    </div>
  );
}
