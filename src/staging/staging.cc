#include "staging/staging.h"

#include <spdlog/spdlog.h>

#include "automation/rights.h"
#include "catalog/table_changes.h"
#include "platform/clock.h"
#include "platform/fault.h"
#include "platform/file.h"
#include "platform/random.h"
#include "query/json_rows.h"
#include "query/request.h"
#include "staging/rows_internal.h"

namespace firn::staging {
namespace {

constexpr const char* kSummaryKey = "firn.staged-change";
constexpr size_t kSampleBytesMax = 1 << 20;
constexpr int kSampleRows = 20;

Error conflict(std::string message) { return {ErrorCode::kConflict, std::move(message)}; }

// Writes an answer to a file.
class SpoolSink final : public query::ResultSink {
 public:
  SpoolSink(platform::File& file, uint64_t bytes_max) : file_(file), bytes_max_(bytes_max) {}

  Status head(const query::ResultHead&) override { return {}; }
  Status rows(std::string_view encoded) override {
    written_ += encoded.size();
    if (written_ > bytes_max_) {
      return Error(ErrorCode::kResourceExhausted,
                   "the change has more rows than this server stages");
    }
    return file_.append(as_bytes(encoded));
  }
  bool cancelled() override { return false; }

 private:
  platform::File& file_;
  const uint64_t bytes_max_;
  uint64_t written_ = 0;
};

// What a change's statement gives, on disk for as long as this lives.
class Spool {
 public:
  static Result<std::unique_ptr<Spool>> create(platform::FileSystem& files, std::string path) {
    auto file = TRY(files.open(path, platform::OpenMode::kCreateNew));
    return std::unique_ptr<Spool>(new Spool(files, std::move(path), std::move(file)));
  }
  ~Spool() {
    if (const Status gone = files_.remove(path_); !gone.ok()) {
      spdlog::warn("{} cannot be removed: {}", path_, gone.error().to_log());
    }
  }
  platform::File& file() { return *file_; }
  // From its beginning.
  ingest::ByteSource reader() {
    return [this, at = uint64_t{0}](char* into, size_t size) mutable -> Result<size_t> {
      const std::string bytes = TRY(file_->read_at(at, size));
      std::copy(bytes.begin(), bytes.end(), into);
      at += bytes.size();
      return bytes.size();
    };
  }

 private:
  Spool(platform::FileSystem& files, std::string path, std::unique_ptr<platform::File> file)
      : files_(files), path_(std::move(path)), file_(std::move(file)) {}

  platform::FileSystem& files_;
  const std::string path_;
  std::unique_ptr<platform::File> file_;
};

std::string at_snapshot(const StagedChange& change, int64_t snapshot) {
  return query::sql_name(change.catalog, change.name_space, change.table) + " AT (VERSION => " +
         std::to_string(snapshot) + ")";
}

Status check(const NewChange& wanted) {
  constexpr size_t kStatementMax = 256 << 10;
  if (wanted.statement.empty() || wanted.statement.size() > kStatementMax) {
    return Error(ErrorCode::kInvalidArgument, "a change's statement has 1 byte to 256 KiB");
  }
  if (catalog::base_of_rejected(wanted.table)) {
    return Error(ErrorCode::kInvalidArgument,
                 "rejected rows are as they came: change the table that rejected them");
  }
  return {};
}

// Drops a branch that came to nothing.
class UnlessKept {
 public:
  explicit UnlessKept(std::function<void()> undo) : undo_(std::move(undo)) {}
  ~UnlessKept() {
    if (undo_) undo_();
  }
  void keep() { undo_ = nullptr; }

 private:
  std::function<void()> undo_;
};

}  // namespace

Result<std::unique_ptr<Staging>> Staging::create(StagingOptions options, store::Database& database,
                                                 auth::Authenticator& auth,
                                                 catalog::Catalog& catalog, ingest::Service& ingest,
                                                 query::Engine& engine, platform::FileSystem& files,
                                                 platform::Clock& clock, platform::Random& random) {
  TRY(database.migrate(migrations()));
  TRY(files.remove_all(options.spool_directory));
  TRY(files.create_directories(options.spool_directory));
  std::unique_ptr<Staging> staging(new Staging(std::move(options), database, auth, catalog, ingest,
                                               engine, files, clock, random));
  TRY(staging->expire());
  return staging;
}

Result<StagedChange> Staging::stage(const auth::Principal& who, const NewChange& wanted) {
  TRY(check(wanted));
  const auto entry = TRY(auth_.directory().catalog(who, wanted.catalog));
  TRY(auth::authorize(who, auth::Role::kEditor, entry.object()));
  auto table = TRY(catalog_.load_table({entry.id, wanted.name_space, wanted.table}));
  const Uuid uuid = table->metadata->table_uuid;
  if (TRY(auth_.policies().rules_for(who, entry.object(), uuid)).any()) {
    return Error(ErrorCode::kPermissionDenied,
                 "a policy hides rows or columns of " + wanted.table +
                     " from you: who sees a part of a table does not change it");
  }
  // What is acknowledged is part of what changes.
  TRY(ingest_.commit_hot_rows(uuid));
  table = TRY(catalog_.load_table(table->ident));
  const auto base = table->metadata->current_snapshot_id;
  if (!base) return conflict("the table has no rows yet: append the first ones");

  StagedChange change;
  change.id = random_.uuid().to_string();
  change.catalog_id = entry.id;
  change.catalog = entry.name;
  change.name_space = catalog::namespace_text(table->ident.levels);
  change.table = table->ident.name;
  change.table_uuid = uuid;
  change.branch = std::string(catalog::kStagedPrefix) + change.id;
  change.mode = wanted.mode;
  change.statement = wanted.statement;
  change.base_snapshot = *base;
  change.state = ChangeState::kStaging;
  change.account = who.account;
  change.created_by = who.name;
  change.created_us = clock_.now_us();
  change.expires_us = change.created_us + options_.open_for_us;
  TRY(insert(who, change));
  UnlessKept undo([&] {
    Status undone = drop_branch(change);
    if (undone.ok()) undone = decide(change.id, ChangeState::kDiscarded, {}, std::nullopt);
    if (!undone.ok()) spdlog::warn("a change is not undone: {}", undone.error().to_log());
  });
  TRY(catalog::create_ref(catalog_, table->ident, change.branch, *base, true));
  KILL_POINT("staging.branched");
  const auto read = TRY(write_rows(who, wanted, table->ident, change));
  TRY(compare(who, wanted.client, change));
  Row row{std::move(change), TRY(automation::rights_on(auth_, who, read))};
  TRY(open(row));
  undo.keep();
  row.change.state = ChangeState::kOpen;
  return row.change;
}

// The statement's rows as files of the branch; gives the tables that it read.
Result<std::vector<query::TableEvidence>> Staging::write_rows(const auth::Principal& who,
                                                              const NewChange& wanted,
                                                              const catalog::TableIdent& ident,
                                                              StagedChange& change) {
  const auto spool = TRY(
      Spool::create(files_, platform::join_path(options_.spool_directory, change.id + ".arrows")));
  auto request = query::request_for(who, auth_, wanted.client);
  request.statement = wanted.statement;
  request.parameters = wanted.parameters;
  request.catalog = change.catalog;
  request.schema = change.name_space;
  request.format = query::ResultFormat::kArrow;
  // The table as the branch begins, whatever comes meanwhile.
  request.as_of = change.branch;
  request.engine = query::EngineChoice::kDuckDb;
  SpoolSink sink(spool->file(), options_.change_bytes_max);
  auto asked = TRY(engine_.run(request, sink));
  change.query_id = asked.query_id;

  ingest::UploadRequest upload;
  upload.table = ident;
  upload.format = ingest::RowFormat::kArrow;
  upload.mode = change.mode == ChangeMode::kReplace ? ingest::UploadMode::kOverwrite
                                                    : ingest::UploadMode::kAppend;
  upload.abort_on_reject = true;
  upload.branch = change.branch;
  upload.summary = {{kSummaryKey, change.id}};
  const auto written = TRY(ingest_.upload(upload, spool->reader()));
  if (!written.snapshot_id || *written.snapshot_id == change.base_snapshot) {
    return Error(ErrorCode::kInvalidArgument, "the statement gives no rows: nothing would change");
  }
  change.snapshot = *written.snapshot_id;
  return std::move(asked.tables);
}

Result<query::QueryInfo> Staging::ask_rows(const auth::Principal& who, const std::string& client,
                                           const std::string& statement, std::string& rows) {
  auto request = query::request_for(who, auth_, client);
  request.statement = statement;
  request.visible = false;
  request.engine = query::EngineChoice::kDuckDb;
  query::JsonRows sink(kSampleBytesMax);
  auto info = TRY(engine_.run(request, sink));
  rows = sink.take().json;
  return info;
}

Status Staging::compare(const auth::Principal& who, const std::string& client,
                        StagedChange& change) {
  const std::string before = at_snapshot(change, change.base_snapshot);
  const std::string after = at_snapshot(change, change.snapshot);
  const std::string added = "(FROM " + after + " EXCEPT ALL FROM " + before + ")";
  const std::string removed = "(FROM " + before + " EXCEPT ALL FROM " + after + ")";
  std::string counts;
  TRY(ask_rows(who, client,
               "SELECT (SELECT count(*) FROM " + before + "), (SELECT count(*) FROM " + after +
                   "), (SELECT count(*) FROM " + added + "), (SELECT count(*) FROM " + removed +
                   ")",
               counts));
  if (std::sscanf(counts.c_str(), "[[%ld,%ld,%ld,%ld]]", &change.rows_before, &change.rows_after,
                  &change.added.rows, &change.removed.rows) != 4) {
    return Error(ErrorCode::kInternal, "what a change changes cannot be counted", counts);
  }
  if (change.added.rows == 0 && change.removed.rows == 0) {
    return Error(ErrorCode::kInvalidArgument, "the table would have the same rows as before");
  }
  const std::string some = " ORDER BY ALL LIMIT " + std::to_string(kSampleRows);
  TRY(ask_rows(who, client, "FROM " + added + some, change.added.sample));
  TRY(ask_rows(who, client, "FROM " + removed + some, change.removed.sample));
  const auto table = TRY(catalog_.find_table(change.table_uuid));
  change.columns = names_json(table->metadata->schema());
  return {};
}

Result<StagedChange> Staging::find(const auth::Principal& who, const std::string& id) {
  return shown_to(who, TRY(read(who.organization, id)));
}

// NotFound where the reader does not see the table; the samples only where they see what those who
// made the change saw.
Result<StagedChange> Staging::shown_to(const auth::Principal& who, Row row) {
  const auto entry = auth_.directory().catalog_by_id(who, row.change.catalog_id);
  if (!entry.ok() || !auth::authorize(who, auth::Role::kViewer, entry->object()).ok()) {
    return missing();
  }
  row.change.catalog = entry->name;
  const auto rules = TRY(auth_.policies().rules_for(who, entry->object(), row.change.table_uuid));
  if (rules.any() || !automation::has_rights(auth_, who, row.rights)) {
    row.change.added.sample.clear();
    row.change.removed.sample.clear();
  }
  return std::move(row.change);
}

Result<std::vector<StagedChange>> Staging::list(const auth::Principal& who,
                                                const std::optional<Uuid>& table, int64_t max) {
  TRY(auth::authorize_anywhere(who, auth::Role::kViewer));
  std::vector<StagedChange> changes;
  for (auto& row : TRY(read_all("organization = ?1 AND state > 0 AND (?2 = '' OR table_uuid = ?2)",
                                who.organization, table ? table->to_string() : "", max))) {
    auto shown = shown_to(who, std::move(row));
    if (shown.ok()) changes.push_back(std::move(*shown));
    if (!shown.ok() && shown.error().code() != ErrorCode::kNotFound) return shown.error();
  }
  return changes;
}

// The snapshot of main that holds the change already; none where it is not there.
Result<std::optional<int64_t>> Staging::published_as(const StagedChange& change) {
  const auto table = TRY(catalog_.find_table(change.table_uuid));
  for (const auto& snapshot : table->metadata->snapshots) {
    const auto key = snapshot.summary.find(kSummaryKey);
    if (key == snapshot.summary.end() || key->second != change.id) continue;
    if (catalog::is_on_main(*table->metadata, snapshot.snapshot_id)) {
      return std::optional(snapshot.snapshot_id);
    }
  }
  return std::optional<int64_t>();
}

Result<StagedChange> Staging::publish(const auth::Principal& who, const std::string& id) {
  const Row row = TRY(read(who.organization, id));
  const StagedChange& change = row.change;
  const auto entry = TRY(auth_.directory().catalog_by_id(who, change.catalog_id));
  TRY(auth::authorize(who, auth::Role::kEditor, entry.object()));
  TRY(still_open(change));
  const auto table = TRY(catalog_.find_table(change.table_uuid));
  const auto published = catalog_.publish_branch(table->ident, change.table_uuid, change.branch);
  KILL_POINT("staging.published");
  // The branch may be gone because a server that published it ended before it could say so.
  if (!published.ok() && published.error().code() != ErrorCode::kNotFound) return published.error();
  const auto snapshot = TRY(published_as(change));
  if (!snapshot) return conflict("the change's branch was dropped: stage it again");
  TRY(decide(id, ChangeState::kPublished, who.name, snapshot));
  return find(who, id);
}

Result<StagedChange> Staging::discard(const auth::Principal& who, const std::string& id) {
  const Row row = TRY(read(who.organization, id));
  const auto entry = TRY(auth_.directory().catalog_by_id(who, row.change.catalog_id));
  TRY(auth::authorize(who, auth::Role::kEditor, entry.object()));
  TRY(still_open(row.change));
  if (TRY(published_as(row.change))) return conflict("the change was published already");
  TRY(drop_branch(row.change));
  TRY(decide(id, ChangeState::kDiscarded, who.name, std::nullopt));
  return find(who, id);
}

Status Staging::drop_branch(const StagedChange& change) {
  const auto table = catalog_.find_table(change.table_uuid);
  if (!table.ok() && table.error().code() == ErrorCode::kNotFound) return {};  // with its table
  return catalog_.discard_branch(TRY(table)->ident, change.table_uuid, change.branch);
}

Status Staging::expire() {
  constexpr int64_t kAll = 10'000;
  for (const auto& row : TRY(read_all("state < 2", {}, {}, kAll))) {
    const StagedChange& change = row.change;
    const bool half_made = change.state == ChangeState::kStaging && change.created_us < started_us_;
    const bool late = change.state == ChangeState::kOpen && change.expires_us <= clock_.now_us();
    if (!half_made && !late) continue;
    TRY(drop_branch(change));
    TRY(decide(change.id, half_made ? ChangeState::kDiscarded : ChangeState::kExpired, {},
               std::nullopt));
  }
  return {};
}

}  // namespace firn::staging
