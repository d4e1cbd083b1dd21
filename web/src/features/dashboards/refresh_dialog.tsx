import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { graphql } from "@/gql/gql";
import type { RefreshPlanQuery } from "@/gql/graphql";
import { Button } from "@/ui/button";
import { cronText } from "@/ui/cron";
import { Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { FormActions } from "@/ui/form_actions";
import { Ago, Until } from "@/ui/moment";
import { ownZone, ScheduleField } from "@/ui/schedule_field";
import { Badge, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";

const RefreshPlan = graphql(`
  query RefreshPlan($id: ID!) {
    dashboardRefresh(dashboardId: $id) {
      plan {
        cron
        timezone
        paused
        runsAs
        nextAt
        lastAt
      }
    }
  }
`);

const SetRefresh = graphql(`
  mutation SetRefresh($id: ID!, $plan: TimetableInput!) {
    setDashboardRefresh(dashboardId: $id, plan: $plan) {
      plan {
        nextAt
      }
    }
  }
`);

const EndRefresh = graphql(`
  mutation EndRefresh($id: ID!) {
    deleteDashboardRefresh(dashboardId: $id)
  }
`);

const RefreshNow = graphql(`
  mutation RefreshNow($id: ID!) {
    refreshDashboard(dashboardId: $id) {
      id
      state
    }
  }
`);

type Plan = NonNullable<RefreshPlanQuery["dashboardRefresh"]>["plan"];

/** When the server asks a dashboard's tiles by itself, so that it opens with answers. */
export function RefreshDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const [{ data, error }, look] = useQuery({ query: RefreshPlan, variables: { id }, requestPolicy: "network-only" });
  return (
    <Dialog title={t`Refresh by the clock`} onClose={onClose}>
      {error && !data && <Failed message={errorText(error)} onRetry={() => look({ requestPolicy: "network-only" })} />}
      {!data && !error && <SkeletonLines label={t`Loading when it is refreshed`} lines={4} />}
      {data && <RefreshForm id={id} plan={data.dashboardRefresh?.plan ?? null} onClose={onClose} />}
    </Dialog>
  );
}

function RefreshForm({ id, plan, onClose }: { id: string; plan: Plan | null; onClose: () => void }) {
  const [when, setWhen] = useState({ cron: plan?.cron ?? "0 6 * * *", zone: plan?.timezone ?? ownZone() });
  const [paused, setPaused] = useState(plan?.paused ?? false);
  const [{ fetching, error }, save] = useMutation(SetRefresh);
  const [{ fetching: ending }, end] = useMutation(EndRefresh);
  const [{ fetching: starting }, refresh] = useMutation(RefreshNow);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const cron = when.cron.trim();
    const { data } = await save({ id, plan: { cron, timezone: when.zone, paused } });
    if (!data) return;
    tell({}, paused ? t`Its refreshing is paused` : t`Refreshed ${cronText(cron, when.zone)}`);
    onClose();
  };
  const stop = async () => {
    if (tell(await end({ id }), t`It is not refreshed by the clock any more`)) onClose();
  };
  const now = async () => {
    if (tell(await refresh({ id }), t`Its tiles are being asked`)) onClose();
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <p className="text-sm text-muted"><Trans>The tiles are asked in advance, with the variables’ default values and with what you may read. Their last answers show at once, until fresh ones are there.</Trans></p>
      <ScheduleField value={when} onChange={setWhen} />
      {plan && (
        <>
          <label className="flex items-center gap-2 text-sm"><input type="checkbox" checked={paused} onChange={(event) => setPaused(event.target.checked)} className="accent-solid" /> <Trans>Paused</Trans></label>
          <div className="flex flex-wrap items-center gap-2">
            <p className="min-w-0 grow text-xs text-muted">
              {plan.paused ? <Badge tone="warn"><Trans>paused</Trans></Badge> : plan.nextAt && <><Trans>Next <Until at={plan.nextAt} /></Trans></>}{plan.lastAt && <><Trans>, last <Ago at={plan.lastAt} /></Trans></>}<Trans>, as {plan.runsAs}</Trans>
            </p>
            <Button small icon="refresh" busy={starting} onClick={() => void now()}><Trans>Refresh now</Trans></Button>
            <Button small kind="danger" icon="stop" busy={ending} onClick={() => void stop()}><Trans>Stop refreshing</Trans></Button>
          </div>
        </>
      )}
      <FormActions error={error} busy={fetching} action={t`Save`} onClose={onClose} />
    </form>
  );
}
