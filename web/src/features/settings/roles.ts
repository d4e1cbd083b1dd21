import { t } from "@lingui/core/macro";
import type { Role } from "@/gql/graphql";

export const roleNames: Record<Role, string> = { OWNER: t`Owner`, ADMIN: t`Admin`, EDITOR: t`Editor`, VIEWER: t`Viewer`, INGEST: t`Ingest`, ENGINE: t`Engine` };

export const roleMeanings: Record<Role, string> = {
  OWNER: t`everything, including the organization`,
  ADMIN: t`people, keys, policies, settings`,
  EDITOR: t`changes tables, queries, dashboards`,
  VIEWER: "reads",
  INGEST: t`only sends rows`,
  ENGINE: t`a Trino cluster: reads all, applies the policies`,
};

export const personRoles: readonly Role[] = ["OWNER", "ADMIN", "EDITOR", "VIEWER"];
export const accountRoles: readonly Role[] = ["ADMIN", "EDITOR", "VIEWER", "INGEST", "ENGINE"];
