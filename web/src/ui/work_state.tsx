import { Badge } from "@/ui/states";

type State = "WAITING" | "RUNNING" | "DONE" | "FAILED" | "CANCELLED";

const tones: Record<State, "plain" | "ice" | "ok" | "danger"> = { WAITING: "plain", RUNNING: "ice", DONE: "ok", FAILED: "danger", CANCELLED: "plain" };

/** What became of work that is done in the background. */
export function WorkState({ state }: { state: State }) {
  return <Badge tone={tones[state]}>{state.toLowerCase()}</Badge>;
}

export const isUnderWay = (state: State | undefined) => state === "WAITING" || state === "RUNNING";

/** How far it is. */
export function ProgressBar({ percent, label }: { percent: number; label: string }) {
  return (
    <div role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} className="h-1.5 w-full overflow-hidden rounded-full bg-line">
      <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${Math.max(2, percent)}%` }} />
    </div>
  );
}
