import { t } from "@lingui/core/macro";
/** What can be chosen without knowing cron; anything else is CUSTOM. */
export type Rhythm = "NEVER" | "MINUTES" | "HOURLY" | "DAILY" | "WEEKDAYS" | "WEEKLY" | "MONTHLY" | "CUSTOM";

/** `every`: minutes between two times, of MINUTES. */
export type Plan = { rhythm: Rhythm; every: number; minute: number; hour: number; weekday: number; day: number };

export const weekdays = [t`Sunday`, t`Monday`, t`Tuesday`, t`Wednesday`, t`Thursday`, t`Friday`, t`Saturday`] as const;

const start: Plan = { rhythm: "CUSTOM", every: 5, minute: 0, hour: 6, weekday: 1, day: 1 };
const named: Record<string, string> = {
  "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
};

/** A number within its bounds; null where the field says something else. */
const whole = (field: string, least: number, most: number) => {
  const value = /^\d{1,2}$/.test(field) ? Number(field) : NaN;
  return value >= least && value <= most ? value : null;
};

export function readCron(cron: string): Plan {
  const text = named[cron.trim()] ?? cron.trim();
  if (text === "") return { ...start, rhythm: "NEVER" };
  const fields = text.split(/\s+/);
  if (fields.length !== 5) return start;
  const [minutes, hours, days, months, week] = fields as [string, string, string, string, string];
  const every = text === "* * * * *" ? 1 : whole(/^\*\/(\d+) \* \* \* \*$/.exec(text)?.[1] ?? "", 1, 59);
  if (every !== null && 60 % every === 0) return { ...start, rhythm: "MINUTES", every };
  const minute = whole(minutes, 0, 59);
  const hour = whole(hours, 0, 23);
  if (minute === null || months !== "*") return start;
  if (hours === "*" && days === "*" && week === "*") return { ...start, rhythm: "HOURLY", minute };
  if (hour === null) return start;
  const at = { ...start, minute, hour };
  if (days === "*" && week === "*") return { ...at, rhythm: "DAILY" };
  if (days === "*" && week === "1-5") return { ...at, rhythm: "WEEKDAYS" };
  const weekday = whole(week, 0, 7);
  if (days === "*" && weekday !== null) return { ...at, rhythm: "WEEKLY", weekday: weekday % 7 };
  const day = whole(days, 1, 31);
  if (week === "*" && day !== null) return { ...at, rhythm: "MONTHLY", day };
  return start;
}

/** The five fields; empty where it is done only when told. CUSTOM has no fields of its own. */
export function writeCron({ rhythm, every, minute, hour, weekday, day }: Plan): string {
  switch (rhythm) {
    case "NEVER": case "CUSTOM": return "";
    case "MINUTES": return every === 1 ? "* * * * *" : `*/${every} * * * *`;
    case "HOURLY": return `${minute} * * * *`;
    case "DAILY": return `${minute} ${hour} * * *`;
    case "WEEKDAYS": return `${minute} ${hour} * * 1-5`;
    case "WEEKLY": return `${minute} ${hour} * * ${weekday}`;
    case "MONTHLY": return `${minute} ${hour} ${day} * *`;
  }
}

const two = (n: number) => String(n).padStart(2, "0");

/** "every day at 06:00 UTC"; what it cannot say in words it gives as it is. */
export function cronText(cron: string, zone: string): string {
  const plan = readCron(cron);
  const at = t`at ${two(plan.hour)}:${two(plan.minute)} ${zone || "UTC"}`;
  switch (plan.rhythm) {
    case "NEVER": return t`only when told`;
    case "MINUTES": return plan.every === 1 ? t`every minute` : t`every ${plan.every} minutes`;
    case "HOURLY": return plan.minute === 0 ? t`every hour` : t`every hour, ${plan.minute} min past`;
    case "DAILY": return t`every day ${at}`;
    case "WEEKDAYS": return t`Monday to Friday ${at}`;
    case "WEEKLY": return t`every ${weekdays[plan.weekday]!} ${at}`;
    case "MONTHLY": return t`on day ${plan.day} of every month ${at}`;
    case "CUSTOM": return `${cron} ${zone || "UTC"}`;
  }
}
