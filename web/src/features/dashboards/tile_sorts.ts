import { t } from "@lingui/core/macro";
import type { TileDraft } from "@/features/dashboards/draft";

/** What can be put on a dashboard, and how large it begins. */
export const tileSorts = {
  chart: { label: t`Chart`, icon: "chart", width: 6, height: 4 },
  number: { label: t`Number`, icon: "plus", width: 3, height: 2 },
  table: { label: t`Table`, icon: "table", width: 6, height: 4 },
  text: { label: t`Text`, icon: "text", width: 6, height: 2 },
  insight: { label: t`Insight`, icon: "evidence", width: 6, height: 5 },
} as const;

export type TileSort = keyof typeof tileSorts;

/** A new tile, without a place. */
export function blankTile(sort: TileSort): Omit<TileDraft, "x" | "y" | "width" | "height"> {
  const id = crypto.randomUUID();
  if (sort === "text" || sort === "insight") return { id, kind: "TEXT", title: "", statement: null, spec: null, text: sort === "text" ? "" : "insight:" };
  const kind = sort === "number" ? "NUMBER" : sort === "table" ? "TABLE" : null;
  return { id, kind: "CHART", title: "", statement: "", spec: kind && { kind, x: null, y: [], series: null, stacked: false }, text: null };
}
