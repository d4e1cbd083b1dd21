import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useQuery } from "urql";
import { EvidencePanel } from "@/features/sql/evidence_panel";
import { graphql } from "@/gql/gql";
import { buttonClass } from "@/ui/button";
import { CodeBlock } from "@/ui/copy";
import { errorText } from "@/ui/error_text";
import { Icon } from "@/ui/icon";
import { Page, Section } from "@/ui/page";
import { Empty, Failed, SkeletonLines } from "@/ui/states";

const EvidenceById = graphql(`
  query EvidenceById($id: ID!) {
    evidence(id: $id) {
      id
      statement
      parameters
      ...EvidenceFields
    }
  }
`);

/** What one answer was made from, by its address. */
export function EvidenceView({ id, canEdit }: { id: string; canEdit: boolean }) {
  const [{ data, error }, look] = useQuery({ query: EvidenceById, variables: { id }, requestPolicy: "cache-and-network" });
  const evidence = data?.evidence;
  const parameters = evidence && typeof evidence.parameters === "object" && evidence.parameters && Object.keys(evidence.parameters).length > 0 ? JSON.stringify(evidence.parameters, null, 2) : null;
  return (
    <Page title={t`Evidence`} lead={t`What an answer was made from: enough to ask the same question of the same data again.`}
      actions={evidence && <Link to="/sql" search={{ q: evidence.statement }} className={buttonClass()}><Icon name="sql" size={15} /> <Trans>Open in SQL</Trans></Link>}>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading the evidence`} lines={8} /></div>}
      {data && !evidence && <Empty icon="evidence" title={t`There is no such evidence`} action={<Link to="/" className={buttonClass("solid")}><Trans>Go to the overview</Trans></Link>}><Trans>It is kept no longer, or it is about tables that you may not read.</Trans></Empty>}
      {evidence && (
        <div className="grid gap-5">
          <CodeBlock label={t`The statement`} code={evidence.statement} />
          {parameters && <CodeBlock label={t`Its parameters`} code={parameters} />}
          <Section title={t`Answer and tables`} flush><EvidencePanel evidence={evidence} canEdit={canEdit} /></Section>
        </div>
      )}
    </Page>
  );
}
