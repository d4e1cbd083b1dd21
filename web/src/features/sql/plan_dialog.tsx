import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { formatBytes, formatCount } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Failed, SkeletonLines } from "@/ui/states";

const Explain = graphql(`
  query Explain($statement: String!) {
    explainQuery(statement: $statement) {
      text
      tables {
        fullName
        files
        filesTotal
        bytes
        rows
        hotRows
      }
    }
  }
`);

/** How a statement would run, without running it: what it would read, and the engine's plan. */
export function PlanDialog({ statement, onClose }: { statement: string; onClose: () => void }) {
  const [{ data, error }, look] = useQuery({ query: Explain, variables: { statement }, requestPolicy: "network-only" });
  return (
    <Dialog title={t`Plan`} onClose={onClose} wide>
      {error && !data && <Failed title={t`It cannot be planned`} message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <SkeletonLines label={t`Planning`} lines={8} />}
      {data && (
        <div className="grid gap-4 [&>*]:min-w-0">
          {data.explainQuery.tables.length > 0 && (
            <div className="panel overflow-hidden">
              <ListTable label={t`What it would read`} heads={[t`Table`, { name: t`Files`, right: true }, { name: t`Bytes`, right: true }, { name: t`Rows, at most`, right: true }]}>
                {data.explainQuery.tables.map((table) => (
                  <tr key={table.fullName}>
                    <Cell className="font-medium">{table.fullName}</Cell>
                    <Cell right><Trans>{table.files} of {table.filesTotal}</Trans></Cell>
                    <Cell right>{formatBytes(table.bytes)}</Cell>
                    <Cell right>{formatCount(table.rows + table.hotRows)}</Cell>
                  </tr>
                ))}
              </ListTable>
            </div>
          )}
          <div className="relative">
            <pre tabIndex={0} aria-label={t`The engine’s plan`} className="max-h-[60vh] overflow-auto rounded-lg border border-line bg-sunken p-4 font-mono text-[0.6875rem] leading-tight">{data.explainQuery.text}</pre>
            <div className="absolute top-1.5 right-1.5 rounded-md bg-sunken"><CopyButton text={data.explainQuery.text} label={t`Copy the plan`} /></div>
          </div>
        </div>
      )}
    </Dialog>
  );
}
