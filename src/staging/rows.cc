#include "jobs/json_fields.h"
#include "platform/clock.h"
#include "staging/rows_internal.h"

// Staged changes in SQLite.
namespace firn::staging {
namespace {

constexpr const char* kColumns =
    "SELECT id, catalog, name_space, table_name, table_uuid, mode, statement, query, "
    "base_snapshot, snapshot, rows_before, rows_after, columns, added, added_sample, removed, "
    "removed_sample, state, account, created_by, created_us, expires_us, decided_by, decided_us, "
    "published, rights FROM staged_changes WHERE ";

StagedChange read_change(const store::Statement& row) {
  StagedChange change;
  change.id = row.column_text(0);
  change.catalog_id = row.column_text(1);
  change.name_space = row.column_text(2);
  change.table = row.column_text(3);
  if (const auto uuid = Uuid::parse(row.column_text(4)); uuid.ok()) change.table_uuid = *uuid;
  change.branch = std::string(catalog::kStagedPrefix) + change.id;
  change.mode = static_cast<ChangeMode>(row.column_int(5));
  change.statement = row.column_text(6);
  change.query_id = row.column_text(7);
  change.base_snapshot = row.column_int(8);
  change.snapshot = row.column_int(9);
  change.rows_before = row.column_int(10);
  change.rows_after = row.column_int(11);
  change.columns = row.column_text(12);
  change.added = {row.column_int(13), row.column_text(14)};
  change.removed = {row.column_int(15), row.column_text(16)};
  change.state = static_cast<ChangeState>(row.column_int(17));
  change.account = row.column_text(18);
  change.created_by = row.column_text(19);
  change.created_us = row.column_int(20);
  change.expires_us = row.column_int(21);
  change.decided_by = row.column_text(22);
  change.decided_us = row.column_int(23);
  if (!row.column_is_null(24)) change.published_snapshot = row.column_int(24);
  return change;
}

}  // namespace

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"staging", 1, R"sql(
CREATE TABLE staged_changes (id TEXT PRIMARY KEY, organization TEXT NOT NULL,
  catalog TEXT NOT NULL, name_space TEXT NOT NULL, table_name TEXT NOT NULL,
  table_uuid TEXT NOT NULL, mode INTEGER NOT NULL, statement TEXT NOT NULL,
  query TEXT NOT NULL DEFAULT '', base_snapshot INTEGER NOT NULL,
  snapshot INTEGER NOT NULL DEFAULT 0, rows_before INTEGER NOT NULL DEFAULT 0,
  rows_after INTEGER NOT NULL DEFAULT 0, columns TEXT NOT NULL DEFAULT '',
  added INTEGER NOT NULL DEFAULT 0, added_sample TEXT NOT NULL DEFAULT '',
  removed INTEGER NOT NULL DEFAULT 0, removed_sample TEXT NOT NULL DEFAULT '',
  rights TEXT NOT NULL DEFAULT '', state INTEGER NOT NULL, account TEXT NOT NULL,
  created_by TEXT NOT NULL, created_us INTEGER NOT NULL, expires_us INTEGER NOT NULL,
  decided_by TEXT NOT NULL DEFAULT '', decided_us INTEGER NOT NULL DEFAULT 0,
  published INTEGER) STRICT;
CREATE INDEX staged_changes_by_time ON staged_changes (organization, created_us);
CREATE INDEX staged_changes_undecided ON staged_changes (organization) WHERE state < 2;
)sql"},
  };
  return steps;
}

Error missing() { return {ErrorCode::kNotFound, "there is no such change"}; }

Status still_open(const StagedChange& change) {
  const auto over = [](std::string message) {
    return Error(ErrorCode::kConflict, std::move(message));
  };
  switch (change.state) {
    case ChangeState::kOpen: return {};
    case ChangeState::kPublished:
      return over("the change was published already, by " + change.decided_by);
    case ChangeState::kDiscarded: return over("the change was discarded");
    case ChangeState::kExpired: return over("the change has expired: stage it again");
    case ChangeState::kStaging: break;
  }
  return missing();
}

std::string names_json(const iceberg::Schema& schema) {
  std::string json = "[";
  for (const auto& field : schema.fields) {
    if (json.size() > 1) json += ',';
    jobs::append_json_string(json, field.name);
  }
  return json + ']';
}

Result<std::vector<Staging::Row>> Staging::read_all(const std::string& where,
                                                    const std::string& organization,
                                                    const std::string& table, int64_t limit) {
  std::vector<Row> rows;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(kColumns + where + " ORDER BY created_us DESC, id LIMIT " +
                                       std::to_string(limit)));
    if (!organization.empty()) row.bind(1, organization).bind(2, table);
    while (TRY(row.step())) rows.push_back({read_change(row), row.column_text(25)});
    return {};
  }));
  return rows;
}

Result<Staging::Row> Staging::read(const std::string& organization, const std::string& id) {
  auto rows = TRY(read_all("organization = ?1 AND id = ?2 AND state > 0", organization, id, 1));
  if (rows.empty()) return missing();
  return std::move(rows.front());
}

Status Staging::insert(const auth::Principal& who, const StagedChange& change) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto count = TRY(transaction.prepare(
        "SELECT count(*) FROM staged_changes WHERE organization = ? AND state < 2"));
    count.bind(1, who.organization);
    TRY(count.step());
    if (count.column_int(0) >= options_.open_max) {
      return Error(ErrorCode::kResourceExhausted,
                   std::to_string(options_.open_max) +
                       " changes wait already: publish or discard some of them first");
    }
    auto row = TRY(transaction.prepare(
        "INSERT INTO staged_changes (id, organization, catalog, name_space, table_name, "
        "table_uuid, mode, statement, base_snapshot, state, account, created_by, created_us, "
        "expires_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    row.bind(1, change.id).bind(2, who.organization).bind(3, change.catalog_id);
    row.bind(4, change.name_space).bind(5, change.table);
    row.bind(6, change.table_uuid.to_string()).bind(7, static_cast<int64_t>(change.mode));
    row.bind(8, change.statement).bind(9, change.base_snapshot);
    row.bind(10, static_cast<int64_t>(change.state)).bind(11, change.account);
    row.bind(12, change.created_by).bind(13, change.created_us).bind(14, change.expires_us);
    return row.run();
  });
}

// What was staging is there for everybody.
Status Staging::open(const Row& staged) {
  const StagedChange& change = staged.change;
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "UPDATE staged_changes SET state = ?, query = ?, snapshot = ?, rows_before = ?, "
        "rows_after = ?, columns = ?, added = ?, added_sample = ?, removed = ?, removed_sample = "
        "?, rights = ? WHERE id = ?"));
    row.bind(1, static_cast<int64_t>(ChangeState::kOpen)).bind(2, change.query_id);
    row.bind(3, change.snapshot).bind(4, change.rows_before).bind(5, change.rows_after);
    row.bind(6, change.columns).bind(7, change.added.rows).bind(8, change.added.sample);
    row.bind(9, change.removed.rows).bind(10, change.removed.sample);
    row.bind(11, staged.rights).bind(12, change.id);
    return row.run();
  });
}

Status Staging::decide(const std::string& id, ChangeState state, const std::string& by,
                       std::optional<int64_t> snapshot) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    // Nobody ever saw one that came to nothing.
    auto forget = TRY(transaction.prepare("DELETE FROM staged_changes WHERE id = ? AND state = 0"));
    TRY(forget.bind(1, id).run());
    auto row = TRY(transaction.prepare(
        "UPDATE staged_changes SET state = ?, decided_by = ?, decided_us = ?, published = ? WHERE "
        "id = ? AND state = 1"));
    row.bind(1, static_cast<int64_t>(state)).bind(2, by).bind(3, clock_.now_us());
    if (snapshot) {
      row.bind(4, *snapshot);
    } else {
      row.bind_null(4);
    }
    return row.bind(5, id).run();
  });
}

}  // namespace firn::staging
