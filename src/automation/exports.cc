#include "automation/exports.h"

#include <spdlog/spdlog.h>

#include <array>
#include <map>

#include "automation/rights.h"
#include "base/bytes.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "query/request.h"

namespace firn::automation {
namespace {

constexpr std::string_view kKind = "export";
constexpr std::string_view kUnfinished = ".part";

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"exports", 1, R"sql(
CREATE TABLE exports (id TEXT PRIMARY KEY, organization TEXT NOT NULL, account TEXT NOT NULL,
  statement TEXT NOT NULL, format INTEGER NOT NULL, rights TEXT NOT NULL DEFAULT '',
  rows INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
  expires_us INTEGER NOT NULL DEFAULT 0, created_us INTEGER NOT NULL) STRICT;
CREATE INDEX exports_by_account ON exports (organization, account, created_us);
)sql"},
  };
  return steps;
}

struct FormatInfo {
  std::string_view name;
  std::string_view media_type;
  query::ResultFormat encoding;
};
constexpr std::array<FormatInfo, 2> kFormats = {{
    {"csv", "text/csv; charset=utf-8", query::ResultFormat::kCsv},
    {"parquet", "application/vnd.apache.parquet", query::ResultFormat::kParquet},
}};
const FormatInfo& info_of(ExportFormat format) { return kFormats[static_cast<size_t>(format)]; }

// Writes the answer, as long as all files together stay within the limit.
class FileSink final : public query::ResultSink {
 public:
  FileSink(platform::File& file, const tasks::TaskContext& context, std::atomic<uint64_t>& all,
           uint64_t all_max)
      : file_(file), context_(context), all_(all), all_max_(all_max) {}

  Status head(const query::ResultHead&) override { return {}; }
  Status rows(std::string_view encoded) override {
    written_ += encoded.size();
    if (all_.fetch_add(encoded.size()) + encoded.size() > all_max_) {
      return Error(ErrorCode::kResourceExhausted,
                   "exported files take all the room there is for them: delete some, or wait until "
                   "they expire");
    }
    return file_.append(as_bytes(encoded));
  }
  bool cancelled() override { return context_.cancelled(); }
  uint64_t written() const { return written_; }

 private:
  platform::File& file_;
  const tasks::TaskContext& context_;
  std::atomic<uint64_t>& all_;
  const uint64_t all_max_;
  uint64_t written_ = 0;
};

Error missing() { return {ErrorCode::kNotFound, "there is no such export"}; }

}  // namespace

struct Exports::Arguments {
  std::string statement;
  int64_t format = 0;
  std::string catalog;
  std::string schema;
  std::string parameters;
  std::string timezone;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("statement", &Arguments::statement, jobs::kRequired);
    visit("format", &Arguments::format);
    visit("catalog", &Arguments::catalog);
    visit("schema", &Arguments::schema);
    visit("parameters", &Arguments::parameters);
    visit("timezone", &Arguments::timezone);
  }
};

Result<std::unique_ptr<Exports>> Exports::create(ExportsOptions options, store::Database& database,
                                                 tasks::Tasks& tasks, query::Engine& engine,
                                                 auth::Authenticator& auth,
                                                 platform::FileSystem& files,
                                                 platform::Clock& clock) {
  TRY(database.migrate(migrations()));
  TRY(files.create_directories(options.directory));
  std::unique_ptr<Exports> exports(
      new Exports(std::move(options), database, tasks, engine, auth, files, clock));
  // What was being written when the server ended is written anew.
  for (const auto& entry : TRY(files.list(exports->options_.directory))) {
    if (entry.name.ends_with(kUnfinished)) {
      TRY(files.remove(platform::join_path(exports->options_.directory, entry.name)));
    } else {
      exports->bytes_ += entry.size_bytes;
    }
  }
  TRY(exports->expire());
  tasks.add<Arguments>(std::string(kKind), auth::Role::kViewer,
                       [raw = exports.get()](const Arguments& arguments,
                                             tasks::TaskContext& context) -> Result<std::string> {
                         return raw->run(arguments, context);
                       });
  return exports;
}

std::string Exports::path_of(const std::string& id) const {
  return platform::join_path(options_.directory, id);
}

Result<Export> Exports::begin(const auth::Principal& who, const ExportRequest& request) {
  TRY(auth::authorize_anywhere(who, auth::Role::kViewer));
  constexpr size_t kStatementMax = 1 << 20;
  if (request.statement.empty() || request.statement.size() > kStatementMax) {
    return Error(ErrorCode::kInvalidArgument, "a statement has 1 byte to 1 MiB");
  }
  Arguments arguments;
  arguments.statement = request.statement;
  arguments.format = static_cast<int64_t>(request.format);
  arguments.catalog = request.catalog;
  arguments.schema = request.schema;
  arguments.parameters = request.parameters;
  arguments.timezone = request.timezone;
  std::string id;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    id = TRY(tasks_.enqueue(transaction, who, std::string(kKind), arguments));
    auto row = TRY(transaction.prepare(
        "INSERT INTO exports (id, organization, account, statement, format, created_us) VALUES (?, "
        "?, ?, ?, ?, ?)"));
    return row.bind(1, id)
        .bind(2, who.organization)
        .bind(3, who.account)
        .bind(4, request.statement)
        .bind(5, arguments.format)
        .bind(6, clock_.now_us())
        .run();
  }));
  tasks_.committed();
  return find(who, id);
}

Result<query::QueryInfo> Exports::write_file(const query::QueryRequest& request,
                                             const tasks::TaskContext& context,
                                             const std::string& path, uint64_t& bytes) {
  TRY(files_.remove(path));
  auto file = TRY(files_.open(path, platform::OpenMode::kCreateNew));
  FileSink sink(*file, context, bytes_, options_.bytes_max);
  auto info = engine_.run(request, sink);
  bytes = sink.written();
  if (!info.ok()) return info;
  TRY(file->sync());
  return info;
}

Result<std::string> Exports::run(const Arguments& arguments, tasks::TaskContext& context) {
  auto request = query::request_for(context.principal, auth_, "export");
  request.statement = arguments.statement;
  request.catalog = arguments.catalog;
  request.schema = arguments.schema;
  request.parameters = arguments.parameters;
  request.timezone = arguments.timezone;
  request.format = info_of(static_cast<ExportFormat>(arguments.format)).encoding;
  const std::string& id = context.task.id;
  const std::string unfinished = path_of(id) + std::string(kUnfinished);
  uint64_t bytes = 0;
  auto info = write_file(request, context, unfinished, bytes);
  auto rights = info.ok() ? rights_on(auth_, context.principal, info->tables)
                          : Result<std::string>(info.error());
  Status kept = rights.ok() ? files_.rename(unfinished, path_of(id)) : Status(rights.error());
  if (kept.ok()) kept = files_.sync_directory(options_.directory);
  bool wanted = false;
  if (kept.ok()) {
    const auto kept_us = std::chrono::duration_cast<std::chrono::microseconds>(options_.kept_for);
    kept = database_.write([&](store::Transaction& transaction) -> Status {
      auto row = TRY(transaction.prepare(
          "UPDATE exports SET rights = ?, rows = ?, bytes = ?, expires_us = ? WHERE id = ?"));
      TRY(row.bind(1, *rights)
              .bind(2, static_cast<int64_t>(info->rows))
              .bind(3, static_cast<int64_t>(bytes))
              .bind(4, clock_.now_us() + kept_us.count())
              .bind(5, id)
              .run());
      wanted = transaction.changes() > 0;  // else it was deleted meanwhile
      return {};
    });
  }
  if (kept.ok() && wanted) return std::string();
  bytes_ -= bytes;
  for (const std::string& path : {unfinished, path_of(id)}) {
    if (const Status gone = files_.remove(path); !gone.ok()) {
      spdlog::warn("{} cannot be removed: {}", path, gone.error().to_log());
    }
  }
  if (!kept.ok()) return kept.error();
  return Error(ErrorCode::kNotFound, "the export was deleted");
}

Result<Exports::Row> Exports::read(const auth::Principal& who, const std::string& id) {
  // The task first: once it is done, so is the row.
  auto task = tasks_.find(who, id);
  std::optional<Row> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(
        transaction.prepare("SELECT account, rights, statement, format, rows, bytes, expires_us "
                            "FROM exports WHERE id = ? AND organization = ? AND account = ?"));
    row.bind(1, id).bind(2, who.organization).bind(3, who.account);
    if (!TRY(row.step())) return {};
    found.emplace();
    found->account = row.column_text(0);
    found->rights = row.column_text(1);
    found->made.statement = row.column_text(2);
    found->made.format = static_cast<ExportFormat>(row.column_int(3));
    found->made.rows = row.column_int(4);
    found->made.bytes = row.column_int(5);
    found->made.expires_us = row.column_int(6);
    return {};
  }));
  if (!found) return missing();
  found->made.task = TRY(std::move(task));
  return *std::move(found);
}

Result<Export> Exports::find(const auth::Principal& who, const std::string& id) {
  return TRY(read(who, id)).made;
}

Result<std::vector<Export>> Exports::list(const auth::Principal& who, int64_t max) {
  std::vector<std::string> ids;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(
        transaction.prepare("SELECT id FROM exports WHERE organization = ? AND account = ? ORDER "
                            "BY created_us DESC, id DESC LIMIT ?"));
    row.bind(1, who.organization).bind(2, who.account).bind(3, max);
    while (TRY(row.step())) ids.push_back(row.column_text(0));
    return {};
  }));
  std::vector<Export> exports;
  for (const auto& id : ids) {
    auto one = find(who, id);
    if (one.ok()) exports.push_back(*std::move(one));  // else it has just expired
  }
  return exports;
}

Status Exports::forget(const std::string& id, int64_t bytes) {
  // The file first: one that is left behind without a row would be nobody's.
  TRY(files_.remove(path_of(id)));
  bool was_there = false;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("DELETE FROM exports WHERE id = ?"));
    TRY(row.bind(1, id).run());
    was_there = transaction.changes() > 0;
    return {};
  }));
  if (was_there) bytes_ -= static_cast<uint64_t>(bytes);
  return {};
}

Status Exports::remove(const auth::Principal& who, const std::string& id) {
  const Row row = TRY(read(who, id));
  TRY(tasks_.cancel(who, id));
  return forget(id, row.made.bytes);
}

Result<Exports::Download> Exports::download(const auth::Principal& who, const std::string& id) {
  const Row row = TRY(read(who, id));
  if (row.made.expires_us == 0) {
    return Error(ErrorCode::kConflict, "the export is not done: look at its state");
  }
  if (row.made.expires_us <= clock_.now_us()) return missing();
  if (!has_rights(auth_, who, row.rights)) {
    return Error(ErrorCode::kPermissionDenied,
                 "what you may read has changed since this was exported: export it again");
  }
  const FormatInfo& format = info_of(row.made.format);
  return Download{path_of(id), "export-" + id.substr(0, 8) + '.' + std::string(format.name),
                  format.media_type};
}

Status Exports::expire() {
  struct Known {
    int64_t bytes = 0;
    int64_t expires_us = 0;
  };
  // Before the rows, as a row is there before its file.
  const auto entries = TRY(files_.list(options_.directory));
  std::map<std::string, Known> known;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT e.id, e.bytes, e.expires_us, t.state FROM exports e LEFT JOIN tasks t ON t.id = "
        "e.id"));
    while (TRY(row.step())) {
      // One that failed has no file, and goes with its task.
      const bool lost = row.column_is_null(3);
      known[row.column_text(0)] = {row.column_int(1), lost ? 1 : row.column_int(2)};
    }
    return {};
  }));
  const int64_t now_us = clock_.now_us();
  for (const auto& [id, one] : known) {
    if (one.expires_us > 0 && one.expires_us <= now_us) TRY(forget(id, one.bytes));
  }
  for (const auto& entry : entries) {
    if (entry.name.ends_with(kUnfinished) || known.contains(entry.name)) continue;
    TRY(files_.remove(platform::join_path(options_.directory, entry.name)));
    bytes_ -= entry.size_bytes;
  }
  return {};
}

}  // namespace firn::automation
