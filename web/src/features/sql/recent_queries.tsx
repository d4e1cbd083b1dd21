import { plural, t } from "@lingui/core/macro";
import { Link } from "@tanstack/react-router";
import { RunState } from "@/features/sql/run_state";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { formatDuration } from "@/ui/format";
import { Ago } from "@/ui/moment";

export const RecentQuery = graphql(`
  fragment RecentQuery on QueryRun {
    id
    statement
    state
    startedAt
    elapsedMs
    rowCount
    requestedBy
  }
`);

export function RecentQueries({ runs }: { runs: readonly FragmentType<typeof RecentQuery>[] }) {
  return (
    <ul className="divide-y divide-line">
      {readFragment(RecentQuery, runs).map((run) => (
        <li key={run.id}>
          <Link to="/sql" search={{ q: run.statement }} className="block px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2">
            <span className="block truncate font-mono text-xs">{run.statement.replace(/\s+/g, " ")}</span>
            <span className="numeric mt-1 flex items-center gap-2 text-xs text-muted">
              <RunState state={run.state} />
              <span className="truncate">
                {run.rowCount != null && t`${plural(run.rowCount, { one: "# row", other: "# rows" })} in `}{formatDuration(run.elapsedMs)} · <Ago at={run.startedAt} />
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
