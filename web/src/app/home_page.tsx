import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useQuery, type Client } from "urql";
import { useFirstPolicy } from "@/app/first_data";
import { changesSince, type News as Digest } from "@/app/home_changes";
import { isAdmin, useIsAdmin, useViewer, type Viewer } from "@/app/session";
import { ChangeLine, Changes, NoChanges } from "@/features/activity/changes";
import { FirstRows } from "@/features/activity/first_rows";
import { IngestionPanel } from "@/features/activity/ingestion";
import { AskBox } from "@/features/ask/ask_box";
import { appendCode } from "@/features/catalog/append_code";
import { RecentTables } from "@/features/catalog/recent_tables";
import { DashboardLinks } from "@/features/dashboards/dashboard_links";
import { RecentQueries } from "@/features/sql/recent_queries";
import { graphql } from "@/gql/gql";
import { buttonClass } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Icon } from "@/ui/icon";
import { Page, Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Failed, Skeleton } from "@/ui/states";

const Home = graphql(`
  query Home($everybody: Boolean!) {
    proposals(state: PENDING, first: 1) {
      totalCount
    }
    insights(first: 20) {
      edges {
        node {
          id
          title
          createdAt
        }
      }
    }
    alerts {
      id
      name
      state
    }
    tasks(state: FAILED, first: 20, everybody: $everybody) {
      edges {
        node {
          id
          kind
          createdAt
        }
      }
    }
    agents {
      id
      name
      runs(first: 3) {
        id
        task {
          id
          state
          createdAt
        }
      }
    }
    tables(first: 200) {
      totalCount
      edges {
        node {
          id
          name
          fullName
          lastUpdatedAt
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

const DeadJobs = graphql(`
  query DeadJobs {
    jobStats {
      dead
      retrying
    }
  }
`);

const day = 86_400_000;
const firstRows = { user: "ada", action: t`signed up`, at: "2026-01-31T12:00:00Z" };

export async function fetchHome(client: Client, viewer: Viewer) {
  const admin = isAdmin(viewer);
  await Promise.all([client.query(Home, { everybody: admin }).toPromise(), client.query(Rate, {}).toPromise(), admin && client.query(DeadJobs, {}).toPromise()]);
}

export function HomePage() {
  const viewer = useViewer();
  const admin = useIsAdmin();
  const navigate = useNavigate();
  const policy = useFirstPolicy();
  const [{ data, error }, retry] = useQuery({ query: Home, variables: { everybody: admin }, requestPolicy: policy });
  // Only admins of the deployment's first organization may know; for others there is nothing to say.
  const [{ data: jobs }] = useQuery({ query: DeadJobs, pause: !admin, requestPolicy: policy });
  const [since] = useState(() => new Date(Date.now() - day).toISOString());
  const [{ data: rate }, again] = useQuery({ query: Rate, requestPolicy: policy });
  usePoll(() => again({ requestPolicy: "network-only" }), 5000);
  const all = "text-xs font-medium text-accent hover:underline px-2 py-1";

  return (
    <Page title={t`Overview`} lead={t`${viewer.organizationName}: what came in, and what was asked.`}>
      {error && !data && <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="grid gap-5" role="status"><span className="sr-only"><Trans>Loading</Trans></span><Skeleton className="h-36" /><div className="grid gap-5 md:grid-cols-2"><Skeleton className="h-72" /><Skeleton className="h-72" /></div></div>}
      {data && (
        <div className="grid gap-5">
          {data.tables.totalCount > 0 && <AskBox onAsk={(q) => void navigate({ to: "/ask", search: { q } })} />}
          {data.tables.totalCount === 0 ? (
            <Beginning>
              <FirstRows code={appendCode(location.origin, { catalog: "lake", namespace: "main", table: "events" }, firstRows).curl}
              action={<Link to="/settings" search={{ section: "accounts" }} className={buttonClass("solid")}><Trans>Make a key</Trans></Link>} />
            </Beginning>
          ) : (
            <News since={since} news={{
              proposals: data.proposals.totalCount, insights: data.insights.edges.map((edge) => edge.node), alerts: data.alerts, failedTasks: data.tasks.edges.map((edge) => edge.node),
              tables: data.tables.edges.map(({ node }) => ({ name: node.name, fullName: node.fullName, at: node.lastUpdatedAt })), deadJobs: jobs?.jobStats.dead ?? 0, retryingJobs: jobs?.jobStats.retrying ?? 0,
              failedRuns: data.agents.flatMap((agent) => agent.runs.filter((run) => run.task.state === "FAILED").map((run) => ({ agent: agent.name, at: run.task.createdAt }))),
            }} />
          )}
          {data.tables.totalCount > 0 && (
            rate ? <IngestionPanel ingestion={rate.ingestion} /> : <Skeleton className="h-36" />
          )}
          {data.tables.totalCount > 0 && (
            <div className="grid items-start gap-5 md:grid-cols-2">
              <Section title={t`Tables that changed last`} flush actions={<Link to="/data" className={all}><Trans>All {data.tables.totalCount}</Trans></Link>}>
                <RecentTables tables={data.tables.edges.map((edge) => edge.node)} />
              </Section>
              <Section title={t`Your last queries`} flush actions={<Link to="/sql" className={all}><Trans>Write SQL</Trans></Link>}>
                {data.queryHistory.edges.length
                  ? <RecentQueries runs={data.queryHistory.edges.map((edge) => edge.node)} />
                  : <p className="px-4 py-8 text-center text-sm text-muted"><Trans>Nothing has been asked yet. Pick a table, or <Link to="/sql" className="font-medium text-accent underline underline-offset-2">write SQL</Link>.</Trans></p>}
              </Section>
            </div>
          )}
          {data.dashboards.edges.length > 0 && (
            <section>
              <header className="mb-3 flex items-center justify-between">
                <h2 className="text-sm font-semibold"><Trans>Dashboards</Trans></h2>
                <Link to="/dashboards" className={all}><Trans>All dashboards</Trans></Link>
              </header>
              <DashboardLinks dashboards={data.dashboards.edges.map((edge) => edge.node)} />
            </section>
          )}
        </div>
      )}
    </Page>
  );
}

function News({ since, news }: { since: string; news: Digest }) {
  const changes = changesSince(since, news);
  if (changes.length === 0) return <NoChanges />;
  return (
    <Changes>
      {changes.map(({ key, to, search, ...line }, i) => (
        <li key={key} className={`min-w-0 bg-surface ${i === changes.length - 1 && changes.length % 2 ? "sm:col-span-2" : ""}`}>
          <Link to={to} search={search ?? {}} className="flex h-full items-center gap-3 px-4 py-3 text-sm hover:bg-hover focus-visible:-outline-offset-2"><ChangeLine {...line} /></Link>
        </li>
      ))}
    </Changes>
  );
}

/** A new installation: rows first, then what they are good for. */
function Beginning({ children }: { children: ReactNode }) {
  const next = [
    { to: "/connections", icon: "plug", title: t`Or connect a database`, text: t`PostgreSQL, MySQL or SQLite: asked where it is, beside the lake.` },
    { to: "/agents", icon: "agent", title: t`Let an agent look`, text: t`It finds what stands out, and proposes it with the rows behind it.` },
    { to: "/settings", icon: "people", title: t`Bring your team`, text: t`Invite people, and give programs keys of their own.` },
  ] as const;
  return (
    <>
      {children}
      <ul className="grid gap-4 sm:grid-cols-3">
        {next.map(({ to, icon, title, text }) => (
          <li key={to}>
            <Link to={to} className="panel flex h-full gap-3 p-4 hover:border-line-strong">
              <Icon name={icon} size={18} className="mt-0.5 text-accent" />
              <span><span className="block font-medium">{title}</span><span className="text-sm text-muted">{text}</span></span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
