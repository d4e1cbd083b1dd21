import { plural, t } from "@lingui/core/macro";
import { region } from "@/ui/language";

const whole = new Intl.NumberFormat(region);
const tenths = new Intl.NumberFormat(region, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat(region, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const short = new Intl.NumberFormat(region, { notation: "compact", maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(region, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(region, { dateStyle: "medium", timeStyle: "medium" });

export const formatCount = (n: number) => whole.format(n);
export const formatShort = (n: number) => (Math.abs(n) < 10_000 ? whole.format(n) : short.format(n));

export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? whole.format(Math.round(value)) : tenths.format(value)} ${units[unit]}`;
}

export function formatDuration(ms: number): string {
  if (ms < 1) return t`< 1 ms`;
  if (ms < 1000) return t`${Math.round(ms)} ms`;
  if (ms < 60_000) return t`${(ms < 10_000 ? hundredths : tenths).format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return seconds % 60 ? t`${Math.floor(seconds / 60)} min ${seconds % 60} s` : t`${Math.floor(seconds / 60)} min`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60 * 48) return minutes % 60 ? t`${Math.floor(minutes / 60)} h ${minutes % 60} min` : t`${Math.floor(minutes / 60)} h`;
  return t`${Math.floor(minutes / 1440)} days`;
}

/** "5 min ago"; a date once it is more than a month away. */
export function formatAgo(at: string, now = Date.now()): string {
  const seconds = Math.round((now - Date.parse(at)) / 1000);
  const distance = Math.abs(seconds);
  const past = seconds >= 0;
  if (distance < 10) return t`just now`;
  if (distance < 60) return past ? t`${distance} s ago` : t`in ${distance} s`;
  const minutes = Math.floor(distance / 60);
  if (distance < 3600) return past ? t`${minutes} min ago` : t`in ${minutes} min`;
  const hours = Math.floor(distance / 3600);
  if (distance < 86_400) return past ? t`${hours} h ago` : t`in ${hours} h`;
  const days = Math.floor(distance / 86_400);
  if (distance < 86_400 * 31) return past ? t`${plural(days, { one: "# day", other: "# days" })} ago` : t`in ${plural(days, { one: "# day", other: "# days" })}`;
  return formatDay(at);
}

/** A day, in the reader's zone. */
export const formatDay = (at: string): string => day.format(new Date(at));

/** The moment in full, in the reader's zone. */
export const formatMoment = (at: string): string => moment.format(new Date(at));
