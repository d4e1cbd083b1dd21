import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { SelectField } from "@/ui/field";
import { formatMoment } from "@/ui/format";
import { asColumns, asRows } from "@/ui/grid/cells";
import { ResultGrid } from "@/ui/grid/result_grid";
import { usePoll } from "@/ui/poll";
import { Empty, Failed, Skeleton } from "@/ui/states";

const Results = graphql(`
  query ScheduledResults($id: ID!) {
    scheduledResults(id: $id, first: 20) {
      at
      result {
        columns
        rows
        rowCount
      }
    }
  }
`);

/** The last answers of a scheduled query. */
export function ScheduledResults({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const [{ data, error }, look] = useQuery({ query: Results, variables: { id }, requestPolicy: "cache-and-network" });
  const [at, setAt] = useState(0);
  const results = data?.scheduledResults ?? [];
  usePoll(() => look({ requestPolicy: "network-only" }), data && results.length === 0 ? 3000 : null);
  const shown = results[at];
  return (
    <Dialog title={name} onClose={onClose} wide>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <Skeleton className="h-64" />}
      {data && !shown && <Empty icon="clock" title={t`No answers yet`}><Trans>They come by the clock, or when it is asked now. You see those that were made from tables that you may read.</Trans></Empty>}
      {shown && (
        <div className="grid gap-3">
          <SelectField label={t`Asked`} value={at} onChange={(event) => setAt(Number(event.target.value))}>
            {results.map((each, i) => <option key={each.at} value={i}>{formatMoment(each.at)}, {plural(each.result.rowCount, { one: "# row", other: "# rows" })}</option>)}
          </SelectField>
          <div className="h-80 overflow-hidden rounded-lg border border-line"><ResultGrid key={shown.at} label={t`Answer of ${name}`} columns={asColumns(shown.result.columns)} rows={asRows(shown.result.rows)} totalRows={asRows(shown.result.rows).length} /></div>
        </div>
      )}
    </Dialog>
  );
}
