import { t } from "@lingui/core/macro";
import { useMutation, useQuery } from "urql";
import { PolicyList } from "@/features/policies/policy_list";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { Failed, SkeletonLines } from "@/ui/states";

const PoliciesOfTable = graphql(`
  query TablePolicies($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        columns {
          name
        }
        policies {
          id
          ...PolicyRow
        }
      }
    }
  }
`);

const SetPolicy = graphql(`
  mutation SetPolicy($input: SetPolicyInput!) {
    setPolicy(input: $input) {
      id
      ...PolicyRow
    }
  }
`);

/** Who sees what of a table of the lake. */
export function TablePolicies({ tableId, name }: { tableId: string; name: string }) {
  const [{ data, error }, look] = useQuery({ query: PoliciesOfTable, variables: { id: tableId }, requestPolicy: "cache-and-network" });
  const [{ fetching }, set] = useMutation(SetPolicy);
  const again = () => look({ requestPolicy: "network-only" });
  if (error && !data?.node) return <Failed message={errorText(error)} onRetry={again} />;
  if (data?.node?.__typename !== "Table") return <SkeletonLines lines={4} label={t`Loading policies`} />;
  return (
    <PolicyList policies={data.node.policies ?? []} table={name} columns={data.node.columns.map((column) => column.name).filter((column) => !column.includes("."))} saving={fetching} onChanged={again}
      none={t`Whoever may read the catalog sees every row and column of this table. A policy leaves rows out, or hides or masks columns, for the roles that it names.`}
      save={(draft) => set({ input: { ...draft, tableId, roles: [...draft.roles], rowFilter: draft.rowFilter || null, columns: draft.columns.map(({ column, rule }) => ({ column, rule })) } })} />
  );
}
