import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useQuery, useSubscription } from "urql";
import { graphql } from "@/gql/gql";
import { ProposalCard } from "@/features/proposals/proposal_card";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Page } from "@/ui/page";
import { Empty, Failed, SkeletonLines } from "@/ui/states";

const Proposals = graphql(`
  query Proposals($state: ProposalState, $first: Int!) {
    proposals(state: $state, first: $first) {
      totalCount
      edges {
        cursor
        node {
          id
          ...ProposalCardFields
        }
      }
    }
  }
`);

const Changed = graphql(`
  subscription ProposalChanged {
    proposalChanged {
      id
      ...ProposalCardFields
    }
  }
`);

const step = 25;

/** What waits for a decision, and what was decided. */
export function ProposalList({ canDecide }: { canDecide: boolean }) {
  const [waiting, setWaiting] = useState(true);
  const [first, setFirst] = useState(step);
  const [{ data, error, fetching }, retry] = useQuery({ query: Proposals, variables: { state: waiting ? "PENDING" : null, first }, requestPolicy: "cache-and-network" });
  useSubscription({ query: Changed }, () => {
    retry({ requestPolicy: "network-only" });
    return null;
  });
  const edges = data?.proposals.edges ?? [];
  const choose = (value: boolean) => {
    setWaiting(value);
    setFirst(step);
  };
  return (
    <Page title={t`Proposals`} lead={t`What agents, and people, want done. Whoever approves makes the change, with their own rights.`}
      actions={
        <div role="group" aria-label={t`Which`} className="flex gap-1">
          <Button kind={waiting ? "solid" : "plain"} aria-pressed={waiting} onClick={() => choose(true)}><Trans>Waiting</Trans></Button>
          <Button kind={waiting ? "plain" : "solid"} aria-pressed={!waiting} onClick={() => choose(false)}><Trans>All</Trans></Button>
        </div>
      }>
      {error && !data && <Failed message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading proposals`} lines={6} /></div>}
      {data && edges.length === 0 && (
        <section className="panel">
          <Empty icon="check" title={waiting ? t`Nothing waits for a decision` : t`Nothing was proposed yet`}>
            <p><Trans>Agents propose what they find in your tables; anybody who may read can propose a change that somebody else decides.</Trans></p>
          </Empty>
        </section>
      )}
      <div className="grid gap-4">
        {edges.map(({ node }) => <ProposalCard key={node.id} proposal={node} canDecide={canDecide} />)}
      </div>
      {data && data.proposals.totalCount > edges.length && (
        <div className="mt-4 flex justify-center"><Button busy={fetching} onClick={() => setFirst(first + step)}><Trans>Show more</Trans></Button></div>
      )}
    </Page>
  );
}
