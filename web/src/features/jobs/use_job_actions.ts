import { plural, t } from "@lingui/core/macro";
import { useClient } from "urql";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { toast } from "@/ui/toast";

const RequeueJob = graphql(`
  mutation RequeueJob($id: ID!) {
    requeueJob(id: $id) {
      id
    }
  }
`);

const KillJob = graphql(`
  mutation KillJob($id: ID!) {
    killJob(id: $id) {
      id
    }
  }
`);

const DiscardJob = graphql(`
  mutation DiscardJob($id: ID!) {
    discardJob(id: $id)
  }
`);

export type JobAction = "requeue" | "kill" | "discard";

const did: Record<JobAction, string> = { requeue: t`Put back`, kill: t`Killed`, discard: t`Discarded` };

/** One by one, on as many jobs as were chosen; says how many it was done to, and why not to the others. */
export function useJobActions(look: () => void) {
  const client = useClient();
  const ask = (action: JobAction, id: string) =>
    action === "requeue" ? client.mutation(RequeueJob, { id }).toPromise() : action === "kill" ? client.mutation(KillJob, { id }).toPromise() : client.mutation(DiscardJob, { id }).toPromise();
  return async (action: JobAction, ids: readonly string[]) => {
    let done = 0;
    let problem: string | null = null;
    for (const id of ids) {
      const { error } = await ask(action, id);
      if (error) problem = errorText(error);
      else done++;
    }
    if (done > 0) toast(`${did[action]} ${plural(done, { one: "# job", other: "# jobs" })}`);
    if (problem) toast(done + 1 === ids.length || ids.length === 1 ? problem : t`${plural(ids.length - done, { one: "# job", other: "# jobs" })} not: ${problem}`, "failed");
    look();
  };
}
