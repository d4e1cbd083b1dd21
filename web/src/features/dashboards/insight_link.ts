import { t } from "@lingui/core/macro";

/** A text that is only a link to an insight; the tile shows the insight in its place. */
const link = /^\s*\[[^\]]*\]\(\/insights\?id=([\w%.:~-]{1,200})\)\s*$/;

/** The insight's id; null where the text is another. */
export function insightIn(text: string): string | null {
  const id = link.exec(text)?.[1];
  if (!id) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return null;
  }
}

export const insightText = (id: string, title: string) => `[${title.replace(/[[\]]/g, " ").trim() || t`Insight`}](/insights?id=${encodeURIComponent(id)})`;
