#include "automation/records.h"

namespace firn::automation::records {
namespace {

constexpr int64_t kRecordsMax = 1'000;

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"automation", 1, R"sql(
CREATE TABLE automation_records (id TEXT PRIMARY KEY, kind TEXT NOT NULL,
  organization TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, created_by TEXT NOT NULL,
  created_us INTEGER NOT NULL, updated_by TEXT NOT NULL, updated_us INTEGER NOT NULL) STRICT;
CREATE INDEX automation_records_by_name ON automation_records (organization, kind, name);
)sql"},
  };
  return steps;
}

constexpr const char* kSelect =
    "SELECT id, organization, name, body, created_by, created_us, updated_by, updated_us FROM "
    "automation_records WHERE kind = ? AND organization = ?";

Record read(const store::Statement& row) {
  Record record;
  record.about.id = row.column_text(0);
  record.about.organization = row.column_text(1);
  record.about.name = row.column_text(2);
  record.body = row.column_text(3);
  record.about.created_by = row.column_text(4);
  record.about.created_us = row.column_int(5);
  record.about.updated_by = row.column_text(6);
  record.about.updated_us = row.column_int(7);
  return record;
}

Error missing(std::string_view kind) {
  return {ErrorCode::kNotFound, "there is no such " + std::string(kind)};
}

}  // namespace

Status migrate(store::Database& database) { return database.migrate(migrations()); }

Status insert(store::Transaction& transaction, std::string_view kind, const Record& record) {
  {
    auto row = TRY(transaction.prepare(
        "SELECT count(*) FROM automation_records WHERE kind = ? AND organization = ?"));
    row.bind(1, kind).bind(2, record.about.organization);
    if (TRY(row.step()) && row.column_int(0) >= kRecordsMax) {
      return Error(ErrorCode::kResourceExhausted,
                   "there are 1,000 of these already: delete some first");
    }
  }
  auto row =
      TRY(transaction.prepare("INSERT INTO automation_records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  return row.bind(1, record.about.id)
      .bind(2, kind)
      .bind(3, record.about.organization)
      .bind(4, record.about.name)
      .bind(5, record.body)
      .bind(6, record.about.created_by)
      .bind(7, record.about.created_us)
      .bind(8, record.about.updated_by)
      .bind(9, record.about.updated_us)
      .run();
}

Status update(store::Transaction& transaction, std::string_view kind, const Record& record) {
  auto row = TRY(transaction.prepare(
      "UPDATE automation_records SET name = ?, body = ?, updated_by = ?, updated_us = ? WHERE id = "
      "? AND kind = ? AND organization = ?"));
  TRY(row.bind(1, record.about.name)
          .bind(2, record.body)
          .bind(3, record.about.updated_by)
          .bind(4, record.about.updated_us)
          .bind(5, record.about.id)
          .bind(6, kind)
          .bind(7, record.about.organization)
          .run());
  return transaction.changes() > 0 ? Status() : Status(missing(kind));
}

Status remove(store::Transaction& transaction, std::string_view kind,
              const std::string& organization, const std::string& id) {
  auto row = TRY(transaction.prepare(
      "DELETE FROM automation_records WHERE id = ? AND kind = ? AND organization = ?"));
  TRY(row.bind(1, id).bind(2, kind).bind(3, organization).run());
  return transaction.changes() > 0 ? Status() : Status(missing(kind));
}

Result<Record> find(store::Transaction& transaction, std::string_view kind,
                    const std::string& organization, const std::string& id) {
  auto row = TRY(transaction.prepare(std::string(kSelect) + " AND id = ?"));
  row.bind(1, kind).bind(2, organization).bind(3, id);
  if (!TRY(row.step())) return missing(kind);
  return read(row);
}

Result<std::vector<Record>> list(store::Database& database, std::string_view kind,
                                 const std::string& organization) {
  std::vector<Record> records;
  TRY(database.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(std::string(kSelect) + " ORDER BY name COLLATE NOCASE, id"));
    row.bind(1, kind).bind(2, organization);
    while (TRY(row.step())) records.push_back(read(row));
    return {};
  }));
  return records;
}

Result<Record> find_now(store::Database& database, std::string_view kind,
                        const std::string& organization, const std::string& id) {
  std::optional<Record> found;
  TRY(database.read([&](store::Transaction& transaction) -> Status {
    found = TRY(find(transaction, kind, organization, id));
    return {};
  }));
  return *std::move(found);
}

}  // namespace firn::automation::records
