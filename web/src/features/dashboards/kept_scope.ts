import type { DashboardFieldsFragment, DashboardScopeInput, FilterComparison } from "@/gql/graphql";
import type { Filter } from "@/features/dashboards/filters";
import { readRange } from "@/features/dashboards/time_range";
import type { KeptScope, Shown } from "@/features/dashboards/view_state";

const signs: Record<FilterComparison, Filter["is"]> = { EQUAL: "=", NOT_EQUAL: "<>", AT_LEAST: ">=", AT_MOST: "<=", CONTAINS: "contains", WITHIN: "within" };
const names = Object.fromEntries(Object.entries(signs).map(([name, sign]) => [sign, name])) as Record<Filter["is"], FilterComparison>;

export const keptScope = ({ range, timeColumn, filters }: DashboardFieldsFragment["scope"]): KeptScope => ({
  range: readRange(range),
  timeColumn: timeColumn ?? null,
  filters: filters.map(({ column, comparison, value }) => ({ column, is: signs[comparison], value: value ?? null })),
});

/** What is kept of what is shown: a filter that a tile gave is everybody's then. */
export const toScopeInput = ({ range, timeColumn, filters }: Shown): DashboardScopeInput => ({
  range,
  timeColumn,
  filters: filters.map(({ column, is, value }) => ({ column, comparison: names[is], value })),
});
