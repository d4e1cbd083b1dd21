import type { IconName } from "@/ui/icon";

type Place = {
  to: "/" | "/ask" | "/explore" | "/sql" | "/dashboards" | "/data" | "/ingestion" | "/connections" | "/agents" | "/proposals" | "/insights" | "/automation" | "/jobs" | "/settings";
  name: string;
  icon: IconName;
  /** After g. */
  key: string;
  /** Other words for it, for those who look for it. */
  words?: string;
  /** Begins a group in the navigation. */
  begins?: boolean;
  /** Only for admins: others would only be told so. */
  admins?: boolean;
  /** Stands in the bar of a narrow screen. */
  near?: boolean;
};

/** Every page of the navigation; the palette, the shortcuts and their help are made from it. */
export const places: readonly Place[] = [
  { to: "/", name: "Overview", icon: "home", key: "o", words: "home start", near: true },
  { to: "/ask", name: "Ask", icon: "ask", key: "q", words: "question in words answer", begins: true },
  { to: "/explore", name: "Explore", icon: "chart", key: "x", words: "builder question without sql" },
  { to: "/sql", name: "SQL", icon: "sql", key: "s", words: "query editor", near: true },
  { to: "/dashboards", name: "Dashboards", icon: "dashboards", key: "b", near: true },
  { to: "/data", name: "Data", icon: "data", key: "d", words: "tables catalog", near: true, begins: true },
  { to: "/ingestion", name: "Ingestion", icon: "stream", key: "n", words: "rows append send code lag rejected" },
  { to: "/connections", name: "Connections", icon: "plug", key: "c", words: "databases postgresql mysql sqlite federation" },
  { to: "/agents", name: "Agents", icon: "agent", key: "a", words: "analyst runs", begins: true },
  { to: "/proposals", name: "Proposals", icon: "check", key: "p", words: "inbox approve" },
  { to: "/insights", name: "Insights", icon: "evidence", key: "i", words: "findings" },
  { to: "/automation", name: "Automation", icon: "clock", key: "u", words: "alerts scheduled queries exports channels tasks", begins: true },
  { to: "/jobs", name: "Jobs", icon: "jobs", key: "j", words: "queues workers schedules background", admins: true },
  { to: "/settings", name: "Settings", icon: "settings", key: "e", words: "people keys audit", begins: true },
];

export const placesFor = (admin: boolean) => places.filter((place) => admin || !place.admins);
