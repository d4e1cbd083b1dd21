import { useMemo } from "react";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { asColumns, asRows, type ResultColumn, type Row } from "@/ui/grid/cells";

const KeptTiles = graphql(`
  query KeptTiles($id: ID!) {
    dashboardRefresh(dashboardId: $id) {
      tiles {
        tileId
        statement
        at
        result {
          columns
          rows
          rowCount
        }
      }
    }
  }
`);

/** What a tile showed at the last refresh by the clock, with the variables' default values. */
export type KeptTile = { statement: string; at: string; columns: readonly ResultColumn[]; rows: readonly Row[]; rowCount: number };

/** By tile; empty where a dashboard is not refreshed by the clock, and until it is known. */
export function useKeptTiles(id: string): ReadonlyMap<string, KeptTile> {
  const [{ data }] = useQuery({ query: KeptTiles, variables: { id }, requestPolicy: "cache-and-network" });
  return useMemo(() => new Map((data?.dashboardRefresh?.tiles ?? []).flatMap(({ tileId, statement, at, result }) =>
    result ? [[tileId, { statement, at, columns: asColumns(result.columns), rows: asRows(result.rows), rowCount: result.rowCount }] as const] : [])), [data]);
}
