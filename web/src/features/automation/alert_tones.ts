import type { AlertState } from "@/gql/graphql";

export const alertTones: Record<AlertState, "plain" | "ok" | "warn" | "danger"> = { UNKNOWN: "plain", OK: "ok", FIRING: "danger", ERROR: "warn" };
