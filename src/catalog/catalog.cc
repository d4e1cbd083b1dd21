#include "catalog/catalog.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <thread>

#include "catalog/catalog_internal.h"
#include "catalog/commit.h"
#include "catalog/new_table.h"
#include "iceberg/data_writer.h"
#include "platform/clock.h"
#include "platform/fault.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::catalog {
namespace {

constexpr size_t kTablesInMemoryMax = 4096;
constexpr int64_t kManifestListBytesMax = 64 << 20;
constexpr int64_t kSnapshotsInMemoryMax = 64;
constexpr int kDefaultPreviousVersionsMax = 100;

bool is_conflict(const Error& error) { return error.code() == ErrorCode::kCommitConflict; }

// `folder` ends in '/'.
bool is_inside(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.size() > folder.size() &&
         path.find("/../") == std::string_view::npos && !path.ends_with("/..");
}

// "00012-UUID.metadata.json" is version 12.
int64_t version_of(std::string_view metadata_location) {
  const size_t slash = metadata_location.rfind('/');
  std::string_view name = metadata_location.substr(slash + 1);
  if (name.starts_with("v")) name.remove_prefix(1);
  int64_t version = 0;
  std::from_chars(name.data(), name.data() + name.size(), version);
  return version;
}

std::string padded(int64_t version) {
  std::string text = std::to_string(version);
  if (text.size() < 5) text.insert(0, 5 - text.size(), '0');
  return text;
}

// Adds the file before to the metadata log and cuts it to write.metadata.previous-versions-max.
void extend_metadata_log(const Table& base, iceberg::TableMetadata& metadata) {
  metadata.metadata_log.push_back({base.metadata->last_updated_ms, base.metadata_location});
  const int64_t kept = std::max<int64_t>(
      1, integer_property(metadata.properties, "write.metadata.previous-versions-max",
                          kDefaultPreviousVersionsMax));
  if (std::cmp_greater(metadata.metadata_log.size(), kept)) {
    metadata.metadata_log.erase(metadata.metadata_log.begin(), metadata.metadata_log.end() - kept);
  }
}

}  // namespace

int64_t integer_property(const iceberg::Properties& properties, const std::string& name,
                         int64_t fallback) {
  const auto found = properties.find(name);
  if (found == properties.end()) return fallback;
  const std::string& text = found->second;
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() ? value : fallback;
}

std::optional<std::string_view> base_of_rejected(std::string_view name) {
  if (!name.ends_with(kRejectedSuffix) || name.size() == kRejectedSuffix.size()) {
    return std::nullopt;
  }
  return name.substr(0, name.size() - kRejectedSuffix.size());
}

std::string slug_of(std::string_view text) {
  constexpr size_t kSlugBytesMax = 48;
  std::string slug;
  for (const char c : text.substr(0, kSlugBytesMax)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool upper = c >= 'A' && c <= 'Z';
    slug += plain ? c : upper ? static_cast<char>(c - 'A' + 'a') : '_';
  }
  return slug;
}

Catalog::Impl::Impl(const CatalogOptions& options_, store::Database& database,
                    platform::FileSystem& files_, platform::Clock& clock_,
                    platform::Random& random_)
    : options(options_),
      files(files_),
      clock(clock_),
      random(random_),
      pointers(database),
      entries_cache(options_.manifest_cache_bytes_max),
      manifests_cache(kManifestListBytesMax),
      snapshot_cache(kSnapshotsInMemoryMax) {}

TablePtr Catalog::Impl::cached(const TableIdent& ident) {
  std::lock_guard lock(tables_mutex);
  const auto found = tables.find(ident);
  return found == tables.end() ? nullptr : found->second;
}

void Catalog::Impl::remember(const TablePtr& table) {
  std::lock_guard lock(tables_mutex);
  tables[table->ident] = table;
  if (tables.size() <= kTablesInMemoryMax) return;
  const auto first = tables.begin();
  tables.erase(first->second == table ? std::next(first) : first);
}

void Catalog::Impl::forget(const TableIdent& ident) {
  std::lock_guard lock(tables_mutex);
  tables.erase(ident);
}

Result<TablePtr> Catalog::Impl::load(const TableIdent& ident) {
  if (TablePtr table = cached(ident)) return table;
  Table table{ident, TRY(pointers.find(ident)), nullptr};
  const std::string path = TRY(iceberg::local_path_of(table.metadata_location));
  auto text = files.read_file(path);
  if (!text.ok()) {
    if (text.error().code() != ErrorCode::kNotFound) return std::move(text).error();
    return Error(ErrorCode::kNotFound,
                 "Failed to open input stream for file: " + table.metadata_location);
  }
  table.metadata =
      std::make_shared<const iceberg::TableMetadata>(TRY(iceberg::parse_table_metadata(*text)));
  auto shared = std::make_shared<const Table>(std::move(table));
  // Somebody may have committed since the pointer was read; their table is the one to keep.
  std::lock_guard lock(tables_mutex);
  const auto [kept, added] = tables.try_emplace(ident, shared);
  if (tables.size() > kTablesInMemoryMax && tables.begin() != kept) tables.erase(tables.begin());
  return added ? TablePtr(shared) : kept->second;
}

std::vector<std::unique_lock<std::mutex>> Catalog::Impl::lock_tables(
    std::vector<TableIdent> idents) {
  // In ascending order, each once: two commits over the same tables cannot wait in a circle.
  std::set<size_t> wanted;
  for (const TableIdent& ident : idents) {
    wanted.insert(std::hash<std::string>()(ident.catalog + '\x1f' + ident.to_string()) %
                  commit_mutexes.size());
  }
  std::vector<std::unique_lock<std::mutex>> locks;
  for (const size_t index : wanted) locks.emplace_back(commit_mutexes[index]);
  return locks;
}

std::string Catalog::Impl::new_location(const TableIdent& ident) {
  return root_of(ident.catalog) + "/" + slug_of(ident.to_string()) + "-" +
         random.uuid().to_string();
}

std::string Catalog::Impl::root_of(const std::string& catalog) const {
  return "file://" + options.warehouse_directory + "/" + catalog;
}

Status Catalog::Impl::check_location(const std::string& catalog, const std::string& location) {
  const auto path = iceberg::local_path_of(location);
  if (path.ok() && is_inside(*path, options.warehouse_directory + "/" + catalog + "/")) return {};
  return Error(ErrorCode::kInvalidArgument,
               "the location '" + location + "' is not within " + root_of(catalog));
}

Status Catalog::Impl::check_file(const iceberg::TableMetadata& metadata,
                                 const std::string& path) const {
  const std::string location = TRY(iceberg::local_path_of(metadata.location));
  const size_t folder = options.warehouse_directory.size() + 1;
  const size_t end = location.find('/', folder);
  const auto local = iceberg::local_path_of(path);
  if (end != std::string::npos && location.starts_with(options.warehouse_directory + "/") &&
      local.ok() && is_inside(*local, std::string_view(location).substr(0, end + 1))) {
    return {};
  }
  return Error(ErrorCode::kInvalidData,
               "the table names a file outside its catalog's folder: " + path);
}

Status Catalog::Impl::make_table_directories(const std::string& location) {
  const std::string path = TRY(iceberg::local_path_of(location));
  if (TRY(files.exists(path + "/metadata")) && TRY(files.exists(path + "/data"))) return {};
  TRY(files.create_directories(path + "/metadata"));
  TRY(files.create_directories(path + "/data"));
  TRY(files.sync_directory(path));
  return files.sync_directory(platform::parent_directory(path));
}

Result<std::unique_ptr<platform::File>> Catalog::Impl::write_new(const std::string& path,
                                                                 std::string_view bytes) {
  auto file = TRY(files.open(path, platform::OpenMode::kCreateNew));
  TRY(file->append(as_bytes(bytes)));
  return file;
}

Status Catalog::Impl::sync_all(const std::vector<std::unique_ptr<platform::File>>& new_files,
                               const std::set<std::string>& directories) {
  std::vector<std::function<Status()>> syncs;
  for (const auto& file : new_files) {
    syncs.emplace_back([&file] { return file->sync(); });
  }
  for (const std::string& directory : directories) {
    syncs.emplace_back([this, &directory] { return files.sync_directory(directory); });
  }
  constexpr size_t kAtOnce = 8;
  for (size_t first = 0; first < syncs.size(); first += kAtOnce) {
    const size_t count = std::min(kAtOnce, syncs.size() - first);
    std::vector<Status> outcomes(count);
    std::vector<std::thread> threads;
    for (size_t i = 1; i < count; ++i) {
      threads.emplace_back([&, i] { outcomes[i] = syncs[first + i](); });
    }
    outcomes[0] = syncs[first]();
    for (std::thread& thread : threads) thread.join();
    for (const Status& outcome : outcomes) TRY(outcome);
  }
  return {};
}

void Catalog::Impl::remove_files(const std::vector<std::string>& paths) {
  // Nothing refers to them; what cannot be removed now is found by orphan removal later.
  for (const std::string& path : paths) (void)files.remove(path);
}

void Catalog::Impl::remove_old_metadata(const iceberg::TableMetadata& before,
                                        const iceberg::TableMetadata& after) {
  const auto enabled = after.properties.find("write.metadata.delete-after-commit.enabled");
  if (enabled == after.properties.end() || enabled->second != "true") return;
  std::set<std::string_view> kept;
  for (const auto& entry : after.metadata_log) kept.insert(entry.metadata_file);
  std::vector<std::string> paths;
  for (const auto& entry : before.metadata_log) {
    if (kept.contains(entry.metadata_file) || !check_file(after, entry.metadata_file).ok())
      continue;
    if (auto path = iceberg::local_path_of(entry.metadata_file); path.ok()) paths.push_back(*path);
  }
  remove_files(paths);
}

Result<std::vector<TablePtr>> Catalog::Impl::publish(
    std::vector<PendingCommit> commits, std::vector<std::unique_ptr<platform::File>>* unsynced) {
  std::vector<PointerStore::Swap> swaps;
  std::vector<TablePtr> tables_after;
  std::vector<std::string> written;
  std::vector<std::unique_ptr<platform::File>> new_files;
  if (unsynced != nullptr) new_files.swap(*unsynced);
  std::set<std::string> directories;
  const auto write_all = [&]() -> Status {
    for (PendingCommit& commit : commits) {
      int64_t version = 0;
      if (commit.base) {
        version = version_of(commit.base->metadata_location) + 1;
        extend_metadata_log(*commit.base, commit.metadata);
      } else {
        TRY(make_table_directories(commit.metadata.location));
      }
      const std::string name =
          "/metadata/" + padded(version) + "-" + random.uuid().to_string() + ".metadata.json";
      const std::string directory = TRY(iceberg::local_path_of(commit.metadata.location));
      const std::string path = directory + name;
      if (commit.base && commit.base->metadata->location != commit.metadata.location) {
        TRY(make_table_directories(commit.metadata.location));
      }
      written.push_back(path);
      new_files.push_back(TRY(write_new(path, iceberg::table_metadata_to_json(commit.metadata))));
      directories.insert(directory + "/metadata");
      PointerStore::Swap swap{commit.ident, std::nullopt, commit.metadata.location + name,
                              commit.metadata.table_uuid};
      if (commit.base) swap.expected = commit.base->metadata_location;
      tables_after.push_back(std::make_shared<const Table>(
          Table{commit.ident, swap.next,
                std::make_shared<const iceberg::TableMetadata>(std::move(commit.metadata))}));
      swaps.push_back(std::move(swap));
    }
    return sync_all(new_files, directories);
  };
  Status outcome = write_all();
  if (!outcome.ok()) {
    remove_files(written);
    return std::move(outcome).error();
  }
  KILL_POINT("catalog.metadata_written");
  outcome = pointers.swap(swaps);
  if (!outcome.ok()) {
    // What is in memory may be old, or the outcome unknown: read it anew the next time.
    for (const PendingCommit& commit : commits) forget(commit.ident);
    if (outcome.error().code() != ErrorCode::kCommitUnknown) remove_files(written);
    return std::move(outcome).error();
  }
  KILL_POINT("catalog.pointer_swapped");
  for (size_t i = 0; i < commits.size(); ++i) {
    remember(tables_after[i]);
    listeners.tell(tables_after[i]->metadata->table_uuid, tables_after[i]);
    if (commits[i].base) {
      remove_old_metadata(*commits[i].base->metadata, *tables_after[i]->metadata);
    }
  }
  return tables_after;
}

Catalog::Subscription Catalog::on_commit(const Uuid& table,
                                         std::function<void(const TablePtr&)> committed) {
  return impl_->listeners.add(table, std::move(committed));
}

Catalog::Catalog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::create(const CatalogOptions& options,
                                                 store::Database& database,
                                                 platform::FileSystem& files,
                                                 platform::Clock& clock, platform::Random& random) {
  CatalogOptions checked = options;
  while (checked.warehouse_directory.ends_with("/")) checked.warehouse_directory.pop_back();
  if (!checked.warehouse_directory.starts_with("/")) {
    return Error(ErrorCode::kInvalidArgument, "the warehouse directory has to be an absolute path");
  }
  TRY(files.create_directories(checked.warehouse_directory));
  auto impl = std::make_unique<Impl>(checked, database, files, clock, random);
  TRY(impl->pointers.migrate());
  return std::unique_ptr<Catalog>(new Catalog(std::move(impl)));
}

Result<std::vector<std::string>> Catalog::list_catalogs() { return impl_->pointers.catalogs(); }

Status Catalog::ensure_catalog(const std::string& name) {
  return impl_->pointers.ensure_catalog(name);
}

Result<std::vector<Namespace>> Catalog::list_namespaces(const std::string& catalog,
                                                        const Namespace& parent) {
  return impl_->pointers.namespaces(catalog, parent);
}

Result<iceberg::Properties> Catalog::namespace_properties(const std::string& catalog,
                                                          const Namespace& ns) {
  return impl_->pointers.properties(catalog, ns);
}

Status Catalog::create_namespace(const std::string& catalog, const Namespace& ns,
                                 const iceberg::Properties& properties) {
  return impl_->pointers.create_namespace(catalog, ns, properties);
}

Status Catalog::drop_namespace(const std::string& catalog, const Namespace& ns) {
  return impl_->pointers.drop_namespace(catalog, ns);
}

Status Catalog::update_namespace(const std::string& catalog, const Namespace& ns,
                                 const std::vector<std::string>& removals,
                                 const iceberg::Properties& updates) {
  return impl_->pointers.update_namespace(catalog, ns, removals, updates);
}

std::string Catalog::default_namespace_location(const std::string& catalog,
                                                const Namespace& ns) const {
  return impl_->root_of(catalog) + "/" + slug_of(namespace_text(ns));
}

Result<std::vector<TableIdent>> Catalog::list_tables(const std::string& catalog,
                                                     const Namespace& ns) {
  std::vector<TableIdent> idents;
  for (std::string& name : TRY(impl_->pointers.tables(catalog, ns))) {
    idents.push_back({catalog, ns, std::move(name)});
  }
  return idents;
}

Result<TablePtr> Catalog::load_table(const TableIdent& ident) { return impl_->load(ident); }

Result<TablePtr> Catalog::find_table(const Uuid& table_uuid) {
  const auto ident = TRY(impl_->pointers.find_by_uuid(table_uuid));
  if (!ident) {
    return Error(ErrorCode::kNotFound, "Table does not exist: " + table_uuid.to_string());
  }
  return impl_->load(*ident);
}

Result<bool> Catalog::has_table(const Uuid& table_uuid) {
  return TRY(impl_->pointers.find_by_uuid(table_uuid)).has_value();
}

Result<TablePtr> Catalog::find_table_if(const std::function<bool(const Uuid&)>& matches) {
  const auto ident = TRY(impl_->pointers.find_by_uuid(matches));
  if (!ident) return TablePtr();
  return impl_->load(*ident);
}

Status Catalog::check_metadata_file(const Table& table) {
  const std::string path = TRY(iceberg::local_path_of(table.metadata_location));
  if (TRY(impl_->files.exists(path))) return {};
  return Error(ErrorCode::kNotFound,
               "Failed to open input stream for file: " + table.metadata_location);
}

Result<Table> Catalog::stage_create_table(const TableIdent& ident, const iceberg::Schema& schema,
                                          const iceberg::PartitionSpec& spec,
                                          const iceberg::SortOrder& order,
                                          const iceberg::Properties& properties,
                                          const std::optional<std::string>& location) {
  TRY(impl_->pointers.properties(ident.catalog, ident.levels));  // the namespace is there
  if (impl_->pointers.find(ident).ok()) {
    return Error(ErrorCode::kAlreadyExists, "Table already exists: " + ident.to_string());
  }
  if (ident.name.empty() || ident.name.find('\x1f') != std::string::npos) {
    return Error(ErrorCode::kInvalidArgument, "Invalid table name: '" + ident.name + "'");
  }
  NewTable table{schema,
                 spec,
                 order,
                 properties,
                 impl_->new_location(ident),
                 impl_->random.uuid(),
                 impl_->clock.now_ms()};
  if (location && !location->empty()) {
    TRY(impl_->check_location(ident.catalog, *location));
    table.location = *location;
    while (table.location.ends_with("/")) table.location.pop_back();
  }
  Table staged{ident, "", nullptr};
  staged.metadata =
      std::make_shared<const iceberg::TableMetadata>(TRY(new_table_metadata(std::move(table))));
  TRY(impl_->make_table_directories(staged.metadata->location));
  return staged;
}

Result<TablePtr> Catalog::create_table(const TableIdent& ident, const iceberg::Schema& schema,
                                       const iceberg::PartitionSpec& spec,
                                       const iceberg::SortOrder& order,
                                       const iceberg::Properties& properties,
                                       const std::optional<std::string>& location) {
  const auto locks = impl_->lock_tables({ident});
  const Table staged = TRY(stage_create_table(ident, schema, spec, order, properties, location));
  std::vector<PendingCommit> commits;
  commits.push_back({ident, nullptr, *staged.metadata});
  return TRY(impl_->publish(std::move(commits)))[0];
}

Result<TablePtr> Catalog::register_table(const TableIdent& ident,
                                         const std::string& metadata_location, bool overwrite) {
  TRY(impl_->check_location(ident.catalog, metadata_location));
  const auto locks = impl_->lock_tables({ident});
  const std::string path = TRY(iceberg::local_path_of(metadata_location));
  auto text = impl_->files.read_file(path);
  if (!text.ok()) {
    if (text.error().code() != ErrorCode::kNotFound) return std::move(text).error();
    return Error(ErrorCode::kNotFound,
                 "Failed to open input stream for file: " + metadata_location);
  }
  auto metadata =
      std::make_shared<const iceberg::TableMetadata>(TRY(iceberg::parse_table_metadata(*text)));
  TRY(impl_->check_location(ident.catalog, metadata->location));
  PointerStore::Swap swap{ident, std::nullopt, metadata_location, metadata->table_uuid};
  if (overwrite) {
    if (auto pointer = impl_->pointers.find(ident); pointer.ok()) swap.expected = *pointer;
  }
  impl_->forget(ident);
  TRY(impl_->pointers.swap({swap}));
  auto table = std::make_shared<const Table>(Table{ident, metadata_location, std::move(metadata)});
  impl_->remember(table);
  return TablePtr(table);
}

Status Catalog::rename_table(const TableIdent& from, const TableIdent& to) {
  const auto locks = impl_->lock_tables({from, to});
  TRY(impl_->pointers.rename(from, to));
  impl_->forget(from);
  impl_->forget(to);
  return {};
}

Status Catalog::drop_table(const TableIdent& ident, bool purge) {
  const auto locks = impl_->lock_tables({ident});
  std::string location;
  if (purge) {
    // A table whose metadata cannot be read can still be dropped, but not be purged.
    if (const auto table = impl_->load(ident); table.ok()) location = (*table)->metadata->location;
  }
  TRY(impl_->pointers.drop(ident));
  impl_->forget(ident);
  if (location.empty() || !impl_->check_location(ident.catalog, location).ok()) return {};
  return impl_->files.remove_all(TRY(iceberg::local_path_of(location)));
}

Result<std::vector<TablePtr>> Catalog::commit(const std::vector<TableChange>& changes) {
  std::vector<TableIdent> idents;
  for (const TableChange& change : changes) idents.push_back(change.ident);
  if (std::set<TableIdent>(idents.begin(), idents.end()).size() != idents.size()) {
    return Error(ErrorCode::kInvalidArgument, "a table may be changed once in a transaction");
  }
  const auto locks = impl_->lock_tables(idents);
  const auto prepare = [&](const TableChange& change) -> Result<PendingCommit> {
    PendingCommit commit{change.ident, nullptr, {}};
    auto table = impl_->load(change.ident);
    if (table.ok()) {
      commit.base = *table;
    } else if (table.error().code() != ErrorCode::kNotFound ||
               table.error().message().starts_with("Failed to open")) {
      return std::move(table).error();
    }
    const bool creates = std::any_of(
        change.requirements.begin(), change.requirements.end(),
        [](const auto& item) { return item.kind == TableRequirement::Kind::kAssertCreate; });
    if (!commit.base && !creates) return std::move(table).error();
    const iceberg::TableMetadata* base = commit.base ? commit.base->metadata.get() : nullptr;
    for (const TableRequirement& requirement : change.requirements) {
      TRY(check_requirement(requirement, base));
    }
    const int64_t now_ms = impl_->clock.now_ms();
    MetadataBuilder builder =
        base != nullptr ? MetadataBuilder(*base, now_ms) : MetadataBuilder(now_ms);
    for (const TableUpdate& update : change.updates) TRY(builder.apply(update));
    commit.metadata = TRY(builder.finish());
    if (commit.metadata.location.empty()) {
      commit.metadata.location = impl_->new_location(change.ident);
    }
    if (commit.metadata.table_uuid.is_nil()) commit.metadata.table_uuid = impl_->random.uuid();
    if (base == nullptr) {
      commit.metadata.properties.try_emplace("write.metadata.delete-after-commit.enabled", "true");
    }
    TRY(check_schema(commit.metadata.schema(), commit.metadata.format_version));
    if (base == nullptr || base->location != commit.metadata.location) {
      TRY(impl_->check_location(change.ident.catalog, commit.metadata.location));
    }
    return commit;
  };
  for (int attempt = 1;; ++attempt) {
    std::vector<PendingCommit> commits;
    for (const TableChange& change : changes) commits.push_back(TRY(prepare(change)));
    auto outcome = impl_->publish(std::move(commits));
    if (outcome.ok() || !is_conflict(outcome.error()) || attempt == kCommitAttemptsMax) {
      return outcome;
    }
  }
}

Result<TablePtr> Catalog::evolve_schema(
    const TableIdent& ident,
    const std::function<Result<std::optional<iceberg::Schema>>(const Table&)>& evolve) {
  const auto locks = impl_->lock_tables({ident});
  for (int attempt = 1;; ++attempt) {
    const TablePtr base = TRY(impl_->load(ident));
    std::optional<iceberg::Schema> wanted = TRY(evolve(*base));
    if (!wanted) return base;
    int32_t last_column_id = base->metadata->last_column_id;
    wanted->fields = with_new_ids(std::move(wanted->fields), last_column_id);
    TRY(check_schema(*wanted, base->metadata->format_version));
    MetadataBuilder builder(*base->metadata, impl_->clock.now_ms());
    TRY(builder.apply({AddSchema{*std::move(wanted)}}));
    TRY(builder.apply({SetCurrentSchema{-1}}));
    if (!builder.changed()) return base;
    std::vector<PendingCommit> commits;
    commits.push_back({ident, base, TRY(builder.finish())});
    auto outcome = impl_->publish(std::move(commits));
    if (outcome.ok()) return (*outcome)[0];
    if (!is_conflict(outcome.error()) || attempt == kCommitAttemptsMax) {
      return std::move(outcome).error();
    }
  }
}

}  // namespace firn::catalog
