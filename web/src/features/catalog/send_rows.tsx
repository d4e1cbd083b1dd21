import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import { appendCode, exampleValue, languages, type Language, type Place } from "@/features/catalog/append_code";
import { graphql } from "@/gql/gql";
import { CodeBlock } from "@/ui/copy";
import { TabPanel, Tabs } from "@/ui/tabs";

const TableCode = graphql(`
  query TableCode($catalog: String!, $namespace: String!, $name: String!) {
    table(catalog: $catalog, namespace: $namespace, name: $name) {
      id
      columns {
        name
        type
      }
    }
  }
`);

/** Code to paste that sends rows to a table, in the language that was chosen. A table that is not there yet is made from them. */
export function SendRows({ place }: { place: Place }) {
  const [{ data }] = useQuery({ query: TableCode, variables: { catalog: place.catalog, namespace: place.namespace, name: place.table } });
  const [language, setLanguage] = useState<Language>("curl");
  const columns = (data?.table?.columns ?? []).filter((column) => !column.name.includes(".")).slice(0, 5);
  const example = columns.length ? Object.fromEntries(columns.map((column) => [column.name, exampleValue(column.type)])) : { id: 1, name: t`first` };
  return (
    <div className="grid gap-2 [&>*]:min-w-0">
      <p className="text-sm text-muted">
        <Trans>They are durable and can be queried when the request returns. A new field becomes a new column. The key is a{" "}
        <Link to="/settings" search={{ section: "accounts" }} className="font-medium text-accent underline underline-offset-2">service account’s</Link>, in the environment as FIRN_KEY.</Trans>
      </p>
      <Tabs label={t`Language`} panelId="code" active={language} onSelect={setLanguage} tabs={(Object.keys(languages) as Language[]).map((id) => ({ id, label: languages[id] }))} />
      <TabPanel id="code" active={language}><CodeBlock label={t`Send rows with ${languages[language]}`} code={appendCode(location.origin, place, example)[language]} /></TabPanel>
    </div>
  );
}
