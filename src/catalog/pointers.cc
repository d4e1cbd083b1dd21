#include "catalog/pointers.h"

#include <algorithm>
#include <boost/json.hpp>

#include "iceberg/json.h"
#include "iceberg/json_writer.h"
#include "store/database.h"

namespace firn::catalog {
namespace {

constexpr char kSeparator = '\x1f';

// Names match exactly, so the levels of a namespace are one text with a separator that no level
// may hold.
constexpr std::string_view kSchema = R"sql(
CREATE TABLE catalogs (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE catalog_namespaces (
  catalog TEXT NOT NULL REFERENCES catalogs(name),
  namespace TEXT NOT NULL,
  properties TEXT NOT NULL,
  PRIMARY KEY (catalog, namespace)
) WITHOUT ROWID;
CREATE TABLE catalog_tables (
  catalog TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  metadata_location TEXT NOT NULL,
  table_uuid TEXT NOT NULL,
  PRIMARY KEY (catalog, namespace, name),
  FOREIGN KEY (catalog, namespace) REFERENCES catalog_namespaces(catalog, namespace)
) WITHOUT ROWID;
CREATE INDEX catalog_tables_by_uuid ON catalog_tables (table_uuid);
)sql";

std::string joined(const Namespace& ns) {
  std::string text;
  for (size_t i = 0; i < ns.size(); ++i) {
    if (i > 0) text += kSeparator;
    text += ns[i];
  }
  return text;
}

Namespace split(std::string_view text) {
  Namespace ns;
  size_t start = 0;
  while (true) {
    const size_t end = text.find(kSeparator, start);
    ns.emplace_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return ns;
    start = end + 1;
  }
}

Error no_namespace(const Namespace& ns) {
  return Error(ErrorCode::kNotFound, "Namespace does not exist: " + namespace_text(ns));
}
Error no_table(const TableIdent& ident) {
  return Error(ErrorCode::kNotFound, "Table does not exist: " + ident.to_string());
}

Status check_namespace(const Namespace& ns) {
  if (ns.empty()) return Error(ErrorCode::kInvalidArgument, "Invalid namespace: empty");
  for (const std::string& level : ns) {
    if (level.empty() || level.find(kSeparator) != std::string::npos ||
        level.find('\0') != std::string::npos) {
      return Error(ErrorCode::kInvalidArgument, "Invalid namespace: " + namespace_text(ns));
    }
  }
  return {};
}

Result<bool> has_namespace(store::Transaction& transaction, const std::string& catalog,
                           const Namespace& ns) {
  auto found =
      TRY(transaction.prepare("SELECT 1 FROM catalog_namespaces WHERE catalog=? AND namespace=?"));
  found.bind(1, catalog).bind(2, joined(ns));
  return found.step();
}

Status require_namespace(store::Transaction& transaction, const std::string& catalog,
                         const Namespace& ns) {
  if (!TRY(has_namespace(transaction, catalog, ns))) return no_namespace(ns);
  return {};
}

std::string properties_text(const iceberg::Properties& properties) {
  std::string text;
  iceberg::JsonWriter writer(text);
  iceberg::write_properties(writer, properties);
  return text;
}

Result<iceberg::Properties> parse_properties(const std::string& text) {
  boost::json::object holder;
  holder["properties"] = TRY(iceberg::parse_json(text));
  return iceberg::json_properties(holder, "properties");
}

Result<iceberg::Properties> read_properties(store::Transaction& transaction,
                                            const std::string& catalog, const Namespace& ns) {
  auto found = TRY(transaction.prepare(
      "SELECT properties FROM catalog_namespaces WHERE catalog=? AND namespace=?"));
  found.bind(1, catalog).bind(2, joined(ns));
  if (!TRY(found.step())) return no_namespace(ns);
  return parse_properties(found.column_text(0));
}

Result<std::optional<std::string>> read_pointer(store::Transaction& transaction,
                                                const TableIdent& ident) {
  auto found = TRY(transaction.prepare(
      "SELECT metadata_location FROM catalog_tables WHERE catalog=? AND namespace=? AND name=?"));
  found.bind(1, ident.catalog).bind(2, joined(ident.levels)).bind(3, ident.name);
  if (!TRY(found.step())) return std::optional<std::string>();
  return std::optional<std::string>(found.column_text(0));
}

Status insert_pointer(store::Transaction& transaction, const PointerStore::Swap& swap) {
  TRY(require_namespace(transaction, swap.ident.catalog, swap.ident.levels));
  if (TRY(read_pointer(transaction, swap.ident))) {
    return Error(ErrorCode::kAlreadyExists, "Table already exists: " + swap.ident.to_string());
  }
  auto insert = TRY(transaction.prepare("INSERT INTO catalog_tables VALUES (?, ?, ?, ?, ?)"));
  return insert.bind(1, swap.ident.catalog)
      .bind(2, joined(swap.ident.levels))
      .bind(3, swap.ident.name)
      .bind(4, swap.next)
      .bind(5, swap.table_uuid.to_string())
      .run();
}

Status move_pointer(store::Transaction& transaction, const PointerStore::Swap& swap) {
  {
    auto update = TRY(transaction.prepare(
        "UPDATE catalog_tables SET metadata_location=?, table_uuid=? WHERE catalog=? AND "
        "namespace=? AND name=? AND metadata_location=?"));
    TRY(update.bind(1, swap.next)
            .bind(2, swap.table_uuid.to_string())
            .bind(3, swap.ident.catalog)
            .bind(4, joined(swap.ident.levels))
            .bind(5, swap.ident.name)
            .bind(6, *swap.expected)
            .run());
  }
  if (transaction.changes() == 1) return {};
  if (!TRY(read_pointer(transaction, swap.ident))) return no_table(swap.ident);
  return Error(ErrorCode::kCommitConflict,
               "Cannot commit to table " + swap.ident.to_string() + ": it was changed meanwhile");
}

}  // namespace

std::string namespace_text(const Namespace& ns) {
  std::string text;
  for (size_t i = 0; i < ns.size(); ++i) {
    if (i > 0) text += '.';
    text += ns[i];
  }
  return text;
}

Namespace parse_namespace(std::string_view text) {
  Namespace levels(1);
  for (const char c : text) {
    if (c == '.') {
      levels.emplace_back();
    } else {
      levels.back() += c;
    }
  }
  return levels;
}

std::string TableIdent::to_string() const {
  return levels.empty() ? name : namespace_text(levels) + "." + name;
}

Status PointerStore::migrate() { return database_.migrate({{"catalog", 1, kSchema}}); }

Result<std::vector<std::string>> PointerStore::catalogs() {
  std::vector<std::string> names;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto rows = TRY(transaction.prepare("SELECT name FROM catalogs ORDER BY name"));
    while (TRY(rows.step())) names.push_back(rows.column_text(0));
    return {};
  }));
  return names;
}

Status PointerStore::ensure_catalog(const std::string& name) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto insert = TRY(transaction.prepare("INSERT OR IGNORE INTO catalogs VALUES (?)"));
    return insert.bind(1, name).run();
  });
}

Result<std::vector<Namespace>> PointerStore::namespaces(const std::string& catalog,
                                                        const Namespace& parent) {
  std::vector<Namespace> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    if (!parent.empty()) TRY(require_namespace(transaction, catalog, parent));
    auto rows = TRY(transaction.prepare(
        "SELECT namespace FROM catalog_namespaces WHERE catalog=? ORDER BY namespace"));
    rows.bind(1, catalog);
    while (TRY(rows.step())) {
      Namespace ns = split(rows.column_text(0));
      if (ns.size() != parent.size() + 1) continue;
      if (std::equal(parent.begin(), parent.end(), ns.begin())) found.push_back(std::move(ns));
    }
    return {};
  }));
  return found;
}

Result<iceberg::Properties> PointerStore::properties(const std::string& catalog,
                                                     const Namespace& ns) {
  iceberg::Properties properties;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    properties = TRY(read_properties(transaction, catalog, ns));
    return {};
  }));
  return properties;
}

Status PointerStore::create_namespace(const std::string& catalog, const Namespace& ns,
                                      const iceberg::Properties& properties) {
  TRY(check_namespace(ns));
  return database_.write([&](store::Transaction& transaction) -> Status {
    {
      auto known = TRY(transaction.prepare("SELECT 1 FROM catalogs WHERE name=?"));
      if (!TRY(known.bind(1, catalog).step())) {
        return Error(ErrorCode::kNotFound, "Catalog does not exist: " + catalog);
      }
    }
    if (TRY(has_namespace(transaction, catalog, ns))) {
      return Error(ErrorCode::kAlreadyExists, "Namespace already exists: " + namespace_text(ns));
    }
    if (ns.size() > 1) {
      TRY(require_namespace(transaction, catalog, Namespace(ns.begin(), ns.end() - 1)));
    }
    auto insert = TRY(transaction.prepare("INSERT INTO catalog_namespaces VALUES (?, ?, ?)"));
    return insert.bind(1, catalog).bind(2, joined(ns)).bind(3, properties_text(properties)).run();
  });
}

Status PointerStore::drop_namespace(const std::string& catalog, const Namespace& ns) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    TRY(require_namespace(transaction, catalog, ns));
    const std::string text = joined(ns);
    {
      auto inside = TRY(transaction.prepare(
          "SELECT 1 FROM catalog_tables WHERE catalog=?1 AND namespace=?2 UNION ALL "
          "SELECT 1 FROM catalog_namespaces WHERE catalog=?1 AND "
          "substr(namespace, 1, length(?3))=?3 LIMIT 1"));
      inside.bind(1, catalog).bind(2, text).bind(3, text + kSeparator);
      if (TRY(inside.step())) {
        return Error(ErrorCode::kAlreadyExists,
                     "Namespace " + namespace_text(ns) + " is not empty");
      }
    }
    auto gone =
        TRY(transaction.prepare("DELETE FROM catalog_namespaces WHERE catalog=? AND namespace=?"));
    return gone.bind(1, catalog).bind(2, text).run();
  });
}

Status PointerStore::update_namespace(const std::string& catalog, const Namespace& ns,
                                      const std::vector<std::string>& removals,
                                      const iceberg::Properties& updates) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    iceberg::Properties properties = TRY(read_properties(transaction, catalog, ns));
    for (const std::string& name : removals) properties.erase(name);
    for (const auto& [name, value] : updates) properties[name] = value;
    auto update = TRY(transaction.prepare(
        "UPDATE catalog_namespaces SET properties=? WHERE catalog=? AND namespace=?"));
    return update.bind(1, properties_text(properties)).bind(2, catalog).bind(3, joined(ns)).run();
  });
}

Result<std::vector<std::string>> PointerStore::tables(const std::string& catalog,
                                                      const Namespace& ns) {
  std::vector<std::string> names;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    TRY(require_namespace(transaction, catalog, ns));
    auto rows = TRY(transaction.prepare(
        "SELECT name FROM catalog_tables WHERE catalog=? AND namespace=? ORDER BY name"));
    rows.bind(1, catalog).bind(2, joined(ns));
    while (TRY(rows.step())) names.push_back(rows.column_text(0));
    return {};
  }));
  return names;
}

Result<std::string> PointerStore::find(const TableIdent& ident) {
  std::optional<std::string> location;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    location = TRY(read_pointer(transaction, ident));
    return {};
  }));
  if (!location) return no_table(ident);
  return *std::move(location);
}

Result<std::optional<TableIdent>> PointerStore::find_by_uuid(
    const std::function<bool(const Uuid&)>& matches) {
  std::optional<TableIdent> ident;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto rows = TRY(transaction.prepare(
        "SELECT table_uuid, catalog, namespace, name FROM catalog_tables ORDER BY table_uuid"));
    while (TRY(rows.step())) {
      if (!matches(TRY(Uuid::parse(rows.column_text(0))))) continue;
      ident = TableIdent{rows.column_text(1), split(rows.column_text(2)), rows.column_text(3)};
      return {};
    }
    return {};
  }));
  return ident;
}

Result<std::optional<TableIdent>> PointerStore::find_by_uuid(const Uuid& table_uuid) {
  std::optional<TableIdent> ident;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT catalog, namespace, name FROM catalog_tables WHERE table_uuid=?"));
    if (TRY(row.bind(1, table_uuid.to_string()).step())) {
      ident = TableIdent{row.column_text(0), split(row.column_text(1)), row.column_text(2)};
    }
    return {};
  }));
  return ident;
}

Status PointerStore::rename(const TableIdent& from, const TableIdent& to) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    if (!TRY(read_pointer(transaction, from))) return no_table(from);
    TRY(require_namespace(transaction, to.catalog, to.levels));
    if (TRY(read_pointer(transaction, to))) {
      return Error(ErrorCode::kAlreadyExists, "Cannot rename " + from.to_string() + " to " +
                                                  to.to_string() + ". Table already exists");
    }
    auto update = TRY(transaction.prepare(
        "UPDATE catalog_tables SET catalog=?, namespace=?, name=? WHERE catalog=? AND namespace=? "
        "AND name=?"));
    return update.bind(1, to.catalog)
        .bind(2, joined(to.levels))
        .bind(3, to.name)
        .bind(4, from.catalog)
        .bind(5, joined(from.levels))
        .bind(6, from.name)
        .run();
  });
}

Status PointerStore::drop(const TableIdent& ident) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    {
      auto gone = TRY(transaction.prepare(
          "DELETE FROM catalog_tables WHERE catalog=? AND namespace=? AND name=?"));
      TRY(gone.bind(1, ident.catalog).bind(2, joined(ident.levels)).bind(3, ident.name).run());
    }
    if (transaction.changes() == 0) return no_table(ident);
    return {};
  });
}

Status PointerStore::swap(const std::vector<Swap>& swaps) {
  bool all_written = false;
  const Status outcome = database_.write([&](store::Transaction& transaction) -> Status {
    for (const Swap& swap : swaps) {
      TRY(swap.expected ? move_pointer(transaction, swap) : insert_pointer(transaction, swap));
    }
    all_written = true;
    return {};
  });
  if (outcome.ok() || !all_written) return outcome;
  // The COMMIT itself failed: after a crash its bytes may or may not be found complete.
  return Error(ErrorCode::kCommitUnknown, "the outcome of the commit is not known",
               outcome.error().to_log());
}

}  // namespace firn::catalog
