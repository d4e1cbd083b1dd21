import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useQuery } from "urql";
import { healthOf } from "@/features/catalog/table_health";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { errorText } from "@/ui/error_text";
import { Facts } from "@/ui/facts";
import { formatBytes, formatCount, formatShort } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";

const TableFiles = graphql(`
  query TableFiles($id: ID!, $after: String) {
    node(id: $id) {
      __typename
      id
      ... on Table {
        formatVersion
        location
        rowCount
        sizeBytes
        fileCount
        sortOrder {
          sourceColumn
          descending
        }
        files(first: 50, after: $after) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          edges {
            cursor
            node {
              path
              content
              format
              rowCount
              sizeBytes
              partition
            }
          }
        }
      }
    }
  }
`);

export function FilesTab({ tableId, current }: { tableId: string; current: string | null }) {
  return <Files key={current} tableId={tableId} />;
}

function Files({ tableId }: { tableId: string }) {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({ query: TableFiles, variables: { id: tableId, after }, requestPolicy: after ? "cache-first" : "cache-and-network" });
  if (error && !data?.node) return <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />;
  if (data?.node?.__typename !== "Table") return <SkeletonLines lines={6} label={t`Loading files`} />;
  const { files, fileCount, sizeBytes, rowCount, formatVersion, sortOrder, location } = data.node;
  const health = healthOf({ fileCount, sizeBytes });
  if (files.edges.length === 0) return <Empty icon="data" title={t`No files yet`}><Trans>Rows are in the log until the next commit; it writes them as Parquet.</Trans></Empty>;
  return (
    <div className="grid gap-4 [&>*]:min-w-0">
      <Facts strong={false} across={4} facts={[
        [t`A file, on average`, fileCount ? t`${formatBytes(sizeBytes / fileCount)}, ${formatShort(Math.round(rowCount / fileCount))} rows` : "–"],
        [t`Sorted by`, sortOrder.length ? sortOrder.map((field) => `${field.sourceColumn}${field.descending ? " ↓" : ""}`).join(", ") : "nothing"],
        [t`Iceberg format`, t`version ${formatVersion}`],
        [t`Location`, <span key="l" className="flex items-center gap-1"><span className="min-w-0 truncate font-mono text-xs" title={location}>{location.split("/").at(-1)}</span><span className="-my-2"><CopyButton text={location} label={t`Copy the location`} /></span></span>],
      ]} />
      <p className="flex items-center gap-2 text-sm"><Badge tone={health.tone}>{health.tone === "ok" ? t`healthy` : t`small files`}</Badge> <span className="text-muted">{health.text}</span></p>
      <div className="panel overflow-hidden">
        <ListTable label={t`Files`} heads={[t`File`, t`Partition`, { name: t`Rows`, right: true }, { name: t`Size`, right: true }]}>
          {files.edges.map(({ node: file }) => (
            <tr key={file.path}>
              <Cell mono>
                <span className="flex items-center gap-1.5 whitespace-nowrap">
                  <span title={file.path}>{shortPath(file.path)}</span>
                  {file.content !== "data" && <Badge tone="warn">{file.content}</Badge>}
                </span>
              </Cell>
              <Cell mono muted className="whitespace-nowrap">{partitionText(file.partition)}</Cell>
              <Cell right>{formatCount(file.rowCount)}</Cell>
              <Cell right>{formatBytes(file.sizeBytes)}</Cell>
            </tr>
          ))}
        </ListTable>
        <footer className="flex items-center justify-between gap-4 border-t border-line px-4 py-2 text-xs text-muted">
          <Trans>{files.edges.length} of {plural(files.totalCount, { one: "# file", other: "# files" })}</Trans>
          {files.pageInfo.hasNextPage && <Button small busy={fetching} onClick={() => setAfter(files.pageInfo.endCursor ?? null)}><Trans>Show more</Trans></Button>}
        </footer>
      </div>
    </div>
  );
}

/** The name and the end of the folder: enough to tell files apart; the whole path on hovering. */
const shortPath = (path: string) => {
  const name = path.split("/").at(-1) ?? path;
  return name.length > 34 ? `${name.slice(0, 14)}…${name.slice(-18)}` : name;
};

const partitionText = (partition: unknown) =>
  partition && typeof partition === "object" && Object.keys(partition).length
    ? Object.entries(partition).map(([name, value]) => `${name}=${String(value)}`).join(", ")
    : "–";
