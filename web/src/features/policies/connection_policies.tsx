import { t } from "@lingui/core/macro";
import { useMutation, useQuery } from "urql";
import { PolicyList } from "@/features/policies/policy_list";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { Failed, SkeletonLines } from "@/ui/states";

const PoliciesOfConnectedTable = graphql(`
  query ConnectionPolicies($id: ID!, $schema: String!, $table: String!) {
    connection(id: $id) {
      id
      policies(schema: $schema, table: $table) {
        id
        ...PolicyRow
      }
    }
  }
`);

const SetConnectionPolicy = graphql(`
  mutation SetConnectionPolicy($input: SetConnectionPolicyInput!) {
    setConnectionPolicy(input: $input) {
      id
      ...PolicyRow
    }
  }
`);

/** Who sees what of a connected table. */
export function ConnectionPolicies({ connectionId, schema, table, fullName, columns }: { connectionId: string; schema: string; table: string; fullName: string; columns: readonly string[] }) {
  const [{ data, error }, look] = useQuery({ query: PoliciesOfConnectedTable, variables: { id: connectionId, schema, table }, requestPolicy: "cache-and-network" });
  const [{ fetching }, set] = useMutation(SetConnectionPolicy);
  const again = () => look({ requestPolicy: "network-only" });
  if (error && !data) return <section className="panel"><Failed message={errorText(error)} onRetry={again} /></section>;
  if (!data) return <section className="panel p-4"><SkeletonLines label={t`Loading policies`} lines={2} /></section>;
  return (
    <PolicyList policies={data.connection?.policies ?? []} table={fullName} columns={columns} saving={fetching} onChanged={again}
      none={t`Whoever may read the connection sees every row and column of this table. A policy leaves rows out, or hides or masks columns, for the roles that it names.`}
      save={(draft) => set({ input: { ...draft, connectionId, schema, table, roles: [...draft.roles], rowFilter: draft.rowFilter || null, columns: draft.columns.map(({ column, rule }) => ({ column, rule })) } })} />
  );
}
