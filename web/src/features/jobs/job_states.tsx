import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { JobState } from "@/gql/graphql";
import { Ago, Until } from "@/ui/moment";
import { Badge } from "@/ui/states";

export const jobStates: readonly JobState[] = ["WAITING", "WORKING", "SCHEDULED", "RETRYING", "DEAD"];

const tones: Record<JobState, "plain" | "ice" | "ok" | "warn" | "danger"> = { WAITING: "plain", WORKING: "ice", SCHEDULED: "plain", RETRYING: "warn", DEAD: "danger" };

export function JobStateBadge({ state }: { state: JobState }) {
  return <Badge tone={tones[state]}>{state.toLowerCase()}</Badge>;
}

/** What the time of a job in this state means: when it came, is due, is given up, or died. */
export function JobMoment({ state, at, enqueuedAt }: { state: JobState; at?: string | null; enqueuedAt?: string | null }) {
  if (state === "WAITING") return enqueuedAt ? <Ago at={enqueuedAt} /> : null;
  if (!at) return null;
  if (state === "DEAD") return <><Trans>died <Ago at={at} /></Trans></>;
  return <>{state === "WORKING" ? t`reserved, ends ` : t`due `}<Until at={at} /></>;
}

export const isJobState = (text: string | undefined): text is JobState => jobStates.some((state) => state === text);

/** Of what a failure says, the line for a list. */
export function failureLine(failure: unknown): string {
  if (typeof failure !== "object" || failure === null) return "";
  const { errtype, message } = failure as Record<string, unknown>;
  return [errtype, message].filter((part) => typeof part === "string" && part).join(": ");
}

/** A glob over a job's JSON: words are looked for anywhere. */
export const globOf = (search: string) => (search === "" ? null : search.includes("*") ? search : `*${search}*`);
