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

const some = (names: readonly string[], most = 3) => names.slice(0, most).join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");
const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

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
    firing.length > 0 && { key: "firing", icon: "bell", tone: "danger", text: `${count(firing.length, "alert fires", "alerts fire")}`, detail: some(firing), to: "/automation" },
    blind.length > 0 && { key: "blind", icon: "warning", tone: "warn", text: `${count(blind.length, "alert has", "alerts have")} no value`, detail: some(blind), to: "/automation" },
    failed.length > 0 && { key: "failed", icon: "warning", tone: "warn", text: `${count(failed.length, "task")} failed`, detail: some([...new Set(failed.map((task) => task.kind))]), to: "/automation", search: { tab: "tasks" } },
    news.deadJobs > 0 && { key: "dead", icon: "jobs", tone: "warn", text: count(news.deadJobs, "dead job"), detail: "Failed too often, and not tried again by themselves", to: "/jobs", search: { state: "DEAD" } },
    news.retryingJobs > 0 && { key: "retrying", icon: "jobs", tone: "warn", text: count(news.retryingJobs, "job failed", "jobs failed"), detail: "Tried again by themselves", to: "/jobs", search: { state: "RETRYING" } },
    runs.length > 0 && { key: "runs", icon: "agent", tone: "warn", text: `${count(runs.length, "run of an agent", "runs of agents")} failed`, detail: some([...new Set(runs.map((run) => run.agent))]), to: "/agents" },
    misfits.length > 0 && { key: "misfits", icon: "stream", tone: "warn", text: `Rows did not fit ${count(misfits.length, "table")}`, detail: some(misfits.map((table) => table.name.slice(0, -rejected.length))), to: "/ingestion", search: { table: misfits[0]!.fullName.slice(0, -rejected.length) } },
    news.proposals > 0 && { key: "proposals", icon: "check", tone: "ice", text: `${count(news.proposals, "proposal waits", "proposals wait")} for a decision`, detail: "By agents, or by people", to: "/proposals" },
    insights.length > 0 && { key: "insights", icon: "evidence", tone: "ok", text: count(insights.length, "new insight"), detail: some(insights.map((insight) => insight.title), 1), to: "/insights" },
    fresh.length > 0 && { key: "fresh", icon: "table", tone: "ok", text: `${count(fresh.length, "table has", "tables have")} new rows`, detail: some(fresh), to: "/data" },
  ];
  return all.filter((change) => change !== false);
}
