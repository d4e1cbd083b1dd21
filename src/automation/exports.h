#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/auth.h"
#include "query/engine.h"
#include "tasks/tasks.h"

namespace firn::platform {
class FileSystem;
}

namespace firn::automation {

enum class ExportFormat : uint8_t { kCsv, kParquet };

struct ExportRequest {
  std::string statement;
  ExportFormat format = ExportFormat::kCsv;
  std::string catalog;     // default for names without one; empty: lake
  std::string schema;      // empty: main
  std::string parameters;  // as query::Question has them
  std::string timezone;
};

struct Export {
  tasks::Task task;
  std::string statement;
  ExportFormat format = ExportFormat::kCsv;
  int64_t rows = 0;
  int64_t bytes = 0;
  int64_t expires_us = 0;  // 0: there is no file yet
};

struct ExportsOptions {
  std::string directory;
  uint64_t bytes_max = 4ULL << 30;  // of all files
  std::chrono::hours kept_for{24};
};

// Answers of statements as files, of whoever asked for them: nobody else sees them, admins neither.
// Thread-safe.
class Exports {
 public:
  static Result<std::unique_ptr<Exports>> create(ExportsOptions options, store::Database& database,
                                                 tasks::Tasks& tasks, query::Engine& engine,
                                                 auth::Authenticator& auth,
                                                 platform::FileSystem& files,
                                                 platform::Clock& clock);

  // Begins one, as a task of the same id. Errors: InvalidArgument, Overloaded.
  Result<Export> begin(const auth::Principal& who, const ExportRequest& request);
  // NotFound.
  Result<Export> find(const auth::Principal& who, const std::string& id);
  // Newest first.
  Result<std::vector<Export>> list(const auth::Principal& who, int64_t max);
  // Cancels it where it runs, and removes its file.
  Status remove(const auth::Principal& who, const std::string& id);

  struct Download {
    std::string path;
    std::string name;  // for whoever saves it
    std::string_view media_type;
  };
  // NotFound; Conflict while it is not done; PermissionDenied where the principal may not read now
  // what they could when it was made.
  Result<Download> download(const auth::Principal& who, const std::string& id);

  // Removes what has expired, and files that nobody knows.
  Status expire();

 private:
  struct Arguments;
  struct Row {
    Export made;
    std::string account;
    std::string rights;
  };
  Exports(ExportsOptions options, store::Database& database, tasks::Tasks& tasks,
          query::Engine& engine, auth::Authenticator& auth, platform::FileSystem& files,
          platform::Clock& clock)
      : options_(std::move(options)),
        database_(database),
        tasks_(tasks),
        engine_(engine),
        auth_(auth),
        files_(files),
        clock_(clock) {}
  Result<std::string> run(const Arguments& arguments, tasks::TaskContext& context);
  Result<query::QueryInfo> write_file(const query::QueryRequest& request,
                                      const tasks::TaskContext& context, const std::string& path,
                                      uint64_t& bytes);
  Result<Row> read(const auth::Principal& who, const std::string& id);
  Status forget(const std::string& id, int64_t bytes);
  std::string path_of(const std::string& id) const;

  const ExportsOptions options_;
  store::Database& database_;
  tasks::Tasks& tasks_;
  query::Engine& engine_;
  auth::Authenticator& auth_;
  platform::FileSystem& files_;
  platform::Clock& clock_;
  std::atomic<uint64_t> bytes_{0};  // of all files, also those being written
};

}  // namespace firn::automation
