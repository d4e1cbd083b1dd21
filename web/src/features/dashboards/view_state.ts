import type { VariableDraft } from "@/features/dashboards/draft";
import { readFilters, wordsOf, type Filter } from "@/features/dashboards/filters";
import { rangeWords, readRange, type TimeRange } from "@/features/dashboards/time_range";

/** What an address says about how a dashboard is looked at, as text. */
export type DashboardSearch = { range?: string; time?: string; filters?: string; values?: string; asOf?: string; full?: string };

/** How a dashboard is looked at: all of it is in the address, so that a link shows the same. */
export type ViewState = {
  range: TimeRange;
  /** The column that the range is about; null: the one that most tiles have. */
  timeColumn: string | null;
  filters: readonly Filter[];
  /** Of the variables; those that are not here have their default. */
  values: Readonly<Record<string, string>>;
  /** An instant; null: now. */
  asOf: string | null;
  full: boolean;
};

function readValues(text: string | undefined): Record<string, string> {
  try {
    const given: unknown = JSON.parse(text ?? "{}");
    if (typeof given !== "object" || given === null || Array.isArray(given)) return {};
    return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === "string").slice(0, 50));
  } catch {
    return {};
  }
}

/** The branch of a staged change: tables as they would be with it. */
export const isStaged = (asOf: string): boolean => /^staged-[0-9a-f-]{36}$/.test(asOf);

export const readState = ({ range, time, filters, values, asOf, full }: DashboardSearch): ViewState => ({
  range: readRange(range),
  timeColumn: time || null,
  filters: readFilters(filters),
  values: readValues(values),
  asOf: asOf && (isStaged(asOf) || !Number.isNaN(Date.parse(asOf))) ? asOf : null,
  full: full === "1",
});

/** Without what is as it is by itself, so that addresses stay short. */
export function writeState({ range, timeColumn, filters, values, asOf, full }: ViewState): DashboardSearch {
  return {
    ...(range !== "all" && { range }),
    ...(timeColumn && { time: timeColumn }),
    ...(filters.length > 0 && { filters: JSON.stringify(filters) }),
    ...(Object.keys(values).length > 0 && { values: JSON.stringify(values) }),
    ...(asOf && { asOf }),
    ...(full && { full: "1" }),
  };
}

/** What the tiles were narrowed by, for where the controls are not seen. */
export const scopeWords = ({ range, filters, values }: ViewState, variables: readonly VariableDraft[]): string =>
  [...(range === "all" ? [] : [rangeWords(range)]), ...variables.map(({ name, label, defaultValue }) => `${label || name}: ${values[name] ?? defaultValue}`), ...filters.map(wordsOf)].join(" · ");
