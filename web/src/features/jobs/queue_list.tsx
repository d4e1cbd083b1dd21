import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation } from "urql";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { formatCount, formatDuration } from "@/ui/format";
import { Cell, ListTable } from "@/ui/list_table";
import { Badge, Empty } from "@/ui/states";
import { tell } from "@/ui/tell";

export const JobQueueRow = graphql(`
  fragment JobQueueRow on JobQueue {
    name
    waiting
    working
    paused
    latencySeconds
  }
`);

const PauseJobQueue = graphql(`
  mutation PauseJobQueue($name: String!, $paused: Boolean!) {
    pauseJobQueue(name: $name, paused: $paused)
  }
`);

const RemoveJobQueue = graphql(`
  mutation RemoveJobQueue($name: String!) {
    removeJobQueue(name: $name)
  }
`);

/** The queues: what waits, how long, and whether workers may take of it. */
export function QueueList({ queues: masked, onChanged }: { queues: readonly FragmentType<typeof JobQueueRow>[]; onChanged: () => void }) {
  const queues = readFragment(JobQueueRow, masked);
  const [, pause] = useMutation(PauseJobQueue);
  const [, remove] = useMutation(RemoveJobQueue);
  const [doomed, setDoomed] = useState<{ name: string; waiting: number } | null>(null);
  if (queues.length === 0) return <section className="panel"><Empty icon="jobs" title={t`No queues yet`}><Trans>A queue is there as soon as a job is pushed to it.</Trans></Empty></section>;
  const toggle = async (name: string, paused: boolean) => {
    tell(await pause({ name, paused }), paused ? t`${name} is paused: what workers have goes on` : t`Workers take jobs of ${name} again`);
    onChanged();
  };
  return (
    <div className="panel overflow-hidden">
      <ListTable label={t`Queues`} heads={[t`Queue`, { name: t`Waiting`, right: true }, { name: t`Working`, right: true }, { name: t`Oldest waits`, right: true }, { name: t`Actions`, right: true, hidden: true }]}>
        {queues.map((queue) => (
          <tr key={queue.name}>
            <Cell><span className="flex items-center gap-2 font-medium">{queue.name}{queue.paused && <Badge tone="warn"><Trans>paused</Trans></Badge>}</span></Cell>
            <Cell right>{formatCount(queue.waiting)}</Cell>
            <Cell right>{formatCount(queue.working)}</Cell>
            <Cell right muted>{queue.waiting ? formatDuration(queue.latencySeconds * 1000) : "–"}</Cell>
            <Cell right>
              <span className="inline-flex items-center gap-1">
                <Button small icon={queue.paused ? "play" : "pause"} aria-label={`${queue.paused ? t`Resume` : t`Pause`} ${queue.name}`} onClick={() => void toggle(queue.name, !queue.paused)}>{queue.paused ? t`Resume` : t`Pause`}</Button>
                <IconButton icon="trash" label={t`Empty ${queue.name}`} onClick={() => setDoomed(queue)} />
              </span>
            </Cell>
          </tr>
        ))}
      </ListTable>
      {doomed && (
        <Confirm title={t`Throw away what waits in ${doomed.name}?`} action={t`Throw away`} onClose={() => setDoomed(null)} onConfirm={async () => {
          tell(await remove({ name: doomed.name }), t`${doomed.name} is empty`);
          onChanged();
        }}><p><Trans>{plural(doomed.waiting, { one: "# job", other: "# jobs" })} that nobody has begun, for good. It cannot be undone.</Trans></p></Confirm>
      )}
    </div>
  );
}
