import { useEffect, useRef } from "react";
import { useSubscription } from "urql";
import { graphql } from "@/gql/gql";

const TaskChanged = graphql(`
  subscription TaskChanged {
    taskChanged {
      id
      state
      percent
      note
      error {
        message
      }
    }
  }
`);

/** How many milliseconds changes are gathered before one look is taken for all of them. */
const gatherMs = 300;

/** Calls `look` when tasks of the viewer begin, go on or end; where WebSockets do not get through, never. */
export function useTaskChanges(look: () => void) {
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
  });
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pending.current), []);
  useSubscription({ query: TaskChanged }, (_, told) => {
    pending.current ??= setTimeout(() => {
      pending.current = undefined;
      latest.current();
    }, gatherMs);
    return told;
  });
}
