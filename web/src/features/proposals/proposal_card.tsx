import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useId, useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { StagedChange } from "@/features/proposals/staged_change";
import { graphql } from "@/gql/gql";
import type { ProposalState, ReplayVerdict } from "@/gql/graphql";
import { Button, buttonClass } from "@/ui/button";
import { UnverifiedClaims } from "@/ui/claims";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";
import { Markdown } from "@/ui/markdown";
import { Ago } from "@/ui/moment";
import { Badge } from "@/ui/states";
import { toast } from "@/ui/toast";

export const ProposalCardFields = graphql(`
  fragment ProposalCardFields on Proposal {
    id
    title
    narrative
    unverifiedClaims {
      figure
      sentence
    }
    action
    arguments
    evidenceId
    proposedBy
    state
    createdAt
    decidedBy
    decidedAt
    reason
  }
`);

const Approve = graphql(`
  mutation ApproveProposal($id: ID!) {
    approveProposal(id: $id) {
      id
      ...ProposalCardFields
    }
  }
`);

const Reject = graphql(`
  mutation RejectProposal($id: ID!, $reason: String!) {
    rejectProposal(id: $id, reason: $reason) {
      id
      ...ProposalCardFields
    }
  }
`);

const Check = graphql(`
  mutation CheckEvidence($id: ID!) {
    replay(evidenceId: $id) {
      verdict
      reason
    }
  }
`);

const Asked = graphql(`
  query ProposalEvidence($id: ID!) {
    evidence(id: $id) {
      id
      statement
    }
  }
`);

const tones: Record<ProposalState, "plain" | "ice" | "ok" | "warn" | "danger"> = {
  PENDING: "ice", APPROVING: "ice", APPROVED: "ok", REJECTED: "plain", EXPIRED: "plain", FAILED: "danger",
};
const verdicts: Record<ReplayVerdict, string> = {
  SAME: t`The evidence still gives the same answer.`,
  CHANGED: t`The evidence gives another answer now.`,
  EXPIRED: t`The evidence is kept no longer.`,
};

/** A proposal: what, why, on what evidence; and, for whoever may, the decision. */
export function ProposalCard({ proposal, canDecide }: { proposal: FragmentType<typeof ProposalCardFields>; canDecide: boolean }) {
  const it = readFragment(ProposalCardFields, proposal);
  const heading = useId();
  const change = it.action === "publishChange" ? changeOf(it.arguments) : null;
  const [rejecting, setRejecting] = useState(false);
  const [verdict, setVerdict] = useState<string | null>(null);
  const [approval, approve] = useMutation(Approve);
  const [checking, check] = useMutation(Check);
  const decide = async () => {
    const { data, error } = await approve({ id: it.id });
    if (error) return toast(errorText(error), "failed");
    const made = data && readFragment(ProposalCardFields, data.approveProposal);
    if (made?.state === "FAILED") toast(made.reason ?? t`The change did not go through`, "failed");
    else toast(t`Approved, and done`);
  };
  const look = async (id: string) => {
    const { data, error } = await check({ id });
    setVerdict(error ? errorText(error) : data ? `${verdicts[data.replay.verdict]} ${data.replay.verdict === "SAME" ? "" : data.replay.reason}` : null);
  };
  return (
    <article aria-labelledby={heading} className="panel grid gap-3 p-4">
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <h2 id={heading} className="min-w-0 text-base font-semibold tracking-tight break-words">{it.title}</h2>
        <Badge tone={tones[it.state]}>{it.state.toLowerCase()}</Badge>
      </header>
      {it.narrative && <Markdown text={it.narrative} />}
      <UnverifiedClaims claims={it.unverifiedClaims ?? []} title={t`No evidence of its author’s run shows these figures`} />
      {it.reason && <p className="rounded-md bg-sunken px-3 py-2 text-sm">{it.state === "FAILED" ? t`Why it failed: ` : t`Reason: `}{it.reason}</p>}
      <p className="text-xs text-muted">
        {it.proposedBy}, <Ago at={it.createdAt} />
        {it.decidedBy && it.decidedAt && <><Trans>; decided by {it.decidedBy}, <Ago at={it.decidedAt} /></Trans></>}
      </p>
      {change && <StagedChange id={change} />}
      <details className="text-sm">
        <summary className="cursor-pointer text-muted"><Trans>Makes <code className="font-mono text-xs">{it.action}</code> with…</Trans></summary>
        <pre tabIndex={0} className="mt-2 max-h-72 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs">{JSON.stringify(it.arguments, null, 2)}</pre>
      </details>
      {verdict && <p role="status" className="text-sm text-muted">{verdict}</p>}
      <footer className="flex flex-wrap items-center gap-2">
        {canDecide && it.state === "PENDING" && (
          <>
            <Button kind="solid" icon="check" busy={approval.fetching} onClick={() => void decide()}><Trans>Approve</Trans></Button>
            <Button onClick={() => setRejecting(true)}><Trans>Reject</Trans></Button>
          </>
        )}
        {it.evidenceId && (
          <>
            <Button kind="quiet" icon="refresh" busy={checking.fetching} onClick={() => void look(it.evidenceId!)}><Trans>Check the evidence</Trans></Button>
            <AskAgain evidence={it.evidenceId} />
          </>
        )}
      </footer>
      {rejecting && <RejectDialog id={it.id} onClose={() => setRejecting(false)} />}
    </article>
  );
}

/** The staged change that a proposal is to publish. */
function changeOf(args: unknown): string | null {
  const { id } = (typeof args === "object" && args !== null ? args : {}) as Record<string, unknown>;
  return typeof id === "string" ? id : null;
}

/** Leads to the SQL page with the statement behind the evidence. */
function AskAgain({ evidence }: { evidence: string }) {
  const [{ data }] = useQuery({ query: Asked, variables: { id: evidence } });
  if (!data?.evidence) return null;
  return <Link to="/sql" search={{ q: data.evidence.statement }} className={buttonClass("quiet")}><Trans>Open its SQL</Trans></Link>;
}

function RejectDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const [{ fetching, error }, reject] = useMutation(Reject);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = new FormData(event.currentTarget).get("reason");
    const answer = await reject({ id, reason: typeof reason === "string" ? reason.trim() : "" });
    if (!answer.error) {
      toast(t`Rejected`);
      onClose();
    }
  };
  return (
    <Dialog title={t`Reject this proposal`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t`Why`} name={t`reason`} required hint={t`Whoever proposed it reads this, and does not propose it again.`} error={error ? errorText(error) : undefined} />
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button kind="danger" type="submit" busy={fetching}><Trans>Reject</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
