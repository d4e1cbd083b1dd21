import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { AlertDialog, newAlert, type AlertDraft } from "@/features/automation/alert_dialog";
import { AlertHistory } from "@/features/automation/alert_history";
import { alertTones } from "@/features/automation/alert_tones";
import { sayCondition } from "@/features/automation/condition";
import { PlanFields, PlanText } from "@/features/automation/plan_text";
import { readFragment } from "@/gql/fragment-masking";
import { useTaskChanges } from "@/features/automation/use_task_changes";
import { graphql } from "@/gql/gql";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { formatShort } from "@/ui/format";
import { Ago } from "@/ui/moment";
import { Section } from "@/ui/page";
import { usePoll } from "@/ui/poll";
import { Badge, Empty, Failed, SkeletonLines } from "@/ui/states";
import { tell } from "@/ui/tell";

const Alerts = graphql(`
  query Alerts {
    alerts {
      id
      name
      statement
      catalog
      namespace
      condition
      threshold
      changeMinutes
      channelIds
      state
      since
      lastCheck {
        at
        value
        error
      }
      plan {
        paused
        ...PlanFields
      }
    }
  }
`);

const CheckAlert = graphql(`
  mutation CheckAlert($id: ID!) {
    checkAlert(id: $id) {
      id
    }
  }
`);

const DeleteAlert = graphql(`
  mutation DeleteAlert($id: ID!) {
    deleteAlert(id: $id)
  }
`);

/** Numbers that are looked at by the clock; those that fire stand first. */
export function AlertList({ canEdit, statement }: { canEdit: boolean; statement: string | undefined }) {
  const [{ data, error }, look] = useQuery({ query: Alerts, requestPolicy: "cache-and-network" });
  const [, check] = useMutation(CheckAlert);
  const [, remove] = useMutation(DeleteAlert);
  const [draft, setDraft] = useState<AlertDraft | null>(statement && canEdit ? newAlert(statement) : null);
  const [shown, setShown] = useState<{ id: string; name: string } | null>(null);
  const [doomed, setDoomed] = useState<{ id: string; name: string } | null>(null);
  const again = () => look({ requestPolicy: "network-only" });
  useTaskChanges(again);
  usePoll(again, 15_000);
  const add = canEdit && <Button small kind="solid" icon="plus" onClick={() => setDraft(newAlert())}><Trans>New alert</Trans></Button>;
  const order = ["FIRING", "ERROR", "UNKNOWN", "OK"];
  const alerts = (data?.alerts ?? []).toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const checkNow = async (id: string) => {
    tell(await check({ id }), t`It is being checked`);
    again();
  };
  return (
    <>
      {error && !data && <Failed message={errorText(error)} onRetry={again} />}
      {!data && !error && <div className="panel p-4"><SkeletonLines label={t`Loading alerts`} /></div>}
      {data && alerts.length === 0 && (
        <section className="panel"><Empty icon="bell" title={t`No alerts yet`} action={add}><Trans>An alert asks for a number by the clock, and tells your channels when it crosses a line, or changes too fast. It is told once for each change of its state.</Trans></Empty></section>
      )}
      {alerts.length > 0 && (
        <Section title={t`Alerts`} flush actions={add}>
          <ul className="divide-y divide-line">
            {alerts.map((alert) => (
              <li key={alert.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                <div className="min-w-0 grow basis-64">
                  <p className="flex flex-wrap items-center gap-2">
                    <button type="button" onClick={() => setShown(alert)} className="font-medium text-accent hover:underline">{alert.name}</button>
                    <Badge tone={alertTones[alert.state]}>{alert.state.toLowerCase()}</Badge>
                    {alert.since && <span className="text-xs text-muted"><Trans>since <Ago at={alert.since} /></Trans></span>}
                  </p>
                  <p className="text-sm text-muted"><Trans>Fires where it {sayCondition(alert.condition, alert.threshold, alert.changeMinutes)}</Trans></p>
                  <PlanText plan={alert.plan} verb={t`Checked`} />
                </div>
                <div className="ml-auto flex items-center gap-3">
                  {alert.lastCheck && (
                    <span className="numeric grid justify-items-end text-xs text-muted">
                      <span className="text-lg leading-tight font-semibold tracking-tight text-text">{alert.lastCheck.value == null ? "–" : formatShort(alert.lastCheck.value)}</span>
                      <Ago at={alert.lastCheck.at} />
                    </span>
                  )}
                  {canEdit && (
                    <span className="flex items-center gap-1">
                      <Button small icon="refresh" onClick={() => void checkNow(alert.id)}><Trans>Check now</Trans></Button>
                      <IconButton icon="pencil" label={t`Change ${alert.name}`} onClick={() => {
                        const { cron, timezone } = readFragment(PlanFields, alert.plan);
                        setDraft({ ...alert, changeMinutes: alert.changeMinutes ?? null, cron, zone: timezone, paused: alert.plan.paused });
                      }} />
                      <IconButton icon="trash" label={t`Delete ${alert.name}`} onClick={() => setDoomed(alert)} />
                    </span>
                  )}
                </div>
                {alert.lastCheck?.error && <p className="w-full rounded-md bg-danger-soft px-3 py-1.5 text-xs text-danger">{alert.lastCheck.error}</p>}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {draft && <AlertDialog draft={draft} onClose={() => setDraft(null)} onSaved={again} />}
      {shown && <AlertHistory id={shown.id} name={shown.name} onClose={() => setShown(null)} />}
      {doomed && (
        <Confirm title={t`Delete ${doomed.name}?`} action={t`Delete`} onClose={() => setDoomed(null)} onConfirm={async () => {
          tell(await remove({ id: doomed.id }), t`Deleted ${doomed.name}`);
          again();
        }}><p><Trans>What it saw goes with it.</Trans></p></Confirm>
      )}
    </>
  );
}
