import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation } from "urql";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import type { ReplayAgainst, ReplayVerdict } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { errorText, sentence } from "@/ui/error_text";
import { formatBytes, formatCount } from "@/ui/format";
import { asRows, cellText } from "@/ui/grid/cells";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Badge } from "@/ui/states";
import { toast } from "@/ui/toast";

export const EvidenceFields = graphql(`
  fragment EvidenceFields on Evidence {
    id
    engine
    engineReason
    resultHash
    rowCount
    createdAt
    pinned
    tables {
      fullName
      snapshotId
      schemaId
      files
      filesTotal
      bytes
      rows
      hotRows
    }
  }
`);

const ReplayEvidence = graphql(`
  mutation ReplayEvidence($id: ID!, $against: ReplayAgainst!) {
    replay(evidenceId: $id, against: $against) {
      verdict
      reason
      before
      after
      removedRows
      addedRows
      tables {
        fullName
        rowsBefore
        rowsNow
        schemaChanged
      }
    }
  }
`);

const PinEvidence = graphql(`
  mutation PinEvidence($id: ID!) {
    pinEvidence(id: $id) {
      id
      pinned
    }
  }
`);

const UnpinEvidence = graphql(`
  mutation UnpinEvidence($id: ID!) {
    unpinEvidence(id: $id) {
      id
      pinned
    }
  }
`);

const verdicts: Record<ReplayVerdict, ["ok" | "warn" | "danger", string]> = {
  SAME: ["ok", t`the same rows`],
  CHANGED: ["danger", t`other rows`],
  EXPIRED: ["warn", "expired"],
};

/** What an answer was made from, and whether it still comes out the same. */
export function EvidencePanel({ evidence: masked, canEdit }: { evidence: FragmentType<typeof EvidenceFields>; canEdit: boolean }) {
  const evidence = readFragment(EvidenceFields, masked);
  const [{ data, fetching, error }, replay] = useMutation(ReplayEvidence);
  const [{ fetching: pinning }, pin] = useMutation(PinEvidence);
  const [{ fetching: unpinning }, unpin] = useMutation(UnpinEvidence);
  const togglePin = async () => {
    const result = await (evidence.pinned ? unpin : pin)({ id: evidence.id });
    if (result.error) toast(errorText(result.error), "failed");
    else toast(evidence.pinned ? t`The snapshots may expire again` : t`Pinned: the snapshots are kept`);
  };
  const [against, setAgainst] = useState<ReplayAgainst>("SNAPSHOT");
  const again = (wanted: ReplayAgainst) => {
    setAgainst(wanted);
    void replay({ id: evidence.id, against: wanted });
  };
  const replayed = fetching ? undefined : data?.replay;
  // The data of now may well give other rows; that of then may not.
  const tone = replayed && (against === "NOW" && replayed.verdict === "CHANGED" ? "ice" : verdicts[replayed.verdict][0]);
  const facts = [
    [t`Engine`, `${evidence.engine}: ${evidence.engineReason}`],
    [t`Rows`, formatCount(evidence.rowCount)],
    [t`Answered`, <Ago key="a" at={evidence.createdAt} />],
    [t`Hash of the rows`, <span key="h" className="flex min-w-0 items-center gap-1"><code className="min-w-0 truncate font-mono text-xs" title={evidence.resultHash}>{evidence.resultHash}</code><CopyButton text={evidence.resultHash} label={t`Copy the hash`} /></span>],
    [t`Evidence`, <span key="e" className="flex min-w-0 items-center gap-1"><code className="min-w-0 truncate font-mono text-xs">{evidence.id}</code><CopyButton text={evidence.id} label={t`Copy the evidence's id`} /></span>],
  ] as const;
  return (
    <div className="h-full overflow-auto p-4">
      <div className="grid max-w-3xl gap-5">
        <div className="flex flex-wrap items-center gap-2">
          <Button icon="history" busy={fetching && against === "SNAPSHOT"} disabled={fetching} onClick={() => again("SNAPSHOT")}><Trans>Replay</Trans></Button>
          <Button icon="refresh" busy={fetching && against === "NOW"} disabled={fetching} onClick={() => again("NOW")}><Trans>Ask again now</Trans></Button>
          {canEdit && <Button kind="quiet" busy={pinning || unpinning} onClick={() => void togglePin()}>{evidence.pinned ? t`Unpin` : t`Pin`}</Button>}
          {evidence.pinned && <Badge tone="ice"><Trans>pinned</Trans></Badge>}
          <p className="text-xs text-muted"><Trans>Replay asks the same question of the same snapshots; asking again now, of the data as it is. Both compare.</Trans></p>
        </div>
        <div role="status" aria-live="polite" className="empty:hidden">
          {error && <p className="text-sm text-danger">{errorText(error)}</p>}
          {replayed && (
            <div className="panel grid gap-2 p-4">
              <p className="flex flex-wrap items-center gap-2 text-sm"><Badge tone={tone}>{verdicts[replayed.verdict][1]}</Badge> {sentence(replayed.reason)}</p>
              <RowDifference title={t`No longer there`} rows={replayed.removedRows} />
              <RowDifference title={t`New`} rows={replayed.addedRows} />
              {replayed.tables.length > 0 && (
                <div>
                  <h3 className="text-xs font-semibold text-muted"><Trans>Tables whose data is another</Trans></h3>
                  <ul className="mt-1 grid gap-0.5 text-sm">
                    {replayed.tables.map((table) => (
                      <li key={table.fullName} className="numeric flex flex-wrap items-center gap-x-2"><span className="font-medium">{table.fullName}</span> <span className="text-muted"><Trans>{formatCount(table.rowsBefore)} rows read then, {formatCount(table.rowsNow)} now</Trans></span>{table.schemaChanged && <Badge tone="warn"><Trans>other columns</Trans></Badge>}</li>
                    ))}
                  </ul>
                </div>
              )}
            </div>
          )}
        </div>
        <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] items-center gap-x-4 gap-y-1.5 text-sm">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
        </dl>
        {evidence.tables.length === 0 ? <p className="text-sm text-muted"><Trans>No table was read.</Trans></p> : (
          <div className="panel overflow-hidden">
            <ListTable label={t`Tables that were read`} heads={[t`Table`, t`Snapshot`, { name: t`Files read`, right: true }, { name: t`Rows`, right: true }, { name: t`Bytes`, right: true }]}>
              {evidence.tables.map((table) => (
                <tr key={table.fullName}>
                  <Cell><span className="font-medium">{table.fullName}</span>{table.hotRows > 0 && <p className="text-xs text-muted"><Trans>and {plural(table.hotRows, { one: "# row", other: "# rows" })} from the log</Trans></p>}</Cell>
                  <Cell mono>{table.snapshotId ? <span className="flex items-center gap-1"><span title={table.snapshotId}>…{table.snapshotId.slice(-8)}</span><CopyButton text={table.snapshotId} label={t`Copy the snapshot's id`} /></span> : "–"}</Cell>
                  <Cell right><Trans>{table.files} of {table.filesTotal}</Trans></Cell>
                  <Cell right>{formatCount(table.rows)}</Cell>
                  <Cell right>{formatBytes(table.bytes)}</Cell>
                </tr>
              ))}
            </ListTable>
          </div>
        )}
      </div>
    </div>
  );
}

function RowDifference({ title, rows }: { title: string; rows: unknown }) {
  const list = asRows(rows);
  if (list.length === 0) return null;
  return (
    <div>
      <h3 className="text-xs font-semibold text-muted">{title}</h3>
      <pre className="max-h-40 overflow-auto font-mono text-xs">{list.map((row) => row.map((value) => cellText(value) || "null").join("  ")).join("\n")}</pre>
    </div>
  );
}
