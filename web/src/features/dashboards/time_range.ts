import { t } from "@lingui/core/macro";
/** "all", a preset, or two days of the viewer's zone with .. between, both of them in. */
export type TimeRange = string;

/** From an instant on, to before another; null: no end on that side. */
export type Bounds = { from: Date | null; to: Date | null };

export const presets: readonly { value: string; label: string }[] = [
  { value: "all", label: t`All time` },
  { value: "24h", label: t`Last 24 hours` },
  { value: "7d", label: t`Last 7 days` },
  { value: "30d", label: t`Last 30 days` },
  { value: "month", label: t`This month` },
  { value: "year", label: t`This year` },
];

const custom = /^(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?$/;

/** Midnight in the viewer's zone; null where the text is no day. */
function midnight(day: string | undefined, plusDays = 0): Date | null {
  const [year, month, date] = (day ?? "").split("-").map(Number);
  if (!year || !month || !date) return null;
  const at = new Date(year, month - 1, date + plusDays);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** What an address says; anything that is no range is all time. */
export const readRange = (text: string | undefined): TimeRange =>
  text && (presets.some(({ value }) => value === text) || custom.test(text)) ? text : "all";

export const isCustom = (range: TimeRange) => custom.test(range);

export function daysOf(range: TimeRange): { from: string; to: string } {
  const [, from = "", to = ""] = custom.exec(range) ?? [];
  return { from, to };
}

/** The instants of a range, counted from now in the viewer's zone. */
export function boundsOf(range: TimeRange, now: Date): Bounds {
  const daysAgo = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  if (range === "24h") return { from: new Date(now.getTime() - 86_400_000), to: null };
  if (range === "7d") return { from: daysAgo(7), to: null };
  if (range === "30d") return { from: daysAgo(30), to: null };
  if (range === "month") return { from: new Date(now.getFullYear(), now.getMonth(), 1), to: null };
  if (range === "year") return { from: new Date(now.getFullYear(), 0, 1), to: null };
  const { from, to } = daysOf(range);
  return { from: midnight(from), to: midnight(to, 1) };
}

const pad = (n: number) => String(n).padStart(2, "0");

/** The day of an instant, in the viewer's zone. */
export const dayOf = (at: Date) => `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;

export function rangeWords(range: TimeRange): string {
  if (!isCustom(range)) return presets.find(({ value }) => value === range)?.label ?? t`All time`;
  const { from, to } = daysOf(range);
  return from && to ? t`${from} to ${to}` : from ? t`since ${from}` : to ? t`until ${to}` : t`All time`;
}
