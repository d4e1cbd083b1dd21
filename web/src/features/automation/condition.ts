import { t } from "@lingui/core/macro";
import type { AlertCondition } from "@/gql/graphql";

export const conditionNames: Record<AlertCondition, string> = {
  ABOVE: t`is above`, BELOW: t`is below`, CHANGE_ABOVE: t`has risen by more than, in percent`, CHANGE_BELOW: t`has fallen by more than, in percent`,
};

export const isChange = (condition: AlertCondition) => condition === "CHANGE_ABOVE" || condition === "CHANGE_BELOW";

/** A fall of 20 percent is kept as a change below -20; people write and read 20. */
export const thresholdToKeep = (condition: AlertCondition, written: number) => (condition === "CHANGE_BELOW" ? -written : written);

const span = (minutes: number) => (minutes % 1440 === 0 ? `${minutes / 1440} d` : minutes % 60 === 0 ? `${minutes / 60} h` : t`${minutes} min`);

/** "is above 30", "has fallen by more than 20 % in 1 h". */
export function sayCondition(condition: AlertCondition, threshold: number, changeMinutes: number | null | undefined): string {
  if (condition === "ABOVE") return t`is above ${threshold}`;
  if (condition === "BELOW") return t`is below ${threshold}`;
  const within = changeMinutes ? t` in ${span(changeMinutes)}` : "";
  return condition === "CHANGE_ABOVE" ? (threshold >= 0 ? t`has risen by more than ${threshold} %${within}` : t`has changed by more than ${threshold} %${within}`) : threshold <= 0 ? t`has fallen by more than ${-threshold} %${within}` : t`has changed by less than ${threshold} %${within}`;
}
