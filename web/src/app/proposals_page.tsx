import { useParams } from "@tanstack/react-router";
import { useCanEdit } from "@/app/session";
import { ProposalList } from "@/features/proposals/proposal_list";
import { ProposalView } from "@/features/proposals/proposal_view";

export function ProposalsPage() {
  return <ProposalList canDecide={useCanEdit()} />;
}

export function ProposalPage() {
  const { id } = useParams({ from: "/shell/proposals/$id" });
  return <ProposalView key={id} id={id} canDecide={useCanEdit()} />;
}
