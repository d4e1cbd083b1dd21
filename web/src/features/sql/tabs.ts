import { t } from "@lingui/core/macro";
/** One statement being worked on. All of it survives a reload. */
export type SqlTab = {
  id: string;
  title: string;
  statement: string;
  /** Snapshot, tag, branch or timestamp for every table. */
  asOf: string | null;
  saved: { id: string; version: number; statement: string } | null;
  runId: string | null;
};

type SqlTabs = { tabs: readonly SqlTab[]; active: string };

const most = 20;

const newTab = (fields: Partial<SqlTab> = {}): SqlTab => ({
  id: crypto.randomUUID(), title: "", statement: "", asOf: null, saved: null, runId: null, ...fields,
});

export function startTabs(): SqlTabs {
  const tab = newTab();
  return { tabs: [tab], active: tab.id };
}

/** What the tab is called: its saved name, else the beginning of the statement. */
export function tabTitle(tab: SqlTab): string {
  if (tab.title) return tab.title;
  const text = tab.statement.replace(/--.*$/gm, "").replace(/\s+/g, " ").trim();
  return text ? (text.length > 26 ? `${text.slice(0, 25)}…` : text) : t`New query`;
}

export const isChanged = (tab: SqlTab) => tab.saved !== null && tab.saved.statement !== tab.statement;

export function changeTab(state: SqlTabs, id: string, fields: Partial<SqlTab>): SqlTabs {
  return { ...state, tabs: state.tabs.map((tab) => (tab.id === id ? { ...tab, ...fields } : tab)) };
}

/** An empty tab is used up first; the same statement, or saved query, is not opened twice. */
export function openTab(state: SqlTabs, fields: Partial<SqlTab>): SqlTabs {
  const same = state.tabs.find((tab) =>
    fields.saved ? tab.saved?.id === fields.saved.id : tab.statement === fields.statement && tab.asOf === (fields.asOf ?? null));
  if (same && fields.statement) return { ...state, active: same.id };
  const active = state.tabs.find((tab) => tab.id === state.active);
  if (active && fields.statement && active.statement.trim() === "" && !active.saved) {
    // Another id: its pane begins anew.
    const tab = newTab(fields);
    return { tabs: state.tabs.map((each) => (each === active ? tab : each)), active: tab.id };
  }
  const tab = newTab(fields);
  return { tabs: [...state.tabs, tab].slice(-most), active: tab.id };
}

export function closeTab(state: SqlTabs, id: string): SqlTabs {
  const at = state.tabs.findIndex((tab) => tab.id === id);
  const tabs = state.tabs.filter((tab) => tab.id !== id);
  if (tabs.length === 0) return startTabs();
  return { tabs, active: state.active === id ? tabs[Math.min(at, tabs.length - 1)]!.id : state.active };
}

/** Each person has tabs of their own in a browser that several share. */
const keyOf = (owner: string) => `firn.sql.${owner}`;

export function loadTabs(owner: string): SqlTabs {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(owner)) ?? "null");
    if (!value || typeof value !== "object" || !("tabs" in value) || !Array.isArray(value.tabs)) return startTabs();
    const tabs = value.tabs
      .filter((tab): tab is SqlTab => typeof tab?.id === "string" && typeof tab?.statement === "string")
      .map((tab) => newTab(tab));
    if (tabs.length === 0) return startTabs();
    const active = "active" in value ? String(value.active) : "";
    return { tabs, active: tabs.some((tab) => tab.id === active) ? active : tabs[0]!.id };
  } catch {
    return startTabs();
  }
}

export function storeTabs(owner: string, state: SqlTabs) {
  try {
    localStorage.setItem(keyOf(owner), JSON.stringify(state));
  } catch {
    // Full or forbidden: the tabs live until the page is left.
  }
}
