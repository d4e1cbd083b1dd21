import { t } from "@lingui/core/macro";
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
  { to: "/", name: t`Overview`, icon: "home", key: "o", words: t`home start`, near: true },
  { to: "/ask", name: t`Ask`, icon: "ask", key: "q", words: t`question in words answer`, begins: true },
  { to: "/explore", name: t`Explore`, icon: "chart", key: "x", words: t`builder question without sql` },
  { to: "/sql", name: t`SQL`, icon: "sql", key: "s", words: t`query editor`, near: true },
  { to: "/dashboards", name: t`Dashboards`, icon: "dashboards", key: "b", near: true },
  { to: "/data", name: t`Data`, icon: "data", key: "d", words: t`tables catalog`, near: true, begins: true },
  { to: "/ingestion", name: t`Ingestion`, icon: "stream", key: "n", words: t`rows append send code lag rejected` },
  { to: "/connections", name: t`Connections`, icon: "plug", key: "c", words: t`databases postgresql mysql sqlite federation` },
  { to: "/agents", name: t`Agents`, icon: "agent", key: "a", words: t`analyst runs`, begins: true },
  { to: "/proposals", name: t`Proposals`, icon: "check", key: "p", words: t`inbox approve` },
  { to: "/insights", name: t`Insights`, icon: "evidence", key: "i", words: t`findings` },
  { to: "/automation", name: t`Automation`, icon: "clock", key: "u", words: t`alerts scheduled queries exports channels tasks`, begins: true },
  { to: "/jobs", name: t`Jobs`, icon: "jobs", key: "j", words: t`queues workers schedules background`, admins: true },
  { to: "/settings", name: t`Settings`, icon: "settings", key: "e", words: t`people keys audit`, begins: true },
];

export const placesFor = (admin: boolean) => places.filter((place) => admin || !place.admins);
