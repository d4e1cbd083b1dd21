import { Trans } from "@lingui/react/macro";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { cronText } from "@/ui/cron";
import { Until } from "@/ui/moment";
import { Badge } from "@/ui/states";

export const PlanFields = graphql(`
  fragment PlanFields on Timetable {
    cron
    timezone
    paused
    runsAs
    nextAt
    lastAt
  }
`);

/** When something is done, as whom, and when next. */
export function PlanText({ plan: masked, verb }: { plan: FragmentType<typeof PlanFields>; verb: string }) {
  const plan = readFragment(PlanFields, masked);
  return (
    <span className="text-xs text-muted">
      {plan.paused ? <Badge tone="warn"><Trans>paused</Trans></Badge> : <>{verb} {cronText(plan.cron, plan.timezone)}{plan.nextAt && <><Trans>, next <Until at={plan.nextAt} /></Trans></>}</>}<Trans>, as {plan.runsAs}</Trans>
    </span>
  );
}
