#include "ingest/settled_rejections.h"

#include "store/database.h"

namespace firn::ingest {

Status SettledRejections::migrate(store::Database& database) {
  static const std::vector<store::Migration> steps = {{"replayed_rows", 1, R"sql(
CREATE TABLE replayed_rows (table_uuid TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (table_uuid, id)) STRICT, WITHOUT ROWID;
)sql"}};
  return database.migrate(steps);
}

Status SettledRejections::add(const Uuid& table, const std::vector<std::string>& ids) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    for (const auto& id : ids) {
      auto row = TRY(transaction.prepare("INSERT OR IGNORE INTO replayed_rows VALUES (?, ?)"));
      TRY(row.bind(1, table.to_string()).bind(2, id).run());
    }
    return {};
  });
}

Result<std::vector<std::string>> SettledRejections::list(const Uuid& table) {
  std::vector<std::string> ids;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("SELECT id FROM replayed_rows WHERE table_uuid = ?"));
    row.bind(1, table.to_string());
    while (TRY(row.step())) ids.push_back(row.column_text(0));
    return {};
  }));
  return ids;
}

}  // namespace firn::ingest
