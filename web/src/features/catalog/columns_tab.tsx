import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { formatBytes, formatCount } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";

const TableColumns = graphql(`
  query TableColumns($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        columns {
          fieldId
          name
          type
          required
          comment
          isPartitionSource
          masked
        }
        statistics {
          fieldId
          nullCount
          valueCount
          lower
          upper
          sizeBytes
        }
      }
    }
  }
`);

type Partition = { name: string; sourceColumn: string; transform: string };

export function ColumnsTab({ tableId, partitioning }: { tableId: string; partitioning: readonly Partition[] }) {
  const [{ data, error }, retry] = useQuery({ query: TableColumns, variables: { id: tableId } });
  if (error && !data?.node) return <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (data?.node?.__typename !== "Table") return <SkeletonLines lines={8} label="Loading columns" />;
  const { columns, statistics } = data.node;
  const known = new Map((statistics ?? []).map((each) => [each.fieldId, each]));
  if (columns.length === 0) return <Empty icon="table" title="No columns">This table has no columns that you may see.</Empty>;
  return (
    <div className="panel overflow-hidden">
      <ListTable label="Columns" heads={["Column", "Type", { name: "Nulls", right: true }, "Least", "Greatest", { name: "Size", right: true }]}>
        {columns.map((column) => {
          const each = known.get(column.fieldId);
          const partition = partitioning.find((field) => field.sourceColumn === column.name);
          return (
            <tr key={column.fieldId}>
              <Cell>
                <span className="flex flex-wrap items-center gap-1.5">
                  <span className="font-medium">{column.name}</span>
                  {partition && <Badge tone="ice">partitioned by {partition.transform}</Badge>}
                  {column.masked && <Badge tone="warn">masked for you</Badge>}
                </span>
                {column.comment && <p className="max-w-sm text-xs text-muted">{column.comment}</p>}
              </Cell>
              <Cell mono>{column.type}{column.required && <span className="text-muted"> not null</span>}</Cell>
              <Cell right muted={!each?.nullCount}>{each?.nullCount == null ? "–" : formatCount(each.nullCount)}</Cell>
              <Cell className="max-w-44 truncate"><Bound value={each?.lower} /></Cell>
              <Cell className="max-w-44 truncate"><Bound value={each?.upper} /></Cell>
              <Cell right muted>{each?.sizeBytes == null ? "–" : formatBytes(each.sizeBytes)}</Cell>
            </tr>
          );
        })}
      </ListTable>
    </div>
  );
}

function Bound({ value }: { value: string | null | undefined }) {
  return value == null ? <span className="text-muted">–</span> : <span className="numeric" title={value}>{value}</span>;
}
