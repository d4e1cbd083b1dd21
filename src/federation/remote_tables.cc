#include "federation/remote_tables.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "auth/policies.h"
#include "base/utf8.h"
#include "federation/fingerprint.h"
#include "query/sql_type.h"

namespace firn::federation {
namespace {

using catalog::Namespace;
using query::ForeignTable;
using query::OwnedDescriptor;

constexpr uint64_t kListBytesMax = 64 << 20;       // of a manifest list
constexpr uint64_t kManifestBytesMax = 256 << 20;  // of a manifest
constexpr size_t kManifestsMax = 10'000;           // of a snapshot
constexpr size_t kPlannedMax = 1'000'000;          // files of one query
constexpr int kDepthMax = 8;                       // of namespaces
constexpr size_t kNamespacesMax = 2'000;
constexpr size_t kListedTablesMax = 2'000;
constexpr size_t kListedColumnsMax = 100'000;

// A level with a dot in it has no name in SQL.
bool has_name(const Namespace& levels) {
  return std::none_of(levels.begin(), levels.end(), [](const std::string& level) {
    return level.find('.') != std::string::npos;
  });
}

Error damaged(const Error& error, const std::string& location) {
  if (error.code() != ErrorCode::kInvalidData) return error;
  return Error(ErrorCode::kUnavailable,
               "a metadata file of the table is damaged (" + std::string(cut_utf8(location, 300)) +
                   "): " + error.message(),
               error.detail());
}

template <typename T>
Result<T> undamaged(Result<T> read, const std::string& location) {
  return read.ok() ? std::move(read) : Result<T>(damaged(read.error(), location));
}

int64_t rows_of(const iceberg::TableMetadata& metadata) {
  const auto* snapshot = metadata.current_snapshot();
  if (snapshot == nullptr) return 0;
  const auto total = snapshot->summary.find("total-records");
  int64_t rows = -1;
  if (total == snapshot->summary.end()) return rows;
  std::from_chars(total->second.data(), total->second.data() + total->second.size(), rows);
  return rows;
}

// What was seen of a catalog so far.
class Walk {
 public:
  Walk(RestCatalog& catalog, std::chrono::steady_clock::time_point until)
      : catalog_(catalog), until_(until) {}

  Status look_below(const Namespace& parent, int depth) {
    TRY(in_time());
    for (const auto& levels : TRY(catalog_.namespaces(parent))) {
      if (!has_name(levels)) continue;
      if (++namespaces_ > kNamespacesMax) return truncate();
      TRY(look_at(levels));
      if (found.truncated) return {};
      if (depth < kDepthMax) TRY(look_below(levels, depth + 1));
    }
    return {};
  }

  BrowsedDatabase found;

 private:
  Status truncate() {
    found.truncated = true;
    return {};
  }
  Status in_time() const {
    if (std::chrono::steady_clock::now() < until_) return {};
    return Error(ErrorCode::kDeadlineExceeded, "the catalog takes too long to list its tables");
  }

  Status look_at(const Namespace& levels) {
    for (const auto& name : TRY(catalog_.tables(levels))) {
      TRY(in_time());
      if (found.tables.size() == kListedTablesMax || columns_ > kListedColumnsMax) {
        return truncate();
      }
      ForeignTable table{catalog::namespace_text(levels), name, -1, {}};
      const auto loaded = catalog_.load(levels, name, false);
      // One that cannot be looked at is there all the same.
      if (loaded.ok()) describe(*loaded->metadata, table);
      found.tables.push_back(std::move(table));
    }
    return {};
  }

  void describe(const iceberg::TableMetadata& metadata, ForeignTable& table) {
    table.row_estimate = rows_of(metadata);
    for (const auto& column : metadata.schema().fields) {
      table.columns.push_back({column.name, query::sql_type(*column.type), column.required});
    }
    columns_ += table.columns.size();
  }

  RestCatalog& catalog_;
  const std::chrono::steady_clock::time_point until_;
  size_t namespaces_ = 0;
  size_t columns_ = 0;
};

}  // namespace

std::string catalog_url(const ConnectionSpec& spec) {
  const bool v6 = spec.host.find(':') != std::string::npos;
  return std::string(spec.tls == Tls::kDisable ? "http://" : "https://") +
         (v6 ? "[" + spec.host + "]" : spec.host) + ":" + std::to_string(spec.port) + spec.path;
}

RemoteCatalog RemoteCatalogs::open(const Connection& connection, const std::string& password,
                                   const std::string& storage_secret) {
  const auto& spec = connection.spec;
  RemoteCatalog opened;
  opened.storage = {spec.storage_endpoint, spec.storage_region, spec.storage_user, storage_secret};
  const std::string whom = fingerprint({catalog_url(spec), spec.database, spec.user, password,
                                        spec.token_url, spec.scope, std::to_string(int(spec.tls)),
                                        std::to_string(spec.statement_timeout_ms)});
  opened.identity = fingerprint({connection.id, whom, spec.storage_endpoint, spec.storage_region,
                                 spec.storage_user, storage_secret});
  std::lock_guard lock(mutex_);
  auto& slot = open_[whom];
  if (slot == nullptr) {
    RestCatalogSpec rest;
    rest.url = catalog_url(spec);
    rest.clear_allowed = spec.tls == Tls::kDisable;
    rest.any_certificate = spec.tls == Tls::kRequire;
    rest.warehouse = spec.database;
    rest.client_id = spec.user;
    rest.secret = password;
    rest.token_url = spec.token_url;
    rest.scope = spec.scope;
    rest.at_most = std::chrono::milliseconds(spec.statement_timeout_ms);
    slot = std::make_shared<RestCatalog>(std::move(rest), hosts_);
  }
  opened.rest = slot;
  // Rarely: whoever uses one keeps it.
  if (static_cast<int64_t>(open_.size()) > kOpenMax) open_.clear();
  return opened;
}

Result<const Connection*> RemoteTables::connection_of(const std::string& id) const {
  for (const auto& connection : connections_) {
    if (connection.id == id) return &connection;
  }
  return Error(ErrorCode::kNotFound, "there is no such connection");
}

Result<RemoteTables::Opened*> RemoteTables::open(const std::string& id) {
  auto& slot = opened_[id];
  if (slot == nullptr) {
    const Connection& connection = *TRY(connection_of(id));
    const auto password = TRY(stored_.password(connection));
    const auto storage = TRY(stored_.storage_secret(connection));
    slot =
        std::make_unique<Opened>(Opened{connection, catalogs_.open(connection, password, storage)});
  }
  return slot.get();
}

Result<std::vector<query::Access::CatalogName>> RemoteTables::catalogs() {
  std::vector<query::Access::CatalogName> names;
  for (const auto& connection : connections_) {
    names.push_back({connection.spec.name, connection.id});
  }
  return names;
}

Result<std::vector<std::string>> RemoteTables::list_schemas(const std::string& catalog_id) {
  const Connection& connection = *TRY(connection_of(catalog_id));
  std::set<std::string> names;
  for (const auto& table : TRY(stored_.tables(connection))) names.insert(table.schema);
  return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<std::string>> RemoteTables::list_tables(const std::string& catalog_id,
                                                           const std::string& schema) {
  const Connection& connection = *TRY(connection_of(catalog_id));
  std::vector<std::string> names;
  for (auto& table : TRY(stored_.tables(connection))) {
    if (table.schema == schema) names.push_back(std::move(table.name));
  }
  return names;
}

Result<catalog::TablePtr> RemoteTables::load_table(const catalog::TableIdent& ident) {
  const auto as_table = [&](const LoadedTable& from) {
    return std::make_shared<const catalog::Table>(
        catalog::Table{ident, from.metadata_location, from.metadata});
  };
  // At whatever version a query names it: it is loaded once.
  const auto known = loaded_.find(ident);
  if (known != loaded_.end()) return catalog::TablePtr(as_table(known->second->table));
  if (loaded_.size() >= kTablesMax) {
    return Error(ErrorCode::kTooLarge, "a query reads at most " + std::to_string(kTablesMax) +
                                           " tables of other catalogs");
  }
  Opened* const opened = TRY(open(ident.catalog));
  const std::string context = "the connection " + opened->connection.spec.name;
  auto loaded =
      opened->catalog.rest->load(ident.levels, ident.name, opened->catalog.storage.key_id.empty());
  if (!loaded.ok()) return loaded.error().with_context(context);
  // A catalog may give a table the id of another one, of the lake even.
  auto own = std::make_shared<iceberg::TableMetadata>(*loaded->metadata);
  own->table_uuid =
      auth::connected_table(ident.catalog, "", loaded->metadata->table_uuid.to_string());
  loaded->metadata = std::move(own);
  auto table = as_table(*loaded);
  loaded_[ident] = std::make_unique<Loaded>(Loaded{opened, ident, *std::move(loaded)});
  return catalog::TablePtr(std::move(table));
}

Result<RemoteTables::Loaded*> RemoteTables::loaded(const catalog::Table& table) {
  const auto found = loaded_.find(table.ident);
  if (found != loaded_.end()) return found->second.get();
  return Error(ErrorCode::kInternal, "a table of another catalog was not loaded");
}

Result<std::shared_ptr<OwnedDescriptor>> RemoteTables::fetch(Loaded& loaded,
                                                             TableFiles::Wanted wanted) {
  const auto& spec = loaded.opened->connection.spec;
  const auto& catalog = loaded.opened->catalog;
  wanted.reader = catalog.identity + "\n" + loaded.table.metadata->table_uuid.to_string();
  wanted.at_most = std::chrono::milliseconds(spec.statement_timeout_ms);
  const auto open = [&] {
    return catalogs_.files().open(wanted, loaded.table, catalog.storage, spec.tls);
  };
  auto file = open();
  const bool lent = catalog.storage.key_id.empty() && is_object(wanted.location);
  if (!file.ok() && lent && file.error().code() == ErrorCode::kPermissionDenied) {
    auto again = catalog.rest->load(loaded.ident.levels, loaded.ident.name, true);
    if (again.ok()) {
      loaded.table.config = std::move(again->config);
      loaded.table.credentials = std::move(again->credentials);
      file = open();
    }
  }
  if (!file.ok()) return file.error().with_context("the connection " + spec.name);
  return file;
}

catalog::ReadFile RemoteTables::reader_of(Loaded& loaded) {
  return [this, &loaded](const std::string& location, int64_t bytes) -> Result<std::string> {
    TableFiles::Wanted wanted;
    wanted.location = location;
    const uint64_t most = bytes > 0 ? kManifestBytesMax : kListBytesMax;
    if (bytes > static_cast<int64_t>(most)) {
      return Error(ErrorCode::kTooLarge,
                   "a manifest of the table is larger than " + std::to_string(most >> 20) + " MiB");
    }
    wanted.bytes = bytes > 0 ? static_cast<uint64_t>(bytes) : 0;
    wanted.bytes_max = most;
    const auto file = TRY(fetch(loaded, wanted));
    return read_all(*file, most);
  };
}

Result<std::shared_ptr<const catalog::Catalog::SnapshotFiles>> RemoteTables::snapshot_files(
    const catalog::Table& table, int64_t snapshot_id) {
  Loaded& loaded = *TRY(this->loaded(table));
  const auto& metadata = *table.metadata;
  const auto* snapshot = metadata.snapshot_by_id(snapshot_id);
  if (snapshot == nullptr) {
    return Error(ErrorCode::kNotFound, "the table has no snapshot " + std::to_string(snapshot_id));
  }
  const std::string owner =
      loaded.opened->catalog.identity + metadata.table_uuid.to_string() + "\n";
  const std::string list_key = owner + std::to_string(snapshot_id) + snapshot->manifest_list;
  auto manifests = catalogs_.manifests.get(list_key);
  if (manifests == nullptr) {
    manifests = std::make_shared<const std::vector<iceberg::ManifestFile>>(TRY(undamaged(
        catalog::read_manifests(metadata, *snapshot, reader_of(loaded)), snapshot->manifest_list)));
    catalogs_.manifests.put(list_key, manifests, catalog::weight_of(*manifests));
  }
  if (manifests->size() > kManifestsMax) {
    return Error(ErrorCode::kTooLarge, "the table has more than " + std::to_string(kManifestsMax) +
                                           " manifests: rewrite them to read it");
  }
  return catalog::gather_files(
      *manifests, [&](const iceberg::ManifestFile& manifest) -> Result<catalog::EntriesPtr> {
        const std::string key = owner + std::to_string(manifest.partition_spec_id) + "\n" +
                                std::to_string(manifest.sequence_number) + "\n" +
                                manifest.manifest_path;
        if (auto known = catalogs_.entries.get(key)) return known;
        auto entries = std::make_shared<const std::vector<iceberg::ManifestEntry>>(TRY(undamaged(
            catalog::read_entries(metadata, manifest, reader_of(loaded)), manifest.manifest_path)));
        catalogs_.entries.put(key, entries, catalog::weight_of(*entries));
        return catalog::EntriesPtr(std::move(entries));
      });
}

// Rules name columns: whatever has, or had, that name is what they mean.
Result<query::ForeignAccess> RemoteTables::access_to(const catalog::Table& table) {
  const Connection& connection = *TRY(connection_of(table.ident.catalog));
  auto access =
      TRY(rules_(connection, catalog::namespace_text(table.ident.levels), table.ident.name));
  auto& rules = access.rules;
  for (const auto& [name, rule] : rules.named_columns) {
    const auto named = [&name = name](const iceberg::Field& field) {
      return auth::lower_case(field.name) == name;
    };
    const auto& now = table.metadata->schema().fields;
    if (std::none_of(now.begin(), now.end(), named)) {
      return Error(ErrorCode::kPermissionDenied,
                   "a policy names a column of " + table.ident.name +
                       " that is not there any more: an admin has to look");
    }
    for (const auto& schema : table.metadata->schemas) {
      for (const auto& field : schema.fields) {
        if (!named(field)) continue;
        const auto [slot, is_new] = rules.columns.emplace(field.id, rule);
        if (!is_new) slot->second = std::min(slot->second, rule);
      }
    }
  }
  rules.named_columns.clear();
  return access;
}

Result<std::string> RemoteTables::worker_path(const catalog::Table& table,
                                              const iceberg::DataFile& file) {
  Loaded& loaded = *TRY(this->loaded(table));
  if (file.file_size_in_bytes <= 0 || file.record_count < 0) {
    return Error(ErrorCode::kUnavailable, "the table has a file of no size");
  }
  if (planned_.size() >= kPlannedMax) {
    return Error(ErrorCode::kTooLarge,
                 "the query reads more than " + std::to_string(kPlannedMax) + " files");
  }
  // What it holds is part of it: what a worker remembers of a path is of this very content.
  std::string path =
      "/connected/" +
      fingerprint({loaded.opened->catalog.identity, table.metadata->table_uuid.to_string(),
                   file.file_path, std::to_string(file.file_size_in_bytes)}) +
      ".parquet";
  auto& planned = planned_[path];
  planned.loaded = &loaded;
  planned.location = file.file_path;
  planned.bytes = static_cast<uint64_t>(file.file_size_in_bytes);
  planned.rows = file.content == iceberg::FileContent::kData ? file.record_count : 0;
  return path;
}

Result<std::shared_ptr<OwnedDescriptor>> RemoteTables::planned_file(const std::string& path) {
  const auto found = planned_.find(path);
  if (found == planned_.end()) return SnapshotSource::planned_file(path);
  auto& planned = found->second;
  auto& opened = *planned.loaded->opened;
  const auto& spec = opened.connection.spec;
  if (!planned.counted) {
    planned.counted = true;
    opened.rows += planned.rows;
    bytes_ += planned.bytes;
  }
  if (opened.rows > spec.rows_max) {
    return Error(ErrorCode::kResourceExhausted,
                 "the query reads files with more than " + std::to_string(spec.rows_max) +
                     " rows of the connection " + spec.name +
                     ": select fewer, with a condition that leaves files out");
  }
  if (bytes_ > catalogs_.files().bytes_max()) {
    return Error(ErrorCode::kTooLarge,
                 "the query reads more than the " +
                     std::to_string(catalogs_.files().bytes_max() >> 20) +
                     " MiB of other catalogs' files that are kept (objects-bytes-max): select "
                     "less, with a condition that leaves files out");
  }
  TableFiles::Wanted wanted;
  wanted.location = planned.location;
  wanted.bytes = planned.bytes;
  return fetch(*planned.loaded, std::move(wanted));
}

Result<BrowsedDatabase> browse_catalog(RestCatalog& catalog,
                                       std::chrono::steady_clock::time_point until) {
  Walk walk(catalog, until);
  TRY(walk.look_below({}, 0));
  return std::move(walk.found);
}

}  // namespace firn::federation
