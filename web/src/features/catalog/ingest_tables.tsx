import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import { apart } from "@/features/catalog/rejected_tables";
import { RejectedTab } from "@/features/catalog/rejected_tab";
import { SendRows } from "@/features/catalog/send_rows";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { SelectField, TextField } from "@/ui/field";
import { formatCount } from "@/ui/format";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Failed, SkeletonLines } from "@/ui/states";

const IngestableTables = graphql(`
  query IngestableTables {
    tables(first: 200) {
      edges {
        node {
          id
          fullName
          catalogName
          namespace
          name
          rowCount
          hotRowCount
          lastUpdatedAt
          permissions {
            canWrite
          }
        }
      }
    }
  }
`);

const fresh = "";

/** Rows into a table: the code that sends them, how far they are, and those that did not fit. */
export function IngestTables({ chosen, onChoose }: { chosen: string | undefined; onChoose: (fullName: string) => void }) {
  const [{ data, error }, look] = useQuery({ query: IngestableTables, requestPolicy: "cache-and-network" });
  const [name, setName] = useState("events");
  usePoll(() => look({ requestPolicy: "network-only" }), 5000);
  if (error && !data) return <section className="panel"><Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} /></section>;
  if (!data) return <section className="panel p-4"><SkeletonLines label={t`Loading tables`} lines={7} /></section>;
  const everything = data.tables.edges.map((edge) => edge.node);
  const { tables, rejected } = apart(everything);
  const table = chosen === fresh ? undefined : (tables.find((each) => each.fullName === chosen) ?? tables[0]);
  const place = table ? { catalog: table.catalogName, namespace: table.namespace, table: table.name } : { catalog: "lake", namespace: "main", table: name.trim() || "events" };
  return (
    <>
      <Section title={t`Send rows`}>
        <div className="grid gap-4 [&>*]:min-w-0">
          <div className="grid gap-3 sm:grid-cols-2">
            <SelectField label={t`To`} value={table?.fullName ?? fresh} onChange={(event) => onChoose(event.target.value)}>
              {tables.map((each) => <option key={each.id} value={each.fullName}>{each.fullName}{rejected.has(each.fullName) ? t` (${plural(rejected.get(each.fullName)!, { one: "# row", other: "# rows" })} did not fit)` : ""}</option>)}
              <option value={fresh}><Trans>A new table, made from the rows</Trans></option>
            </SelectField>
            {!table && <TextField label={t`Its name`} value={name} onChange={(event) => setName(event.target.value)} />}
            {table && (
              <dl className="grid grid-cols-3 gap-3 text-sm">
                {([[t`Committed`, formatCount(table.rowCount)], [t`In the log`, formatCount(table.hotRowCount)], [t`Last commit`, table.lastUpdatedAt ? <Ago key="a" at={table.lastUpdatedAt} /> : "never"]] as const).map(([what, value]) => (
                  <div key={what}><dt className="mb-1 font-medium">{what}</dt><dd className="numeric flex h-8.5 items-center text-muted">{value}</dd></div>
                ))}
              </dl>
            )}
          </div>
          <SendRows key={`${place.catalog}.${place.namespace}.${place.table}`} place={place} />
        </div>
      </Section>
      {table?.permissions.canWrite && (
        <section aria-label={t`Rows that did not fit ${table.fullName}`} className="grid min-w-0 gap-3">
          <header className="flex flex-wrap items-center gap-2">
            <h2 className="text-sm font-semibold"><Trans>Rows that did not fit <Link to="/data/$catalog/$namespace/$table" params={place} className="text-accent underline underline-offset-2">{table.fullName}</Link></Trans></h2>
            {rejected.size > 0 && (
              <nav aria-label={t`Tables with rejected rows`} className="flex flex-wrap items-center gap-1.5 sm:ml-auto">
                {[...rejected].map(([name, rows]) => (
                  <button key={name} type="button" aria-current={name === table.fullName ? "true" : undefined} onClick={() => onChoose(name)} title={`${name}: ${plural(rows, { one: "# rejected row", other: "# rejected rows" })}`}
                    className={`rounded-md border px-2 py-1 text-xs font-medium ${name === table.fullName ? "border-transparent bg-soft text-accent" : "border-line-strong bg-surface hover:bg-hover"}`}>{name.split(".").at(-1)} <span className="numeric font-normal">{formatCount(rows)}</span></button>
                ))}
              </nav>
            )}
          </header>
          <div className="panel min-w-0 overflow-hidden [&>.panel]:border-0"><RejectedTab key={table.id} tableId={table.id} place={place} /></div>
        </section>
      )}
    </>
  );
}
