import type { Role } from "@/gql/graphql";

export const roleNames: Record<Role, string> = { OWNER: "Owner", ADMIN: "Admin", EDITOR: "Editor", VIEWER: "Viewer", INGEST: "Ingest", ENGINE: "Engine" };

export const roleMeanings: Record<Role, string> = {
  OWNER: "everything, including the organization",
  ADMIN: "people, keys, policies, settings",
  EDITOR: "changes tables, queries, dashboards",
  VIEWER: "reads",
  INGEST: "only sends rows",
  ENGINE: "a Trino cluster: reads all, applies the policies",
};

export const personRoles: readonly Role[] = ["OWNER", "ADMIN", "EDITOR", "VIEWER"];
export const accountRoles: readonly Role[] = ["ADMIN", "EDITOR", "VIEWER", "INGEST", "ENGINE"];
