import { useCanEdit } from "@/app/session";
import { ProposalList } from "@/features/proposals/proposal_list";

export function ProposalsPage() {
  return <ProposalList canDecide={useCanEdit()} />;
}
