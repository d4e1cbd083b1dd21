import { t } from "@lingui/core/macro";
import type { ConnectionKind, ConnectionTls, Role } from "@/gql/graphql";

export const kindNames: Record<ConnectionKind, string> = { POSTGRESQL: t`PostgreSQL`, MYSQL: t`MySQL or MariaDB`, SQLITE: "SQLite", FILES: t`Parquet and CSV files`, S3: t`Object store (S3)`, ICEBERG: t`Iceberg catalog` };

export const kindMeanings: Record<ConnectionKind, string> = {
  POSTGRESQL: t`A server that is reached over the network`, MYSQL: t`A server that is reached over the network`, SQLITE: t`A file on the machine that Firn runs on`,
  FILES: t`A folder there: each file is a table, each folder in it one of all its files`,
  S3: t`A bucket’s Parquet and CSV objects, as tables in the same way`,
  ICEBERG: t`Another REST catalog: Polaris, Lakekeeper, Nessie, Gravitino, Firn`,
};

export const usualPorts: Record<ConnectionKind, string> = { POSTGRESQL: "5432", MYSQL: "3306", SQLITE: "", FILES: "", S3: "443", ICEBERG: "443" };

/** Those that lie on the machine that Firn runs on. */
export const hasPath = (kind: ConnectionKind): boolean => kind === "SQLITE" || kind === "FILES";

export const tlsNames: Record<ConnectionTls, string> = {
  DISABLE: t`Never encrypted`, PREFER: t`Encrypted where it is offered`, REQUIRE: t`Always encrypted`, VERIFY: t`Encrypted, and its certificate is checked`,
};

export const readerRoles: readonly Role[] = ["VIEWER", "EDITOR", "ADMIN", "OWNER"];

/** What to do about a failure, by its code; the message itself says what it was. */
export function advice(code: string, kind: ConnectionKind): string | null {
  if ((code === "NOT_FOUND" || code === "FORBIDDEN") && hasPath(kind)) return t`The path is looked for below the folder that the server was started with (connection-files).`;
  if (kind === "S3" && (code === "NOT_FOUND" || code === "FORBIDDEN")) return t`Check the bucket, what keys begin with, and the access key; hosts on this machine have to be allowed by whoever runs Firn.`;
  if (kind === "ICEBERG" && (code === "NOT_FOUND" || code === "FORBIDDEN")) return t`Check the path, the warehouse and the credentials; hosts on this machine have to be allowed by whoever runs Firn.`;
  if (kind === "ICEBERG" && code === "UNAVAILABLE") return t`Check the host, the port, the encryption and the path: /v1/config is looked for below it.`;
  if (code === "FORBIDDEN") return t`Hosts on this machine and its own networks have to be allowed by whoever runs Firn.`;
  if (code === "UNAVAILABLE" && kind === "FILES") return t`Can the server read the files?`;
  if (code === "UNAVAILABLE") return kind === "SQLITE" ? t`Is the file a SQLite database that the server may read?` : t`Check the host, the port and whether the database lets this server in; then user and password.`;
  if (code === "ALREADY_EXISTS") return t`Choose another name.`;
  return null;
}

/** Of what is reached over the network, for people. */
export function placeOf({ kind, host, port, database, path }: { kind: ConnectionKind; host?: string | null; port?: number | null; database?: string | null; path?: string | null }): string {
  const catalog = kind === "ICEBERG";
  const server = `${host ?? ""}${port ? `:${port}` : ""}${catalog ? (path ?? "") : ""}`;
  const what = `${database ?? ""}${!catalog && path ? `/${path}` : ""}`;
  return what ? t`${what} on ${server}` : server;
}
