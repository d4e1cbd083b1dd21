import { useParams } from "@tanstack/react-router";
import { useCanEdit } from "@/app/session";
import { EvidenceView } from "@/features/sql/evidence_view";

export function EvidencePage() {
  const { id } = useParams({ from: "/shell/evidence/$id" });
  return <EvidenceView key={id} id={id} canEdit={useCanEdit()} />;
}
