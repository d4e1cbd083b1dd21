import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { InsightCardFields } from "@/features/insights/insight_card";
import { InsightDrawing } from "@/features/insights/insight_drawing";
import { readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { Markdown } from "@/ui/markdown";
import { Ago } from "@/ui/moment";
import { SkeletonLines } from "@/ui/states";

const InsightById = graphql(`
  query InsightById($id: ID!) {
    insight(id: $id) {
      id
      ...InsightCardFields
    }
  }
`);

/** An insight inside a tile: what was found, drawn, and where it is from. */
export function InsightTile({ id }: { id: string }) {
  const [{ data, error }] = useQuery({ query: InsightById, variables: { id } });
  if (!data && !error) return <SkeletonLines label={t`Loading the insight`} lines={4} />;
  const insight = readFragment(InsightCardFields, data?.insight);
  if (!insight) return <p className="text-sm text-muted">{error ? errorText(error) : t`This insight is gone.`}</p>;
  const drawn = insight.spec && insight.evidenceId ? { spec: insight.spec, evidenceId: insight.evidenceId } : null;
  return (
    <article aria-label={insight.title} className="flex h-full flex-col gap-2">
      <h3 className="text-sm font-semibold"><Link to="/insights" search={{ id }} className="hover:underline">{insight.title}</Link></h3>
      <div className={drawn ? "line-clamp-3 shrink-0 overflow-hidden" : "min-h-0 grow overflow-auto"}><Markdown text={insight.narrative} /></div>
      {drawn && <div className="min-h-40 grow"><InsightDrawing {...drawn} label={insight.title} /></div>}
      <p className="shrink-0 text-xs text-muted">
        {insight.createdBy}, <Ago at={insight.createdAt} />
        {insight.evidenceId && <> · <Link to="/evidence/$id" params={{ id: insight.evidenceId }} className="font-medium text-accent underline underline-offset-2"><Trans>Evidence</Trans></Link></>}
      </p>
    </article>
  );
}
