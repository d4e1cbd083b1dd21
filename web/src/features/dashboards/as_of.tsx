import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import type { LakeTable } from "@/features/dashboards/lake_tables";
import { dayOf } from "@/features/dashboards/time_range";
import { isStaged } from "@/features/dashboards/view_state";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";
import { formatCount, formatMoment } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Ago } from "@/ui/moment";
import { SkeletonLines } from "@/ui/states";

const TileCommits = graphql(`
  query TileCommits($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on Table {
        name
        snapshots(first: 12) {
          edges {
            node {
              committedAt
              operation
              addedRows
              isAncestor
            }
          }
        }
      }
    }
  }
`);

/** Says that the past is shown, and leads back. */
export function AsOfBanner({ asOf, onChange, onNow }: { asOf: string; onChange: () => void; onNow: () => void }) {
  return (
    <div role="status" className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg bg-soft px-4 py-2 text-sm text-accent">
      <Icon name="history" />
      {isStaged(asOf)
        ? <p className="min-w-0 grow"><Trans>Every tile as it would be <span className="font-medium">with a change that is not published yet</span></Trans></p>
        : <p className="min-w-0 grow"><Trans>Every tile as its tables were on <time dateTime={asOf} className="font-medium">{formatMoment(asOf)}</time></Trans></p>}
      <span className="flex gap-2" data-controls>
        <Button small onClick={onChange}><Trans>Another time</Trans></Button>
        <Button small kind="solid" onClick={onNow}><Trans>Back to now</Trans></Button>
      </span>
    </div>
  );
}

/** As an input of the kind datetime-local takes it: in the viewer's zone. */
function localText(at: Date): string {
  return `${dayOf(at)}T${at.toTimeString().slice(0, 8)}`;
}

/** Asks for a time: typed, or that of a commit. */
export function AsOfDialog({ asOf, tables, onDone, onClose }: { asOf: string | null; tables: readonly LakeTable[]; onDone: (asOf: string) => void; onClose: () => void }) {
  const ids = tables.map((table) => table.id);
  const [{ data, error }] = useQuery({ query: TileCommits, variables: { ids }, pause: ids.length === 0, requestPolicy: "cache-and-network" });
  const [first] = useState(() => localText(asOf && !isStaged(asOf) ? new Date(asOf) : new Date()));
  const commits = (data?.nodes ?? []).flatMap((node) => (node?.__typename === "Table" ? node.snapshots.edges.filter((edge) => edge.node.isAncestor).map((edge) => ({ ...edge.node, table: node.name })) : []))
    .sort((a, b) => b.committedAt.localeCompare(a.committedAt)).slice(0, 12);
  const choose = (at: string) => {
    onDone(at);
    onClose();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const at = new Date(String(new FormData(event.currentTarget).get("at") ?? ""));
    if (!Number.isNaN(at.getTime())) choose(at.toISOString());
  };
  return (
    <Dialog title={t`As of another time`} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <TextField label={t`Show every tile as of`} name={t`at`} type="datetime-local" step={1} required defaultValue={first} hint={t`In your zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`} />
        {ids.length > 0 && (
          <section aria-label={t`Commits`} className="grid gap-1.5">
            <h3 className="text-sm font-medium"><Trans>Or right after a commit</Trans></h3>
            {error && !data && <p role="alert" className="text-xs text-danger">{errorText(error)}</p>}
            {!data && !error && <SkeletonLines lines={3} label={t`Loading commits`} />}
            {data && commits.length === 0 && <p className="text-xs text-muted"><Trans>The tables have no commits yet.</Trans></p>}
            <ul className="-mx-2 grid max-h-64 overflow-auto">
              {commits.map((commit) => (
                <li key={`${commit.table} ${commit.committedAt}`}>
                  <button type="button" onClick={() => choose(commit.committedAt)} className="flex w-full items-baseline gap-3 rounded-md px-2 py-1.5 text-left text-sm hover:bg-hover focus-visible:-outline-offset-2">
                    <span className="min-w-0 grow truncate">{commit.table} <span className="text-muted">{commit.addedRows ? t`+${formatCount(commit.addedRows)} rows` : commit.operation}</span></span>
                    <span className="text-xs text-muted"><Ago at={commit.committedAt} /></span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid"><Trans>Show</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
