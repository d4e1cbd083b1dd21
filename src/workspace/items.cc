#include "workspace/items.h"

#include "platform/clock.h"
#include "platform/random.h"
#include "store/database.h"

namespace firn::workspace {
namespace {

constexpr int64_t kItemsMax = 10'000;  // of one kind in an organization
constexpr int64_t kVersionsMax = 200;
constexpr size_t kBodyMax = 1 << 20;

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"workspace", 1, R"sql(
CREATE TABLE items (id TEXT PRIMARY KEY, organization TEXT NOT NULL, kind TEXT NOT NULL,
  name TEXT NOT NULL, body TEXT NOT NULL, version INTEGER NOT NULL, created_by TEXT NOT NULL,
  created_us INTEGER NOT NULL, updated_by TEXT NOT NULL, updated_us INTEGER NOT NULL) STRICT;
CREATE INDEX items_by_name ON items (organization, kind, name);
CREATE TABLE item_versions (item TEXT NOT NULL REFERENCES items(id) ON DELETE CASCADE,
  version INTEGER NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, saved_by TEXT NOT NULL,
  saved_us INTEGER NOT NULL, PRIMARY KEY (item, version)) STRICT, WITHOUT ROWID;
)sql"},
  };
  return steps;
}

constexpr const char* kSelect =
    "SELECT id, name, body, version, created_by, created_us, updated_by, updated_us FROM items "
    "WHERE organization = ? AND kind = ?";

Item read_item(const store::Statement& row) {
  return {row.column_text(0), row.column_text(1),
          row.column_text(2), static_cast<int32_t>(row.column_int(3)),
          row.column_text(4), row.column_int(5),
          row.column_text(6), row.column_int(7)};
}

Status check_body(const std::string& body) {
  if (body.size() <= kBodyMax) return {};
  return Error(ErrorCode::kTooLarge, "this is larger than 1 MiB");
}

}  // namespace

Status Items::migrate(store::Database& database) { return database.migrate(migrations()); }

Error Items::missing() const { return Error(ErrorCode::kNotFound, "there is no such " + what_); }

Result<std::vector<Item>> Items::list(const std::string& organization, const std::string& search) {
  std::vector<Item> items;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        std::string(kSelect) +
        " AND (?3 = '' OR instr(lower(name), lower(?3)) > 0) ORDER BY name COLLATE NOCASE, id"));
    row.bind(1, organization).bind(2, what_).bind(3, search);
    while (TRY(row.step())) items.push_back(read_item(row));
    return {};
  }));
  return items;
}

Result<std::optional<Item>> Items::read(store::Transaction& transaction,
                                        const std::string& organization, const std::string& id) {
  auto row = TRY(transaction.prepare(std::string(kSelect) + " AND id = ?"));
  row.bind(1, organization).bind(2, what_).bind(3, id);
  if (!TRY(row.step())) return std::optional<Item>();
  return std::optional(read_item(row));
}

Result<Item> Items::find(const std::string& organization, const std::string& id) {
  std::optional<Item> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    found = TRY(read(transaction, organization, id));
    return {};
  }));
  if (!found) return missing();
  return *std::move(found);
}

Status Items::keep_version(store::Transaction& transaction, const Item& item) {
  {
    auto row = TRY(transaction.prepare("INSERT INTO item_versions VALUES (?, ?, ?, ?, ?, ?)"));
    TRY(row.bind(1, item.id)
            .bind(2, static_cast<int64_t>(item.version))
            .bind(3, item.name)
            .bind(4, item.body)
            .bind(5, item.updated_by)
            .bind(6, item.updated_us)
            .run());
  }
  auto row = TRY(transaction.prepare("DELETE FROM item_versions WHERE item = ? AND version <= ?"));
  return row.bind(1, item.id).bind(2, item.version - kVersionsMax).run();
}

Result<Item> Items::insert(const std::string& organization, const std::string& name,
                           const std::string& body, const std::string& by) {
  TRY(check_body(body));
  const int64_t now = clock_.now_us();
  const Item made{random_.uuid().to_string(), name, body, 1, by, now, by, now};
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(
          transaction.prepare("SELECT count(*) FROM items WHERE organization = ? AND kind = ?"));
      row.bind(1, organization).bind(2, what_);
      if (TRY(row.step()) && row.column_int(0) >= kItemsMax) {
        return Error(ErrorCode::kResourceExhausted,
                     "there are 10,000 of these already: delete some first");
      }
    }
    {
      auto row =
          TRY(transaction.prepare("INSERT INTO items VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?)"));
      TRY(row.bind(1, made.id)
              .bind(2, organization)
              .bind(3, what_)
              .bind(4, name)
              .bind(5, body)
              .bind(6, by)
              .bind(7, now)
              .bind(8, by)
              .bind(9, now)
              .run());
    }
    return keep_version(transaction, made);
  }));
  return made;
}

Result<Item> Items::update(const std::string& organization, const std::string& id,
                           std::optional<int32_t> expected, const std::string& by,
                           const std::function<Status(Item&)>& change) {
  std::optional<Item> item;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    item = TRY(read(transaction, organization, id));
    if (!item) return missing();
    if (expected && *expected != item->version) {
      return Error(ErrorCode::kConflict,
                   "somebody saved this " + what_ + " meanwhile, as version " +
                       std::to_string(item->version) + " of " + item->updated_by);
    }
    TRY(change(*item));
    TRY(check_body(item->body));
    item->version += 1;
    item->updated_by = by;
    item->updated_us = clock_.now_us();
    {
      auto row = TRY(transaction.prepare(
          "UPDATE items SET name = ?, body = ?, version = ?, updated_by = ?, updated_us = ? WHERE "
          "id = ?"));
      TRY(row.bind(1, item->name)
              .bind(2, item->body)
              .bind(3, static_cast<int64_t>(item->version))
              .bind(4, by)
              .bind(5, item->updated_us)
              .bind(6, id)
              .run());
    }
    return keep_version(transaction, *item);
  }));
  return *std::move(item);
}

Status Items::remove(const std::string& organization, const std::string& id) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    if (!TRY(read(transaction, organization, id))) return missing();
    for (const char* sql :
         {"DELETE FROM item_versions WHERE item = ?", "DELETE FROM items WHERE id = ?"}) {
      auto row = TRY(transaction.prepare(sql));
      TRY(row.bind(1, id).run());
    }
    return {};
  });
}

Result<std::vector<ItemVersion>> Items::versions(const std::string& organization,
                                                 const std::string& id) {
  std::vector<ItemVersion> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    if (!TRY(read(transaction, organization, id))) return missing();
    auto row = TRY(transaction.prepare(
        "SELECT version, name, body, saved_by, saved_us FROM item_versions WHERE item = ? ORDER BY "
        "version DESC"));
    row.bind(1, id);
    while (TRY(row.step())) {
      found.push_back({static_cast<int32_t>(row.column_int(0)), row.column_text(1),
                       row.column_text(2), row.column_text(3), row.column_int(4)});
    }
    return {};
  }));
  return found;
}

}  // namespace firn::workspace
