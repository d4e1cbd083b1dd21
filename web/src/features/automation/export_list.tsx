import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { useTaskChanges } from "@/features/automation/use_task_changes";
import { graphql } from "@/gql/gql";
import { buttonClass, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { formatBytes } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Ago, Until } from "@/ui/moment";
import { Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";
import { isUnderWay, ProgressBar, WorkState } from "@/ui/work_state";

const Exports = graphql(`
  query Exports {
    queryExports(first: 100) {
      id
      statement
      format
      rowCount
      bytes
      expiresAt
      downloadPath
      task {
        id
        state
        percent
        createdAt
        error {
          message
        }
      }
    }
  }
`);

const DeleteExport = graphql(`
  mutation DeleteExport($id: ID!) {
    deleteExport(id: $id)
  }
`);

/** Whole answers as files, until they expire. */
export function ExportList() {
  const [{ data, error }, look] = useQuery({ query: Exports, requestPolicy: "cache-and-network" });
  const [, remove] = useMutation(DeleteExport);
  const [doomed, setDoomed] = useState<string | null>(null);
  const again = () => look({ requestPolicy: "network-only" });
  const exports = data?.queryExports ?? [];
  useTaskChanges(again);
  usePoll(again, exports.some((each) => isUnderWay(each.task.state)) ? 10_000 : 30_000);
  if (error && !data) return <Failed message={errorText(error)} onRetry={again} />;
  if (!data) return <div className="panel p-4"><SkeletonLines label={t`Loading exports`} /></div>;
  if (exports.length === 0) {
    return (
      <section className="panel">
        <Empty icon="download" title={t`No exports`} action={<Link to="/sql" className={buttonClass("solid")}><Trans>Write SQL</Trans></Link>}><Trans>Run a statement, then choose “Export” beside its rows: the whole answer is written to a file in the background, however many rows it has.</Trans></Empty>
      </section>
    );
  }
  return (
    <Section title={t`Your exports`} flush>
      <ul className="divide-y divide-line">
        {exports.map((each) => (
          <li key={each.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
            <div className="min-w-0 grow basis-64">
              <p className="truncate font-mono text-xs" title={each.statement}>{each.statement.replace(/\s+/g, " ")}</p>
              <p className="mt-1 flex flex-wrap items-center gap-2 text-xs text-muted">
                <Badge>{each.format}</Badge> <WorkState state={each.task.state} /> <Ago at={each.task.createdAt} />
                {each.rowCount != null && each.task.state === "DONE" && <span className="numeric">{plural(each.rowCount, { one: "# row", other: "# rows" })}{each.bytes != null && `, ${formatBytes(each.bytes)}`}</span>}
                {each.downloadPath && each.expiresAt && <span><Trans>kept until <Until at={each.expiresAt} /></Trans></span>}
              </p>
              {isUnderWay(each.task.state) && <div className="mt-2 max-w-60"><ProgressBar percent={each.task.percent} label={t`Progress of the export`} /></div>}
              {each.task.error && <p className="mt-1 text-xs text-danger">{each.task.error.message}</p>}
            </div>
            <div className="ml-auto flex items-center gap-1">
              {each.downloadPath && <a href={each.downloadPath} download className={buttonClass("plain", true)}><Icon name="download" size={14} /> <Trans>Download</Trans></a>}
              <IconButton icon="trash" label={t`Delete this export`} onClick={() => setDoomed(each.id)} />
            </div>
          </li>
        ))}
      </ul>
      {doomed && (
        <Confirm title={t`Delete this export?`} action={t`Delete`} onClose={() => setDoomed(null)} onConfirm={async () => {
          tell(await remove({ id: doomed }), t`Deleted the export`);
          again();
        }}><p><Trans>Its file goes with it. The statement can be exported again.</Trans></p></Confirm>
      )}
    </Section>
  );
}
