import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import { momentAt, momentsOf, type Commit, type Moment } from "@/features/sql/as_of";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { formatMoment } from "@/ui/format";
import { Icon } from "@/ui/icon";
import { Skeleton } from "@/ui/states";

const TablesRead = graphql(`
  query TablesRead($statement: String!) {
    explainQuery(statement: $statement) {
      tables {
        fullName
        tableUuid
      }
    }
    tables(first: 500) {
      edges {
        node {
          id
          fullName
        }
      }
    }
  }
`);

const Commits = graphql(`
  query TableCommits($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on Table {
        fullName
        snapshots(first: 200) {
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

type Loaded = { moments: readonly Moment[] } | { problem: string };

/**
 * Time as a slider: every commit of the tables that the statement reads is a stop, and each stop asks
 * the statement as of then.
 */
export function AsOfBar({ statement, asOf, onChange, onClose }: { statement: string; asOf: string | null; onChange: (asOf: string | null) => void; onClose: () => void }) {
  const client = useClient();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [asked] = useState(statement);
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<Loaded> => {
      const read = await client.query(TablesRead, { statement: asked }, { requestPolicy: "network-only" }).toPromise();
      if (!read.data) return { problem: read.error ? errorText(read.error) : t`The server gave no answer.` };
      const names = new Set(read.data.explainQuery.tables.filter((table) => table.tableUuid).map((table) => table.fullName));
      const ids = read.data.tables.edges.map((edge) => edge.node).filter((table) => names.has(table.fullName)).map((table) => table.id);
      if (ids.length === 0) return { problem: t`The statement reads no table with snapshots: there is no past to go to.` };
      const { data, error } = await client.query(Commits, { ids }, { requestPolicy: "network-only" }).toPromise();
      if (!data) return { problem: error ? errorText(error) : t`The server gave no answer.` };
      const commits: Commit[] = data.nodes.flatMap((node) => (node?.__typename !== "Table" ? [] : node.snapshots.edges.map((edge) => edge.node).filter((snapshot) => snapshot.isAncestor)
        .map((snapshot) => ({ at: snapshot.committedAt, table: node.fullName, operation: snapshot.operation, addedRows: snapshot.addedRows ?? null }))));
      return { moments: momentsOf(commits) };
    };
    void load().then((result) => { if (!gone) setLoaded(result); });
    return () => {
      gone = true;
    };
  }, [client, asked]);
  const moments = loaded && "moments" in loaded ? loaded.moments : [];
  return (
    <div role="group" aria-label={t`As of`} className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-bg px-3 py-1.5 text-sm">
      <Icon name="history" className="text-muted" />
      {!loaded && <Skeleton className="h-4 w-60" />}
      {loaded && "problem" in loaded && <p role="alert" className="min-w-0 grow text-muted">{loaded.problem}</p>}
      {moments.length > 0 && <Slider key={asOf ?? "now"} moments={moments} asOf={asOf} onChange={onChange} />}
      {loaded && "moments" in loaded && moments.length === 0 && <p className="grow text-muted"><Trans>Its tables have no snapshots yet.</Trans></p>}
      <span className="ml-auto flex items-center gap-1">
        {asOf && <Button small onClick={() => onChange(null)}><Trans>Now</Trans></Button>}
        <IconButton icon="close" label={t`Close the time slider`} onClick={onClose} />
      </span>
    </div>
  );
}

function Slider({ moments, asOf, onChange }: { moments: readonly Moment[]; asOf: string | null; onChange: (asOf: string | null) => void }) {
  const held = asOf ? momentAt(moments, asOf) : moments.length;
  const [at, setAt] = useState(held < 0 ? moments.length : held);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const moment = moments[at];
  const words = moment ? `${formatMoment(moment.at)}: ${moment.what}` : t`now, with rows that are not committed yet`;
  return (
    <>
      <input type="range" aria-label={t`As of which commit`} min={0} max={moments.length} value={at} aria-valuetext={words}
        onChange={(event) => {
          const next = Number(event.target.value);
          setAt(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(moments[next]?.at ?? null), 400);
        }}
        className="h-5 min-w-32 grow accent-solid sm:max-w-md" />
      <output className="numeric min-w-0 text-xs text-muted">{words}</output>
    </>
  );
}
