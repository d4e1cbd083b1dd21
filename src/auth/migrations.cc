#include "auth/auth_internal.h"

namespace firn::auth {

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"auth", 1, R"sql(
CREATE TABLE organizations (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_us INTEGER NOT NULL)
  STRICT;
CREATE TABLE service_accounts (id TEXT PRIMARY KEY,
  organization TEXT NOT NULL REFERENCES organizations(id), name TEXT NOT NULL, role TEXT NOT NULL,
  created_us INTEGER NOT NULL, UNIQUE (organization, name)) STRICT;
CREATE TABLE keys (id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES service_accounts(id) ON DELETE CASCADE, hash BLOB NOT NULL,
  created_us INTEGER NOT NULL, revoked_us INTEGER, last_used_us INTEGER) STRICT;
)sql"},
      // A role of '' is none.
      {"auth", 2, R"sql(
ALTER TABLE keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN expires_us INTEGER;
CREATE INDEX keys_by_account ON keys (account);
CREATE TABLE environments (id TEXT PRIMARY KEY,
  organization TEXT NOT NULL REFERENCES organizations(id), name TEXT NOT NULL,
  created_us INTEGER NOT NULL, UNIQUE (organization, name)) STRICT;
CREATE TABLE catalog_entries (id TEXT PRIMARY KEY,
  organization TEXT NOT NULL REFERENCES organizations(id),
  environment TEXT NOT NULL REFERENCES environments(id), name TEXT NOT NULL,
  UNIQUE (organization, name)) STRICT;
CREATE TABLE people (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  password TEXT NOT NULL, created_us INTEGER NOT NULL, last_seen_us INTEGER) STRICT;
CREATE TABLE members (person TEXT NOT NULL REFERENCES people(id) ON DELETE CASCADE,
  organization TEXT NOT NULL REFERENCES organizations(id), role TEXT NOT NULL,
  joined_us INTEGER NOT NULL, PRIMARY KEY (person, organization)) STRICT;
CREATE INDEX members_by_organization ON members (organization);
CREATE TABLE sessions (id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE,
  person TEXT NOT NULL REFERENCES people(id) ON DELETE CASCADE,
  organization TEXT NOT NULL REFERENCES organizations(id), created_us INTEGER NOT NULL,
  seen_us INTEGER NOT NULL) STRICT;
CREATE INDEX sessions_by_person ON sessions (person);
CREATE TABLE invitations (id TEXT PRIMARY KEY,
  organization TEXT NOT NULL REFERENCES organizations(id), email TEXT NOT NULL,
  role TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, invited_by TEXT NOT NULL,
  created_us INTEGER NOT NULL, expires_us INTEGER NOT NULL) STRICT;
CREATE TABLE grants (id TEXT PRIMARY KEY,
  organization TEXT NOT NULL REFERENCES organizations(id), principal TEXT NOT NULL,
  environment TEXT NOT NULL, catalog TEXT NOT NULL, role TEXT NOT NULL,
  UNIQUE (principal, environment, catalog)) STRICT;
CREATE TABLE policies (id TEXT PRIMARY KEY,
  organization TEXT NOT NULL REFERENCES organizations(id), table_uuid TEXT NOT NULL,
  name TEXT NOT NULL, roles TEXT NOT NULL, row_filter TEXT, columns TEXT NOT NULL,
  created_us INTEGER NOT NULL, created_by TEXT NOT NULL, UNIQUE (table_uuid, name)) STRICT;
CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization TEXT NOT NULL REFERENCES organizations(id), at_us INTEGER NOT NULL,
  principal TEXT NOT NULL, principal_name TEXT NOT NULL, action TEXT NOT NULL,
  objects TEXT NOT NULL, error TEXT NOT NULL, address TEXT NOT NULL, client TEXT NOT NULL) STRICT;
CREATE INDEX audit_by_organization ON audit (organization, id);
)sql"},
      {"auth", 3, R"sql(
CREATE TABLE oauth_clients (id TEXT PRIMARY KEY, name TEXT NOT NULL, redirect_uris TEXT NOT NULL,
  created_us INTEGER NOT NULL) STRICT;
CREATE TABLE oauth_grants (id TEXT PRIMARY KEY,
  client TEXT NOT NULL REFERENCES oauth_clients(id) ON DELETE CASCADE,
  person TEXT NOT NULL REFERENCES people(id) ON DELETE CASCADE,
  organization TEXT NOT NULL REFERENCES organizations(id), scope TEXT NOT NULL,
  resource TEXT NOT NULL, created_us INTEGER NOT NULL, access_hash BLOB NOT NULL,
  access_expires_us INTEGER NOT NULL, refresh_hash BLOB NOT NULL,
  refresh_expires_us INTEGER NOT NULL, previous_hash BLOB NOT NULL) STRICT;
CREATE INDEX oauth_grants_by_person ON oauth_grants (person);
)sql"},
  };
  return steps;
}

}  // namespace firn::auth
