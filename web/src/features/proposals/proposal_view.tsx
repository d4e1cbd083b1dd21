import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useQuery, useSubscription } from "urql";
import { ProposalCard } from "@/features/proposals/proposal_card";
import { graphql } from "@/gql/gql";
import { buttonClass } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Page } from "@/ui/page";
import { Empty, Failed, SkeletonLines } from "@/ui/states";

const ProposalById = graphql(`
  query ProposalById($id: ID!) {
    proposal(id: $id) {
      id
      ...ProposalCardFields
    }
  }
`);

const OneChanged = graphql(`
  subscription OneProposalChanged {
    proposalChanged {
      id
      ...ProposalCardFields
    }
  }
`);

/** One proposal by its address; it goes on to show what becomes of it. */
export function ProposalView({ id, canDecide }: { id: string; canDecide: boolean }) {
  const [{ data, error }, look] = useQuery({ query: ProposalById, variables: { id }, requestPolicy: "cache-and-network" });
  useSubscription({ query: OneChanged });
  return (
    <Page title={t`Proposal`} above={<Link to="/proposals" className="font-medium text-accent hover:underline"><Trans>Proposals</Trans></Link>} lead={t`Whoever approves makes the change, with their own rights.`}>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading the proposal`} lines={6} /></div>}
      {data && !data.proposal && <Empty icon="check" title={t`There is no such proposal`} action={<Link to="/proposals" className={buttonClass("solid")}><Trans>See all proposals</Trans></Link>}><Trans>The link is not whole, or it belongs to another organization.</Trans></Empty>}
      {data?.proposal && <ProposalCard proposal={data.proposal} canDecide={canDecide} />}
    </Page>
  );
}
