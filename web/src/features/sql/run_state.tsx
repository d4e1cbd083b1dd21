import type { QueryState } from "@/gql/graphql";
import { Badge } from "@/ui/states";

const states: Record<QueryState, [string, "ice" | "ok" | "danger" | "plain"]> = {
  RUNNING: ["running", "ice"],
  DONE: ["done", "ok"],
  FAILED: ["failed", "danger"],
  CANCELLED: ["cancelled", "plain"],
};

export function RunState({ state }: { state: QueryState }) {
  const [text, tone] = states[state];
  return <Badge tone={tone}>{text}</Badge>;
}
