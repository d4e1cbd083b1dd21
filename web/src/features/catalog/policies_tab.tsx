import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";

const TablePolicies = graphql(`
  query TablePolicies($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        policies {
          id
          name
          roles
          rowFilter
          createdAt
          createdBy
          columns {
            column
            rule
          }
        }
      }
    }
  }
`);

export function PoliciesTab({ tableId }: { tableId: string }) {
  const [{ data, error }, retry] = useQuery({ query: TablePolicies, variables: { id: tableId }, requestPolicy: "cache-and-network" });
  if (error && !data?.node) return <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (data?.node?.__typename !== "Table") return <SkeletonLines lines={4} label="Loading policies" />;
  const policies = data.node.policies ?? [];
  if (policies.length === 0) {
    return <Empty icon="shield" title="Everybody with access sees everything">No policy hides rows or columns of this table. One is made with the mutation setPolicy.</Empty>;
  }
  return (
    <div className="panel overflow-hidden">
      <ListTable label="Policies" heads={["Policy", "For", "Rows", "Columns", { name: "Made", right: true }]}>
        {policies.map((policy) => (
          <tr key={policy.id}>
            <Cell><span className="font-medium">{policy.name}</span></Cell>
            <Cell><span className="flex flex-wrap gap-1">{policy.roles.map((role) => <Badge key={role}>{role.toLowerCase()}</Badge>)}</span></Cell>
            <Cell mono>{policy.rowFilter ?? <span className="text-muted">all</span>}</Cell>
            <Cell><span className="flex flex-wrap gap-1">{policy.columns.length ? policy.columns.map(({ column, rule }) => <Badge key={column} tone="warn">{column}: {rule.toLowerCase()}</Badge>) : <span className="text-muted">all</span>}</span></Cell>
            <Cell right muted>{policy.createdBy}, <Ago at={policy.createdAt} /></Cell>
          </tr>
        ))}
      </ListTable>
    </div>
  );
}
