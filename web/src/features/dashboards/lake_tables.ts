import { useMemo } from "react";
import { useQuery } from "urql";
import { fullNameOf, tablesIn } from "@/features/dashboards/statement_tables";
import { graphql } from "@/gql/gql";
import { isNumeric, isTemporal } from "@/ui/grid/cells";

export const TableIds = graphql(`
  query TableIds {
    tables(first: 500) {
      edges {
        node {
          id
          fullName
        }
      }
    }
  }
`);

const TileColumns = graphql(`
  query TileColumns($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on Table {
        fullName
        columns {
          fieldId
          name
          type
        }
      }
    }
  }
`);

export type LakeTable = { id: string; fullName: string; columns: readonly { name: string; type: string }[] };
export type ValueKind = "text" | "number" | "time" | "flag";

/** Of DuckDB's and Iceberg's types; null for what cannot be compared with a value that somebody types. */
export function kindOfType(type: string): ValueKind | null {
  if (isNumeric(type)) return "number";
  if (isTemporal(type)) return "time";
  if (/^(varchar|string|uuid)$/i.test(type)) return "text";
  return /^bool(ean)?$/i.test(type) ? "flag" : null;
}

/** The tables that the statements read, with their columns; null until they are known. */
export function useLakeTables(statements: readonly string[]): readonly LakeTable[] | null {
  const [{ data: all, error: unlisted }] = useQuery({ query: TableIds });
  const key = statements.join("\n;\n");
  const ids = useMemo(() => {
    const names = new Set(statements.flatMap(tablesIn).map(({ parts }) => fullNameOf(parts)));
    return (all?.tables.edges ?? []).filter(({ node }) => names.has(node.fullName.toLowerCase())).map(({ node }) => node.id);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [all, key]);
  const [{ data, error }] = useQuery({ query: TileColumns, variables: { ids }, pause: ids.length === 0 });
  return useMemo(() => {
    if (unlisted || error || (all && ids.length === 0)) return [];
    if (!data) return null;
    return data.nodes.flatMap((node) => (node?.__typename === "Table" ? [{ id: node.id, fullName: node.fullName, columns: node.columns.filter(({ name }) => !name.includes(".")) }] : []));
  }, [all, ids, data, error, unlisted]);
}

/** Columns with a time, those first that most statements' tables have. */
export function timeColumnsOf(statements: readonly string[], tables: readonly LakeTable[]): string[] {
  const counts = new Map<string, number>();
  for (const statement of statements) {
    const read = new Set(tablesIn(statement).map(({ parts }) => fullNameOf(parts)));
    const names = tables.filter(({ fullName }) => read.has(fullName.toLowerCase())).flatMap(({ columns }) => columns.filter(({ type }) => isTemporal(type)).map(({ name }) => name));
    for (const name of new Set(names)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}
