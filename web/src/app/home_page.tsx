import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { useViewer } from "@/app/session";
import { FirstRows } from "@/features/activity/first_rows";
import { IngestionPanel } from "@/features/activity/ingestion";
import { appendCode } from "@/features/catalog/append_code";
import { RecentTables } from "@/features/catalog/recent_tables";
import { DashboardLinks } from "@/features/dashboards/dashboard_links";
import { RecentQueries } from "@/features/sql/recent_queries";
import { graphql } from "@/gql/gql";
import { buttonClass } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Page, Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Failed, Skeleton } from "@/ui/states";

const Home = graphql(`
  query Home {
    tables(first: 200) {
      totalCount
      edges {
        node {
          id
          ...RecentTable
        }
      }
    }
    queryHistory(first: 6) {
      edges {
        node {
          id
          ...RecentQuery
        }
      }
    }
    dashboards(first: 6) {
      edges {
        node {
          id
          ...DashboardLink
        }
      }
    }
  }
`);

const Rate = graphql(`
  query Rate {
    ingestion {
      ...IngestionRate
    }
  }
`);

const firstRows = { user: "ada", action: "signed up", at: "2026-01-31T12:00:00Z" };

export function HomePage() {
  const viewer = useViewer();
  const [{ data, error }, retry] = useQuery({ query: Home, requestPolicy: "cache-and-network" });
  const [{ data: rate }, again] = useQuery({ query: Rate, requestPolicy: "cache-and-network" });
  usePoll(() => again({ requestPolicy: "network-only" }), 5000);
  const all = "text-xs font-medium text-accent hover:underline px-2 py-1";

  return (
    <Page title="Overview" lead={`${viewer.organizationName}: what came in, and what was asked.`}>
      {error && !data && <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="grid gap-5" role="status"><span className="sr-only">Loading</span><Skeleton className="h-36" /><div className="grid gap-5 md:grid-cols-2"><Skeleton className="h-72" /><Skeleton className="h-72" /></div></div>}
      {data && (
        <div className="grid gap-5">
          {data.tables.totalCount === 0 ? (
            <FirstRows code={appendCode(location.origin, { catalog: "lake", namespace: "main", table: "events" }, firstRows).curl}
              action={<Link to="/settings" search={{ section: "accounts" }} className={buttonClass("solid")}>Make a key</Link>} />
          ) : (
            rate && <IngestionPanel ingestion={rate.ingestion} />
          )}
          {data.tables.totalCount > 0 && (
            <div className="grid items-start gap-5 md:grid-cols-2">
              <Section title="Tables that changed last" flush actions={<Link to="/data" className={all}>All {data.tables.totalCount}</Link>}>
                <RecentTables tables={data.tables.edges.map((edge) => edge.node)} />
              </Section>
              <Section title="Your last queries" flush actions={<Link to="/sql" className={all}>Write SQL</Link>}>
                {data.queryHistory.edges.length
                  ? <RecentQueries runs={data.queryHistory.edges.map((edge) => edge.node)} />
                  : <p className="px-4 py-8 text-center text-sm text-muted">Nothing has been asked yet. Pick a table, or <Link to="/sql" className="font-medium text-accent underline underline-offset-2">write SQL</Link>.</p>}
              </Section>
            </div>
          )}
          {data.dashboards.edges.length > 0 && (
            <section>
              <header className="mb-3 flex items-center justify-between">
                <h2 className="text-sm font-semibold">Dashboards</h2>
                <Link to="/dashboards" className={all}>All dashboards</Link>
              </header>
              <DashboardLinks dashboards={data.dashboards.edges.map((edge) => edge.node)} />
            </section>
          )}
        </div>
      )}
    </Page>
  );
}
