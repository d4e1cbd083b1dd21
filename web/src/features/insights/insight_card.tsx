import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useMutation } from "urql";
import { InsightDrawing } from "@/features/insights/insight_drawing";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Icon } from "@/ui/icon";
import { Markdown } from "@/ui/markdown";
import { Ago } from "@/ui/moment";
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

/** An insight: what, how it looks, and what it is from. */
export function InsightCard({ insight: masked, canEdit, onChanged }: { insight: FragmentType<typeof InsightCardFields>; canEdit: boolean; onChanged: () => void }) {
  const insight = readFragment(InsightCardFields, masked);
  const heading = useId();
  const [{ fetching }, archive] = useMutation(ArchiveInsight);
  const putAway = async (archived: boolean) => {
    const { error } = await archive({ id: insight.id, archived });
    if (error) return toast(errorText(error), "failed");
    toast(archived ? t`Put away` : t`Back among the insights`);
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
        {insight.spec && insight.evidenceId && <div className="h-56 min-w-0"><InsightDrawing evidenceId={insight.evidenceId} spec={insight.spec} label={insight.title} /></div>}
      </div>
      <footer className="flex flex-wrap gap-2">
        {insight.evidenceId && <Link to="/evidence/$id" params={{ id: insight.evidenceId }} className={buttonClass("plain", true)}><Icon name="evidence" size={14} /> <Trans>Evidence</Trans></Link>}
        {canEdit && <Button small kind="quiet" busy={fetching} onClick={() => void putAway(!insight.archived)}>{insight.archived ? t`Take back` : t`Put away`}</Button>}
      </footer>
    </article>
  );
}
