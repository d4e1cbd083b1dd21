import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { useTaskChanges } from "@/features/automation/use_task_changes";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { errorText } from "@/ui/error_text";
import { Cell, ListTable } from "@/ui/list_table";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Empty, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";
import { isUnderWay, WorkState } from "@/ui/work_state";

const Tasks = graphql(`
  query Tasks($first: Int!, $everybody: Boolean!) {
    tasks(first: $first, everybody: $everybody) {
      pageInfo {
        hasNextPage
      }
      edges {
        node {
          id
          kind
          state
          percent
          note
          requestedBy
          createdAt
          error {
            message
          }
        }
      }
    }
  }
`);

const CancelTask = graphql(`
  mutation CancelTask($id: ID!) {
    cancelTask(id: $id) {
      id
      state
    }
  }
`);

/** What was asked for and goes on while nobody waits. */
export function TaskList({ isAdmin }: { isAdmin: boolean }) {
  const [everybody, setEverybody] = useState(isAdmin);
  const [first, setFirst] = useState(50);
  const [{ data, error, fetching }, look] = useQuery({ query: Tasks, variables: { first, everybody }, requestPolicy: "cache-and-network" });
  const [, cancel] = useMutation(CancelTask);
  const again = () => look({ requestPolicy: "network-only" });
  const tasks = (data?.tasks.edges ?? []).map((edge) => edge.node);
  useTaskChanges(again);
  // The server tells of the viewer's own tasks; those of others have to be asked for.
  usePoll(again, everybody && tasks.some((task) => isUnderWay(task.state)) ? 4000 : 15_000);
  const stop = async (id: string) => {
    tell(await cancel({ id }), t`Cancelled`);
    again();
  };
  return (
    <Section title={t`Tasks, newest first`} flush actions={isAdmin && (
      <label className="flex items-center gap-2 pr-2 text-sm"><input type="checkbox" className="accent-solid" checked={everybody} onChange={(event) => setEverybody(event.target.checked)} /> <Trans>Everybody’s</Trans></label>
    )}>
      {error && !data && <Failed message={errorText(error)} onRetry={again} />}
      {!data && !error && <div className="p-4"><SkeletonLines label={t`Loading tasks`} /></div>}
      {data && tasks.length === 0 && <Empty icon="clock" title={t`No tasks yet`}><Trans>Exports, profiles, checks of alerts, messages and runs of agents are listed here.</Trans></Empty>}
      {tasks.length > 0 && (
        <ListTable label={t`Tasks`} heads={[t`Task`, t`State`, t`Asked by`, t`When`, { name: t`Actions`, right: true, hidden: true }]}>
          {tasks.map((task) => (
            <tr key={task.id}>
              <Cell><span className="font-medium">{task.kind}</span>{(task.error || task.note) && <p className={`max-w-md truncate text-xs ${task.error ? "text-danger" : "text-muted"}`} title={task.error?.message ?? task.note}>{task.error?.message ?? task.note}</p>}</Cell>
              <Cell><span className="flex items-center gap-2"><WorkState state={task.state} />{task.state === "RUNNING" && <span className="numeric text-xs text-muted">{task.percent} %</span>}</span></Cell>
              <Cell muted>{task.requestedBy}</Cell>
              <Cell muted><Ago at={task.createdAt} /></Cell>
              <Cell right>{isUnderWay(task.state) && <Button small kind="danger" onClick={() => void stop(task.id)}><Trans>Cancel</Trans></Button>}</Cell>
            </tr>
          ))}
        </ListTable>
      )}
      {data?.tasks.pageInfo.hasNextPage && <footer className="border-t border-line px-4 py-2"><Button small busy={fetching} onClick={() => setFirst(first + 50)}><Trans>Show more</Trans></Button></footer>}
    </Section>
  );
}
