import { useMemo } from "react";
import { parametersOf, type TileDraft, type VariableDraft } from "@/features/dashboards/draft";
import { timeColumnsOf, useLakeTables } from "@/features/dashboards/lake_tables";
import { scopeStatement } from "@/features/dashboards/scope";
import { boundsOf } from "@/features/dashboards/time_range";
import type { Shown } from "@/features/dashboards/view_state";

/** A tile's statement as it is asked; pending until the tables' columns are known. */
export type TileScope = { statement: string; parameters: Record<string, string | number>; apart: readonly string[]; pending: boolean };

/** How the range, the filters and the variables reach each tile. `now` is the moment that ranges count from. */
export function useScope(tiles: readonly TileDraft[], variables: readonly VariableDraft[], state: Shown, now: number) {
  const statements = useMemo(() => tiles.flatMap((tile) => (tile.statement ? [tile.statement] : [])), [tiles]);
  const tables = useLakeTables(statements);
  const timeColumns = useMemo(() => timeColumnsOf(statements, tables ?? []), [statements, tables]);
  const timeColumn = state.timeColumn && timeColumns.includes(state.timeColumn) ? state.timeColumn : timeColumns[0] ?? null;
  const bounds = useMemo(() => boundsOf(state.range, new Date(now)), [state.range, now]);
  const narrowed = bounds.from !== null || bounds.to !== null || state.filters.length > 0;
  const scopes = useMemo(() => new Map(tiles.map((tile): [string, TileScope] => {
    const statement = tile.statement ?? "";
    const parameters = parametersOf(statement, variables, state.values);
    if (!narrowed || !statement) return [tile.id, { statement, parameters, apart: [], pending: false }];
    if (!tables) return [tile.id, { statement, parameters, apart: [], pending: true }];
    const scoped = scopeStatement(statement, tables, { bounds, timeColumn, filters: state.filters.filter((filter) => filter.tile !== tile.id) });
    return [tile.id, { ...scoped, parameters: { ...parameters, ...scoped.parameters }, pending: false }];
  })), [tiles, variables, state.values, state.filters, narrowed, tables, bounds, timeColumn]);
  return { tables, timeColumns, timeColumn, scopes };
}
