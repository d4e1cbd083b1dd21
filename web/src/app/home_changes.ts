import { plural, t } from "@lingui/core/macro";
import type { IconName } from "@/ui/icon";

type Named = { name: string; fullName: string; at: string | null | undefined };

export type News = {
  proposals: number;
  insights: readonly { title: string; createdAt: string }[];
  alerts: readonly { name: string; state: string }[];
  tables: readonly Named[];
  failedTasks: readonly { kind: string; createdAt: string }[];
  deadJobs: number;
  retryingJobs: number;
  failedRuns: readonly { agent: string; at: string }[];
};

export type Change = {
  key: string;
  icon: IconName;
  tone: "ice" | "ok" | "warn" | "danger";
  text: string;
  detail: string;
  to: "/proposals" | "/insights" | "/automation" | "/jobs" | "/data" | "/ingestion" | "/agents";
  search?: Record<string, string>;
};

const some = (names: readonly string[], most = 3) => names.slice(0, most).join(", ") + (names.length > most ? t` and ${names.length - most} more` : "");

/** How the tables end whose rows are those that did not fit. */
const rejected = "__rejected";

/** What happened since then, or waits, what is worst first; nothing where nothing did. */
export function changesSince(since: string, news: News): Change[] {
  const later = (at: string | null | undefined) => !!at && at >= since;
  const firing = news.alerts.filter((alert) => alert.state === "FIRING").map((alert) => alert.name);
  const blind = news.alerts.filter((alert) => alert.state === "ERROR").map((alert) => alert.name);
  const failed = news.failedTasks.filter((task) => later(task.createdAt));
  const insights = news.insights.filter((insight) => later(insight.createdAt));
  const runs = news.failedRuns.filter((run) => later(run.at));
  const changed = news.tables.filter((table) => later(table.at)).toSorted((a, b) => b.at!.localeCompare(a.at!));
  const misfits = changed.filter((table) => table.name.endsWith(rejected));
  const fresh = changed.filter((table) => !table.name.endsWith(rejected)).map((table) => table.name);
  const all: (Change | false)[] = [
    firing.length > 0 && { key: "firing", icon: "bell", tone: "danger", text: plural(firing.length, { one: "# alert fires", other: "# alerts fire" }), detail: some(firing), to: "/automation" },
    blind.length > 0 && { key: "blind", icon: "warning", tone: "warn", text: plural(blind.length, { one: "# alert has no value", other: "# alerts have no value" }), detail: some(blind), to: "/automation" },
    failed.length > 0 && { key: "failed", icon: "warning", tone: "warn", text: plural(failed.length, { one: "# task failed", other: "# tasks failed" }), detail: some([...new Set(failed.map((task) => task.kind))]), to: "/automation", search: { tab: "tasks" } },
    news.deadJobs > 0 && { key: "dead", icon: "jobs", tone: "warn", text: plural(news.deadJobs, { one: "# dead job", other: "# dead jobs" }), detail: t`Failed too often, and not tried again by themselves`, to: "/jobs", search: { state: "DEAD" } },
    news.retryingJobs > 0 && { key: "retrying", icon: "jobs", tone: "warn", text: plural(news.retryingJobs, { one: "# job failed", other: "# jobs failed" }), detail: t`Tried again by themselves`, to: "/jobs", search: { state: "RETRYING" } },
    runs.length > 0 && { key: "runs", icon: "agent", tone: "warn", text: plural(runs.length, { one: "# run of an agent failed", other: "# runs of agents failed" }), detail: some([...new Set(runs.map((run) => run.agent))]), to: "/agents" },
    misfits.length > 0 && { key: "misfits", icon: "stream", tone: "warn", text: plural(misfits.length, { one: "Rows did not fit # table", other: "Rows did not fit # tables" }), detail: some(misfits.map((table) => table.name.slice(0, -rejected.length))), to: "/ingestion", search: { table: misfits[0]!.fullName.slice(0, -rejected.length) } },
    news.proposals > 0 && { key: "proposals", icon: "check", tone: "ice", text: plural(news.proposals, { one: "# proposal waits for a decision", other: "# proposals wait for a decision" }), detail: t`By agents, or by people`, to: "/proposals" },
    insights.length > 0 && { key: "insights", icon: "evidence", tone: "ok", text: plural(insights.length, { one: "# new insight", other: "# new insights" }), detail: some(insights.map((insight) => insight.title), 1), to: "/insights" },
    fresh.length > 0 && { key: "fresh", icon: "table", tone: "ok", text: plural(fresh.length, { one: "# table has new rows", other: "# tables have new rows" }), detail: some(fresh), to: "/data" },
  ];
  return all.filter((change) => change !== false);
}
