import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { asRows } from "@/ui/grid/cells";
import { ResultGrid } from "@/ui/grid/result_grid";
import { Empty, Failed, Skeleton } from "@/ui/states";

const TableSample = graphql(`
  query TableSample($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        sample(first: 50) {
          columns {
            name
            type
          }
          rows
          totalRows
        }
      }
    }
  }
`);

export function SampleTab({ tableId }: { tableId: string }) {
  const [{ data, error, fetching }, retry] = useQuery({ query: TableSample, variables: { id: tableId } });
  const again = () => retry({ requestPolicy: "network-only" });
  if (error && !data?.node) return <Failed message={errorText(error)} onRetry={again} />;
  if (data?.node?.__typename !== "Table") return <Skeleton className="h-96" />;
  const { sample } = data.node;
  const rows = asRows(sample.rows);
  if (rows.length === 0) {
    return <Empty icon="table" title={t`No rows yet`} action={<Button icon="refresh" busy={fetching} onClick={again}><Trans>Look again</Trans></Button>}><Trans>Send some: the tab Code says how.</Trans></Empty>;
  }
  return (
    <div className="grid gap-2">
      <div className="panel h-[28rem] overflow-hidden"><ResultGrid label={t`Sample`} columns={sample.columns} rows={rows} totalRows={rows.length} /></div>
      <div className="flex items-center justify-between gap-4 text-xs text-muted">
        <span><Trans>Some rows as they are now, with the policies that hold for you.</Trans></span>
        <Button small icon="refresh" busy={fetching} onClick={again}><Trans>Look again</Trans></Button>
      </div>
    </div>
  );
}
