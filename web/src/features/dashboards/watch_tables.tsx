import { useEffect } from "react";
import { useQuery, useSubscription } from "urql";
import { TableIds } from "@/features/dashboards/lake_tables";
import { graphql } from "@/gql/gql";

const TileTableChanged = graphql(`
  subscription TileTableChanged($tableId: ID!) {
    tableChanged(tableId: $tableId) {
      tableId
      committedAt
    }
  }
`);

/** Shows nothing; says which of the tables, given by full name, has a new commit. */
export function WatchTables({ names, onChange }: { names: readonly string[]; onChange: (fullName: string) => void }) {
  const [{ data }] = useQuery({ query: TableIds });
  const watched = (data?.tables.edges ?? []).filter(({ node }) => names.includes(node.fullName));
  return <>{watched.map(({ node }) => <WatchTable key={node.id} id={node.id} name={node.fullName} onChange={onChange} />)}</>;
}

function WatchTable({ id, name, onChange }: { id: string; name: string; onChange: (fullName: string) => void }) {
  const [{ data }] = useSubscription({ query: TileTableChanged, variables: { tableId: id } });
  const at = data?.tableChanged.committedAt;
  useEffect(() => {
    if (at) onChange(name);
  }, [at, name, onChange]);
  return null;
}
