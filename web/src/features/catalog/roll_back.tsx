import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMutation } from "urql";
import { tableInSql, type Place } from "@/features/catalog/append_code";
import { useCreateTag } from "@/features/catalog/refs_panel";
import { rowsBetween, tagBefore, type Snapshot } from "@/features/catalog/snapshot_text";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText, type Problem } from "@/ui/error_text";
import { formatMoment } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Ago } from "@/ui/moment";
import { tell } from "@/ui/tell";
import { toast } from "@/ui/toast";

const RollBack = graphql(`
  mutation RollBack($tableId: ID!, $snapshotId: ID!) {
    rollBackTable(tableId: $tableId, snapshotId: $snapshotId) {
      id
      rowCount
      sizeBytes
      fileCount
      lastUpdatedAt
      currentSnapshot {
        id
      }
    }
  }
`);

/** Says what will be, and keeps what is under a tag before it goes. */
export function RollBackDialog({ tableId, place, present, to, onClose, onDone }: {
  tableId: string; place: Place; present: Snapshot | undefined; to: Snapshot; onClose: () => void; onDone: () => void;
}) {
  const [keep, setKeep] = useState(true);
  const [tag] = useState(() => tagBefore(new Date()));
  const [{ fetching: tagging }, createTag] = useCreateTag();
  const [{ fetching }, rollBack] = useMutation(RollBack);
  const [problem, setProblem] = useState<Problem | null>(null);
  const more = rowsBetween(present, to);
  const confirm = async () => {
    setProblem(null);
    if (keep && present) {
      const { error } = await createTag({ tableId, name: tag, snapshotId: present.id });
      if (error) return setProblem(error);
    }
    const { error } = await rollBack({ tableId, snapshotId: to.id });
    if (error) return setProblem(error);
    toast(t`Rolled ${place.table} back to ${formatMoment(to.committedAt)}`);
    onDone();
    onClose();
  };
  return (
    <Dialog title={t`Roll ${place.table} back?`} onClose={onClose}>
      <div className="grid gap-3 text-sm">
        <p><Trans>The table will be as it was <strong className="font-semibold">{formatMoment(to.committedAt)}</strong>{to.totalRows != null && t`, with ${plural(to.totalRows, { one: "# row", other: "# rows" })}`}{more !== null && more !== 0 && (more < 0 ? t`: ${plural(-more, { one: "# row", other: "# rows" })} fewer than now` : t`: ${plural(more, { one: "# row", other: "# rows" })} more than now`)}. Queries, dashboards and agents see it so at once; rows that come in later are added to that.</Trans></p>
        <label className="flex items-start gap-2">
          <input type="checkbox" className="mt-1 accent-solid" checked={keep} disabled={!present} onChange={() => setKeep(!keep)} />
          <span><Trans>Keep what is there now under a tag, so that there is a way back<span className="block font-mono text-xs break-all text-muted">{tag}</span></Trans></span>
        </label>
        {!keep && <p className="text-warn"><Trans>Without a tag, what came later is lost when its snapshots expire.</Trans></p>}
        {problem && <p role="alert" className="text-danger">{errorText(problem)}</p>}
      </div>
      <DialogActions>
        <Button onClick={onClose}><Trans>Cancel</Trans></Button>
        <Button kind="danger" busy={tagging || fetching} onClick={() => void confirm()}><Trans>Roll back</Trans></Button>
      </DialogActions>
    </Dialog>
  );
}

/** Stands above the snapshots of a table that was rolled back: what was set aside, and the way to it. */
export function SetAside({ tableId, place, newest, canChange, onDone }: { tableId: string; place: Place; newest: Snapshot; canChange: boolean; onDone: () => void }) {
  const [{ fetching }, rollBack] = useMutation(RollBack);
  const undo = async () => {
    if (tell(await rollBack({ tableId, snapshotId: newest.id }), t`${place.table} is as it was before the roll-back`)) onDone();
  };
  return (
    <div role="note" className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg bg-warn-soft px-4 py-2.5 text-sm">
      <Icon name="history" className="text-warn max-sm:hidden" />
      <p className="min-w-48 grow"><Trans>The table is rolled back. A newer snapshot, <Ago at={newest.committedAt} />{newest.totalRows != null && t`, with ${plural(newest.totalRows, { one: "# row", other: "# rows" })}`}, is set aside.</Trans></p>
      <span className="flex flex-wrap gap-1.5">
        <Link to="/sql" search={{ q: `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100`, asOf: newest.id }} className={buttonClass("plain", true)}><Trans>Query it</Trans></Link>
        {canChange && <Button small icon="refresh" busy={fetching} onClick={() => void undo()}><Trans>Undo the roll-back</Trans></Button>}
      </span>
    </div>
  );
}
