import { t } from "@lingui/core/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useQuery } from "urql";
import { IngestionPanel } from "@/features/activity/ingestion";
import { IngestTables } from "@/features/catalog/ingest_tables";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { Page } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Failed, Skeleton } from "@/ui/states";

const LiveRate = graphql(`
  query LiveRate {
    ingestion {
      ...IngestionRate
    }
  }
`);

/** Rows as they come in, and how to send more. */
export function IngestionPage() {
  const { table } = useSearch({ from: "/shell/ingestion" });
  const navigate = useNavigate();
  const [{ data, error }, look] = useQuery({ query: LiveRate, requestPolicy: "cache-and-network" });
  usePoll(() => look({ requestPolicy: "network-only" }), 1000);
  return (
    <Page title={t`Ingestion`} lead={t`Rows are in the log, and can be queried, when the request that brings them returns; seconds later they are in the table’s next snapshot.`}>
      <div className="grid gap-5 [&>*]:min-w-0">
        {data ? <IngestionPanel ingestion={data.ingestion} /> : error ? <section className="panel"><Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} /></section> : <Skeleton className="h-36" />}
        <IngestTables chosen={table} onChoose={(next) => void navigate({ to: "/ingestion", search: { table: next }, replace: true })} />
      </div>
    </Page>
  );
}
