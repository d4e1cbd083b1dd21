import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link, Outlet, type ErrorComponentProps } from "@tanstack/react-router";
import { ConsentPage, InvitationPage, SetUpPage, SignInPage } from "@/app/entrance_pages";
import type { FirstData } from "@/app/first_data";
import type { DashboardSearch } from "@/features/dashboards/view_state";
import { buttonClass } from "@/ui/button";
import { Empty, Failed } from "@/ui/states";

const text = (value: unknown) => (typeof value === "string" && value ? value : undefined);

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing, errorComponent: Broken });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (search): { next?: string } => ({ next: text(search.next) }),
  component: SignInPage,
});
const setUp = createRoute({ getParentRoute: () => root, path: "/setup", component: SetUpPage });
const consent = createRoute({
  getParentRoute: () => root,
  path: "/consent",
  validateSearch: (search): { request?: string } => ({ request: text(search.request) }),
  component: ConsentPage,
});
const invite = createRoute({ getParentRoute: () => root, path: "/invite", component: InvitationPage });

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: lazyRouteComponent(() => import("@/app/shell"), "Shell"),
  notFoundComponent: Missing,
  errorComponent: Broken,
});
const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("@/app/home_page"), "HomePage"),
  staticData: { firstData: async (client, viewer) => (await import("@/app/home_page")).fetchHome(client, viewer) },
});
const data = createRoute({
  getParentRoute: () => shell,
  path: "/data",
  component: lazyRouteComponent(() => import("@/app/data_pages"), "DataPage"),
});
const table = createRoute({
  getParentRoute: () => data,
  path: "$catalog/$namespace/$table",
  validateSearch: (search): { tab?: string } => ({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import("@/app/data_pages"), "TablePage"),
});
const sql = createRoute({
  getParentRoute: () => shell,
  path: "/sql",
  validateSearch: (search): { saved?: string; q?: string; asOf?: string } => ({ saved: text(search.saved), q: text(search.q), asOf: text(search.asOf) }),
  component: lazyRouteComponent(() => import("@/app/sql_page"), "SqlPage"),
});
const dashboards = createRoute({
  getParentRoute: () => shell,
  path: "/dashboards",
  component: lazyRouteComponent(() => import("@/app/dashboard_pages"), "DashboardsPage"),
});
const dashboard = createRoute({
  getParentRoute: () => shell,
  path: "/dashboards/$id",
  validateSearch: (search): DashboardSearch => ({
    range: text(search.range), time: text(search.time), filters: text(search.filters), values: text(search.values), asOf: text(search.asOf), full: text(search.full),
  }),
  component: lazyRouteComponent(() => import("@/app/dashboard_pages"), "DashboardPage"),
  staticData: { firstData: async (client, _, { id }) => (await import("@/app/dashboard_pages")).fetchDashboard(client, id!) },
});
const proposals = createRoute({
  getParentRoute: () => shell,
  path: "/proposals",
  component: lazyRouteComponent(() => import("@/app/proposals_page"), "ProposalsPage"),
});
const proposal = createRoute({
  getParentRoute: () => shell,
  path: "/proposals/$id",
  component: lazyRouteComponent(() => import("@/app/proposals_page"), "ProposalPage"),
});
const connections = createRoute({
  getParentRoute: () => shell,
  path: "/connections",
  component: lazyRouteComponent(() => import("@/app/connection_pages"), "ConnectionsPage"),
});
const connection = createRoute({
  getParentRoute: () => shell,
  path: "/connections/$id",
  validateSearch: (search): { table?: string } => ({ table: text(search.table) }),
  component: lazyRouteComponent(() => import("@/app/connection_pages"), "ConnectionPage"),
});
const insights = createRoute({
  getParentRoute: () => shell,
  path: "/insights",
  validateSearch: (search): { id?: string } => ({ id: text(search.id) }),
  component: lazyRouteComponent(() => import("@/app/insights_page"), "InsightsPage"),
});
const ingestion = createRoute({
  getParentRoute: () => shell,
  path: "/ingestion",
  // Empty: a table that is not there yet.
  validateSearch: (search): { table?: string } => (typeof search.table === "string" ? { table: search.table } : {}),
  component: lazyRouteComponent(() => import("@/app/ingestion_page"), "IngestionPage"),
});
const ask = createRoute({
  getParentRoute: () => shell,
  path: "/ask",
  validateSearch: (search): { q?: string } => ({ q: text(search.q) }),
  component: lazyRouteComponent(() => import("@/app/ask_page"), "AskPage"),
});
const explore = createRoute({
  getParentRoute: () => shell,
  path: "/explore",
  validateSearch: (search): { q?: string } => ({ q: text(search.q) }),
  component: lazyRouteComponent(() => import("@/app/explore_page"), "ExplorePage"),
});
const agents = createRoute({
  getParentRoute: () => shell,
  path: "/agents",
  component: lazyRouteComponent(() => import("@/app/agent_pages"), "AgentsPage"),
});
const agent = createRoute({
  getParentRoute: () => shell,
  path: "/agents/$id",
  validateSearch: (search): { run?: string } => ({ run: text(search.run) }),
  component: lazyRouteComponent(() => import("@/app/agent_pages"), "AgentPage"),
});
const evidence = createRoute({
  getParentRoute: () => shell,
  path: "/evidence/$id",
  component: lazyRouteComponent(() => import("@/app/evidence_page"), "EvidencePage"),
});
const jobs = createRoute({
  getParentRoute: () => shell,
  path: "/jobs",
  validateSearch: (search): { tab?: string; state?: string } => ({ tab: text(search.tab), state: text(search.state) }),
  component: lazyRouteComponent(() => import("@/app/jobs_page"), "JobsPage"),
});
const automation = createRoute({
  getParentRoute: () => shell,
  path: "/automation",
  validateSearch: (search): { tab?: string; q?: string } => ({ tab: text(search.tab), q: text(search.q) }),
  component: lazyRouteComponent(() => import("@/app/automation_page"), "AutomationPage"),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  validateSearch: (search): { section?: string } => ({ section: text(search.section) }),
  component: lazyRouteComponent(() => import("@/app/settings_page"), "SettingsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn, setUp, consent, invite,
    shell.addChildren([home, data.addChildren([table]), sql, dashboards, dashboard, proposals, proposal, agents, agent, evidence, insights, ask, explore, ingestion, connections, connection, automation, jobs, settings]),
  ]),
  defaultPreload: "intent",
  // Ids of saved queries and timestamps stay text in the address.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const set = Object.entries(search as Record<string, unknown>).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return set.length ? `?${new URLSearchParams(set)}` : "";
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    /** Fetches what the page shows first, where the app begins with it. */
    firstData?: FirstData;
  }
}

function Missing() {
  return (
    <main className="py-12">
      <Empty icon="search" title={t`There is nothing at this address`} action={<Link to="/" className={buttonClass("solid")}><Trans>Go to the overview</Trans></Link>}>
        <Trans>It may have been moved or deleted, or the link is not whole.</Trans>
      </Empty>
    </main>
  );
}

function Broken({ reset }: ErrorComponentProps) {
  return (
    <main className="py-12">
      <Failed title={t`This page broke`} message={t`An error in the page itself, not in your data. Try again, or reload the browser.`} onRetry={reset}>
        <Link to="/" className={buttonClass()}><Trans>Go to the overview</Trans></Link>
      </Failed>
    </main>
  );
}
