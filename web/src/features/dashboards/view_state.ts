import type { VariableDraft } from "@/features/dashboards/draft";
import { readFilters, wordsOf, type Filter } from "@/features/dashboards/filters";
import { rangeWords, readRange, type TimeRange } from "@/features/dashboards/time_range";

/** What an address says about how a dashboard is looked at, as text. */
export type DashboardSearch = { range?: string; time?: string; filters?: string; values?: string; asOf?: string; full?: string };

/** What an address says of how a dashboard is looked at, so that a link shows the same. */
export type ViewState = {
  /** Null: as the dashboard is kept. */
  range: TimeRange | null;
  /** The column that the range is about; null: as it is kept, or the one that most tiles have. */
  timeColumn: string | null;
  /** Null: as they are kept. */
  filters: readonly Filter[] | null;
  /** Of the variables; those that are not here have their default. */
  values: Readonly<Record<string, string>>;
  /** An instant; null: now. */
  asOf: string | null;
  full: boolean;
};

/** What a dashboard shows before its viewer narrows or widens it. */
export type KeptScope = { range: TimeRange; timeColumn: string | null; filters: readonly Filter[] };

/** How a dashboard is looked at, once it is known how it is kept. */
export type Shown = ViewState & { range: TimeRange; filters: readonly Filter[] };

export const shownOf = (state: ViewState, kept: KeptScope): Shown => ({
  ...state,
  range: state.range ?? kept.range,
  timeColumn: state.timeColumn ?? kept.timeColumn,
  filters: state.filters ?? kept.filters,
});

/** The address of what is shown says nothing of what is kept. */
export const stateOf = (shown: Shown, kept: KeptScope): ViewState => ({
  ...shown,
  range: shown.range === kept.range ? null : shown.range,
  timeColumn: shown.timeColumn === kept.timeColumn ? null : shown.timeColumn,
  filters: JSON.stringify(shown.filters) === JSON.stringify(kept.filters) ? null : shown.filters,
});

export const isNarrowed = ({ range, timeColumn, filters }: ViewState): boolean => range !== null || timeColumn !== null || filters !== null;

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
  range: range === undefined ? null : readRange(range),
  timeColumn: time || null,
  filters: filters === undefined ? null : readFilters(filters),
  values: readValues(values),
  asOf: asOf && (isStaged(asOf) || !Number.isNaN(Date.parse(asOf))) ? asOf : null,
  full: full === "1",
});

/** Without what is as it is by itself, so that addresses stay short. */
export function writeState({ range, timeColumn, filters, values, asOf, full }: ViewState): DashboardSearch {
  return {
    ...(range !== null && { range }),
    ...(timeColumn && { time: timeColumn }),
    ...(filters !== null && { filters: JSON.stringify(filters) }),
    ...(Object.keys(values).length > 0 && { values: JSON.stringify(values) }),
    ...(asOf && { asOf }),
    ...(full && { full: "1" }),
  };
}

/** What the tiles were narrowed by, for where the controls are not seen. */
export const scopeWords = ({ range, filters, values }: Shown, variables: readonly VariableDraft[]): string =>
  [...(range === "all" ? [] : [rangeWords(range)]), ...variables.map(({ name, label, defaultValue }) => `${label || name}: ${values[name] ?? defaultValue}`), ...filters.map(wordsOf)].join(" · ");
