import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMutation } from "urql";
import { tableInSql, type Place } from "@/features/catalog/append_code";
import { useCreateTag } from "@/features/catalog/refs_panel";
import { rollForwardCode, rowsBetween, tagBefore, type Snapshot } from "@/features/catalog/snapshot_text";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { CodeBlock } from "@/ui/copy";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText, type Problem } from "@/ui/error_text";
import { formatMoment, plural } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Ago } from "@/ui/moment";
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
    toast(`Rolled ${place.table} back to ${formatMoment(to.committedAt)}`);
    onDone();
    onClose();
  };
  return (
    <Dialog title={`Roll ${place.table} back?`} onClose={onClose}>
      <div className="grid gap-3 text-sm">
        <p>The table will be as it was <strong className="font-semibold">{formatMoment(to.committedAt)}</strong>{to.totalRows != null && <>, with {plural(to.totalRows, "row")}</>}{more !== null && more !== 0 && <>: {plural(Math.abs(more), "row")} {more < 0 ? "fewer" : "more"} than now</>}. Queries, dashboards and agents see it so at once; rows that come in later are added to that.</p>
        <label className="flex items-start gap-2">
          <input type="checkbox" className="mt-1 accent-solid" checked={keep} disabled={!present} onChange={() => setKeep(!keep)} />
          <span>Keep what is there now under a tag, so that there is a way back<span className="block font-mono text-xs break-all text-muted">{tag}</span></span>
        </label>
        {!keep && <p className="text-warn">Without a tag, what came later is lost when its snapshots expire.</p>}
        {problem && <p role="alert" className="text-danger">{errorText(problem)}</p>}
      </div>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="danger" busy={tagging || fetching} onClick={() => void confirm()}>Roll back</Button>
      </DialogActions>
    </Dialog>
  );
}

/** Stands above the snapshots of a table that was rolled back: what was set aside, and the way to it. */
export function SetAside({ place, newest, present, canChange }: { place: Place; newest: Snapshot; present: string; canChange: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <div role="note" className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg bg-warn-soft px-4 py-2.5 text-sm">
      <Icon name="history" className="text-warn max-sm:hidden" />
      <p className="min-w-48 grow">The table is rolled back. A newer snapshot, <Ago at={newest.committedAt} />{newest.totalRows != null && <>, with {plural(newest.totalRows, "row")}</>}, is set aside.</p>
      <span className="flex flex-wrap gap-1.5">
        <Link to="/sql" search={{ q: `SELECT *\nFROM ${tableInSql(place)}\nLIMIT 100`, asOf: newest.id }} className={buttonClass("plain", true)}>Query it</Link>
        {canChange && <Button small icon="refresh" onClick={() => setOpen(true)}>Undo the roll-back</Button>}
      </span>
      {open && <RollForwardDialog place={place} to={newest} present={present} onClose={() => setOpen(false)} />}
    </div>
  );
}

/** The way back goes through the Iceberg catalog, as any Iceberg client would take it. */
function RollForwardDialog({ place, to, present, onClose }: { place: Place; to: Snapshot; present: string; onClose: () => void }) {
  return (
    <Dialog title="Undo the roll-back" wide onClose={onClose}>
      <div className="grid gap-3 text-sm [&>*]:min-w-0">
        <p>This makes the snapshot of <strong className="font-semibold">{formatMoment(to.committedAt)}</strong> the present one again{to.totalRows != null && <>, with {plural(to.totalRows, "row")}</>}. It is refused if anything was committed since, so that nothing is lost. Any Iceberg client can do it; with curl:</p>
        <CodeBlock label="Undo the roll-back with curl" code={rollForwardCode(location.origin, place, present, to.id)} />
        <p className="text-muted">The key is a <Link to="/settings" search={{ section: "accounts" }} className="font-medium text-accent underline underline-offset-2">service account’s</Link> that may edit, in the environment as FIRN_KEY. This page follows by itself.</p>
      </div>
      <DialogActions><Button onClick={onClose}>Close</Button></DialogActions>
    </Dialog>
  );
}
