import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { tableInSql, type Place } from "@/features/catalog/append_code";
import { SendRows } from "@/features/catalog/send_rows";
import { CodeBlock } from "@/ui/copy";

export function CodeTab({ place }: { place: Place }) {
  const query = `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100`;
  return (
    <div className="grid max-w-3xl gap-7 [&_section]:min-w-0 [&_section>*]:min-w-0">
      <section className="grid gap-2">
        <h2 className="text-sm font-semibold"><Trans>Send rows</Trans></h2>
        <SendRows place={place} />
      </section>
      <section className="grid gap-2">
        <h2 className="text-sm font-semibold"><Trans>Ask with SQL</Trans></h2>
        <CodeBlock label={t`SQL`} code={query} />
        <CodeBlock label={t`Query with curl`} code={`curl '${location.origin}/query' \\\n  -H "X-API-Key: $FIRN_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify({ statement: query.replaceAll("\n", " "), format: "csv" })}'`} />
      </section>
      <section className="grid gap-2">
        <h2 className="text-sm font-semibold"><Trans>Attach the catalog</Trans></h2>
        <p className="text-sm text-muted"><Trans>The table is Apache Iceberg; DuckDB, PyIceberg, Trino and Spark read the same files.</Trans></p>
        <CodeBlock label={t`DuckDB`} code={`ATTACH '${place.catalog}' AS ${place.catalog} (TYPE iceberg, ENDPOINT '${location.origin}/iceberg', TOKEN '…');`} />
      </section>
    </div>
  );
}
