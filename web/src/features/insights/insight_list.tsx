import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import { InsightCard } from "@/features/insights/insight_card";
import { graphql } from "@/gql/gql";
import { Button, buttonClass } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Page } from "@/ui/page";
import { Empty, Failed, SkeletonLines } from "@/ui/states";

const Insights = graphql(`
  query Insights($first: Int!, $archived: Boolean!) {
    insights(first: $first, archived: $archived) {
      totalCount
      edges {
        node {
          id
          archived
          ...InsightCardFields
        }
      }
    }
  }
`);

const OneInsight = graphql(`
  query OneInsight($id: ID!) {
    insight(id: $id) {
      id
      title
      ...InsightCardFields
    }
  }
`);

/** One of them, that a link leads to. */
export function InsightAlone({ id, canEdit }: { id: string; canEdit: boolean }) {
  const [{ data, error }, look] = useQuery({ query: OneInsight, variables: { id }, requestPolicy: "cache-and-network" });
  const again = () => look({ requestPolicy: "network-only" });
  const insight = data?.insight;
  return (
    <Page title={t`Insight`} actions={<Link to="/insights" className={buttonClass()}><Trans>All insights</Trans></Link>}>
      {error && !data && <Failed message={errorText(error)} onRetry={again} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading the insight`} lines={7} /></div>}
      {data && !insight && <section className="panel"><Empty icon="evidence" title={t`There is no such insight`}><Trans>It was deleted, or the link is not whole.</Trans></Empty></section>}
      {insight && <InsightCard insight={insight} canEdit={canEdit} onChanged={again} />}
    </Page>
  );
}

const step = 10;

/** What somebody stands for, each with the evidence that it is from. */
export function InsightList({ canEdit }: { canEdit: boolean }) {
  const [archived, setArchived] = useState(false);
  const [first, setFirst] = useState(step);
  const [{ data, error, fetching }, look] = useQuery({ query: Insights, variables: { first, archived }, requestPolicy: "cache-and-network" });
  const insights = (data?.insights.edges ?? []).map((edge) => edge.node).filter((insight) => insight.archived === archived);
  const choose = (value: boolean) => {
    setArchived(value);
    setFirst(step);
  };
  return (
    <Page title={t`Insights`} lead={t`Findings that somebody stands for, with the rows that they are from.`} actions={
      <div role="group" aria-label={t`Which`} className="flex gap-1">
        <Button kind={archived ? "plain" : "solid"} aria-pressed={!archived} onClick={() => choose(false)}><Trans>Present</Trans></Button>
        <Button kind={archived ? "solid" : "plain"} aria-pressed={archived} onClick={() => choose(true)}><Trans>Put away</Trans></Button>
      </div>
    }>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading insights`} lines={7} /></div>}
      {data && insights.length === 0 && (
        <section className="panel">
          <Empty icon="evidence" title={archived ? t`Nothing was put away` : t`No insights yet`} action={!archived && <Link to="/proposals" className={buttonClass("solid")}><Trans>See what is proposed</Trans></Link>}>
            {archived ? t`What is put away leaves this page and can be had back.` : t`Agents propose what stands out in your tables. What you approve becomes an insight; its evidence is pinned, so that it can be checked for as long as it stands here.`}
          </Empty>
        </section>
      )}
      <div className="grid gap-4">{insights.map((insight) => <InsightCard key={insight.id} insight={insight} canEdit={canEdit} onChanged={() => look({ requestPolicy: "network-only" })} />)}</div>
      {data && data.insights.totalCount > data.insights.edges.length && <div className="mt-4 flex justify-center"><Button busy={fetching} onClick={() => setFirst(first + step)}><Trans>Show more</Trans></Button></div>}
    </Page>
  );
}
