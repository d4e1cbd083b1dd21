import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useDeferredValue, useState } from "react";
import { useQuery } from "urql";
import { RunState } from "@/features/sql/run_state";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";
import { formatDuration } from "@/ui/format";
import { Ago } from "@/ui/moment";
import { Failed, SkeletonLines } from "@/ui/states";

const History = graphql(`
  query History($after: String, $search: String) {
    queryHistory(first: 30, after: $after, search: $search) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          id
          statement
          state
          startedAt
          elapsedMs
          rowCount
        }
      }
    }
  }
`);

/** What was asked lately; choosing a run opens its statement, with its rows while they are kept. */
export function HistoryPanel({ onOpen }: { onOpen: (run: { id: string; statement: string }) => void }) {
  const [search, setSearch] = useState("");
  const asked = useDeferredValue(search.trim());
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, retry] = useQuery({ query: History, variables: { after, search: asked || null }, requestPolicy: after ? "cache-first" : "cache-and-network" });
  const edges = data?.queryHistory.edges ?? [];
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="shrink-0 p-3"><TextField label={t`Search the history`} hideLabel placeholder={t`Search the history`} type="search" value={search} onChange={(event) => { setSearch(event.target.value); setAfter(null); }} /></div>
      <div className="min-h-0 grow overflow-auto px-2 pb-3">
        {!data && fetching && <div className="px-2"><SkeletonLines label={t`Loading the history`} /></div>}
        {error && !data && <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />}
        {data && edges.length === 0 && <p className="px-2 py-3 text-sm text-muted">{asked ? t`No statement contains that.` : t`What you run is listed here.`}</p>}
        <ul>
          {edges.map(({ node: run }) => (
            <li key={run.id}>
              <button type="button" onClick={() => onOpen(run)} title={run.statement} className="block w-full rounded-md px-2 py-1.5 text-left hover:bg-hover focus-visible:-outline-offset-2">
                <span className="line-clamp-2 font-mono text-xs break-words">{run.statement.replace(/\s+/g, " ").slice(0, 200)}</span>
                <span className="numeric mt-1 flex items-center gap-1.5 text-xs text-muted"><RunState state={run.state} /> {formatDuration(run.elapsedMs)} · <Ago at={run.startedAt} /></span>
              </button>
            </li>
          ))}
        </ul>
        {data?.queryHistory.pageInfo.hasNextPage && <div className="p-2"><Button small busy={fetching} onClick={() => setAfter(data.queryHistory.pageInfo.endCursor ?? null)}><Trans>Show more</Trans></Button></div>}
      </div>
    </div>
  );
}
