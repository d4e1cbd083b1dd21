import { Link } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState } from "react";
import { useClient, useMutation } from "urql";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import type { InsightCardFieldsFragment } from "@/gql/graphql";
import { Button, buttonClass } from "@/ui/button";
import { Chart } from "@/ui/chart/chart";
import { errorText } from "@/ui/error_text";
import { asRows, type ResultColumn, type Row } from "@/ui/grid/cells";
import { Icon } from "@/ui/icon";
import { Markdown } from "@/ui/markdown";
import { Ago } from "@/ui/moment";
import { Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";

export const InsightCardFields = graphql(`
  fragment InsightCardFields on Insight {
    id
    title
    narrative
    evidenceId
    createdBy
    createdAt
    archived
    spec {
      kind
      x
      y
      series
      stacked
    }
  }
`);

const ArchiveInsight = graphql(`
  mutation ArchiveInsight($id: ID!, $archived: Boolean!) {
    archiveInsight(id: $id, archived: $archived) {
      id
      archived
    }
  }
`);

const InsightStatement = graphql(`
  query InsightStatement($id: ID!) {
    evidence(id: $id) {
      id
      statement
    }
  }
`);

const DrawInsight = graphql(`
  mutation DrawInsight($input: RunQueryInput!) {
    runQuery(input: $input) {
      id
      error {
        message
      }
      result(offset: 0, first: 500) {
        columns {
          name
          type
        }
        rows
      }
    }
  }
`);

/** An insight: what, how it looks, and what it is from. */
export function InsightCard({ insight: masked, canEdit, onChanged }: { insight: FragmentType<typeof InsightCardFields>; canEdit: boolean; onChanged: () => void }) {
  const insight = readFragment(InsightCardFields, masked);
  const heading = useId();
  const [{ fetching }, archive] = useMutation(ArchiveInsight);
  const putAway = async (archived: boolean) => {
    const { error } = await archive({ id: insight.id, archived });
    if (error) return toast(errorText(error), "failed");
    toast(archived ? "Put away" : "Back among the insights");
    onChanged();
  };
  return (
    <article aria-labelledby={heading} className="panel grid gap-3 p-4">
      <h2 id={heading} className="text-base font-semibold tracking-tight break-words">{insight.title}</h2>
      <div className={insight.spec && insight.evidenceId ? "grid items-start gap-4 md:grid-cols-2" : ""}>
        <div className="grid gap-2">
          <Markdown text={insight.narrative} />
          <p className="text-xs text-muted">{insight.createdBy}, <Ago at={insight.createdAt} /></p>
        </div>
        {insight.spec && insight.evidenceId && <Drawing evidenceId={insight.evidenceId} spec={insight.spec} label={insight.title} />}
      </div>
      <footer className="flex flex-wrap gap-2">
        {insight.evidenceId && <Link to="/evidence/$id" params={{ id: insight.evidenceId }} className={buttonClass("plain", true)}><Icon name="evidence" size={14} /> Evidence</Link>}
        {canEdit && <Button small kind="quiet" busy={fetching} onClick={() => void putAway(!insight.archived)}>{insight.archived ? "Take back" : "Put away"}</Button>}
      </footer>
    </article>
  );
}

type Drawn = { columns: readonly ResultColumn[]; rows: readonly Row[] } | { problem: string };

/** Asked when it comes into sight; as the tables are now. */
function Drawing({ evidenceId, spec, label }: { evidenceId: string; spec: NonNullable<InsightCardFieldsFragment["spec"]>; label: string }) {
  const client = useClient();
  const frame = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    let gone = false;
    const ask = async () => {
      const { data, error } = await client.query(InsightStatement, { id: evidenceId }, { requestPolicy: "cache-first" }).toPromise();
      if (!data?.evidence) return gone || setDrawn({ problem: error ? errorText(error) : "Its evidence is kept no longer." });
      const run = await client.mutation(DrawInsight, { input: { statement: data.evidence.statement, waitMs: 20_000 } }).toPromise();
      const { result, error: failed } = run.data?.runQuery ?? {};
      if (!gone) setDrawn(result ? { columns: result.columns, rows: asRows(result.rows) } : { problem: failed?.message ?? (run.error ? errorText(run.error) : "It takes too long to draw. Open its evidence.") });
    };
    const sight = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      sight.disconnect();
      setSeen(true);
      void ask();
    });
    sight.observe(frame.current!);
    return () => {
      gone = true;
      sight.disconnect();
    };
  }, [client, evidenceId]);
  return (
    <div ref={frame} className="h-52 min-w-0">
      {!drawn && (seen ? <Skeleton className="h-full" /> : <div className="h-full rounded-md bg-sunken" />)}
      {drawn && "problem" in drawn && <p className="grid h-full place-items-center rounded-md bg-sunken p-4 text-center text-sm text-muted">{drawn.problem}</p>}
      {drawn && "rows" in drawn && <Chart label={label} columns={drawn.columns} rows={drawn.rows} spec={spec} />}
    </div>
  );
}
