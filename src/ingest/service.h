#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "ingest/answers.h"
#include "ingest/columnar_source.h"
#include "ingest/committer.h"
#include "ingest/group_log.h"
#include "ingest/hot_tier.h"
#include "ingest/rows.h"
#include "ingest/settled_rejections.h"
#include "ingest/throughput.h"
#include "wal/wal.h"

namespace firn::store {
class Database;
}

namespace firn::ingest {

enum class RowFormat { kJson, kJsonLines, kCsv, kArrow, kParquet };

struct IngestOptions {
  wal::WalOptions wal;
  GroupLogOptions log;
  CommitterOptions committer;
  EvolutionLimits evolution;
  std::string spool_directory;  // for uploads that must be read from their end
  uint64_t spool_bytes_max = 64ULL << 30;
  int64_t upload_chunk_bytes = 4 << 20;  // decoded at once; also the longest row of an upload
};

struct AppendRequest {
  catalog::TableIdent table;
  RowFormat format = RowFormat::kJson;  // kJson, kJsonLines or kArrow
  bool sync = false;                    // answer only when the rows are in a snapshot
  bool abort_on_reject = false;         // a row that does not fit fails the whole request
  std::string idempotency_key;          // with the organization before it; empty: none
};

// What a request that wrote rows (or only rejected ones) answers.
struct AppendAnswer {
  int64_t rows = 0;
  std::vector<RejectedRow> rejected;  // the first kRejectedListedMax, without their bytes
  int64_t rejected_count = 0;
  std::string task_id;
  std::optional<int64_t> snapshot_id;  // with sync
};
inline constexpr size_t kRejectedListedMax = 100;

enum class UploadMode { kCreate, kAppend, kOverwrite, kCreateAppend };

struct UploadRequest {
  catalog::TableIdent table;
  RowFormat format = RowFormat::kJsonLines;
  UploadMode mode = UploadMode::kAppend;
  bool abort_on_reject = false;
  std::optional<char> csv_delimiter;  // sniffed when not given
  std::string csv_null;               // beside empty cells
  // Where not empty: kAppend or kOverwrite of this branch only, and of rows that have all of the
  // table's columns and no others.
  std::string branch;
  iceberg::Properties summary;  // extra entries of the snapshot's summary
};

struct TaskInfo {
  bool completed = false;
  std::optional<int64_t> snapshot_id;
};

struct IngestStats {
  uint64_t rows_appended = 0;
  uint64_t rows_rejected = 0;
  uint64_t rows_hot = 0;
  uint64_t bytes_hot = 0;
  uint64_t wal_bytes = 0;
  CommitterStats committer;
};

// Rows in: decodes, grows schemas, makes rows durable, keeps what does not fit. Thread-safe.
//
// Errors: InvalidData (the body cannot be read as a whole), IncompatibleSchema (it cannot be
// fitted, or a row cannot and abort_on_reject is set), NotFound, AlreadyExists,
// IdempotencyConflict, Overloaded, StorageUnavailable. After any error nothing of the request was
// written.
class Service {
 public:
  static Result<std::unique_ptr<Service>> create(const IngestOptions& options,
                                                 catalog::Catalog& catalog,
                                                 store::Database& database,
                                                 platform::FileSystem& files,
                                                 platform::Random& random, platform::Clock& clock);
  ~Service();

  using Done = std::function<void(Result<AppendAnswer>)>;
  // Appends the rows of `body`, which has 64 readable bytes behind its end and stays valid until
  // `done` is called, once, on any thread. False when the request needs more than a look at memory
  // (a new table or column, a rejected row): then `done` was not touched and append_blocking() is
  // to be called on a thread that may wait.
  bool try_append(const AppendRequest& request, std::string_view body, Done& done);
  void append_blocking(const AppendRequest& request, std::string_view body, Done done);

  // Reads an upload piece by piece into files of the table and commits them in one snapshot.
  Result<AppendAnswer> upload(const UploadRequest& request, const ByteSource& source);

  // Errors: NotFound for an id that is none of ours.
  Result<TaskInfo> task(const std::string& task_id);

  HotTier& hot() { return *hot_; }
  uint64_t committed_lsn(const iceberg::TableMetadata& metadata) const;
  // Commits the table's rows that are hot now; returns when a snapshot holds them. Errors: NotFound
  // when the table was dropped, StorageUnavailable or others when the commit failed.
  Status commit_hot_rows(const Uuid& table);
  // Commits what is hot, for at most this long.
  void flush(int64_t deadline_ms) { committer_->flush(deadline_ms); }
  IngestStats stats() const;
  Throughput& throughput() { return throughput_; }
  SettledRejections& settled_rejections() { return settled_rejections_; }

 private:
  struct Prepared;  // decoded rows with their table
  class OpenBatch;  // rows of small requests to one table, on their way to the log together
  explicit Service(const IngestOptions& options, catalog::Catalog& catalog,
                   store::Database& database, platform::FileSystem& files, platform::Random& random,
                   platform::Clock& clock)
      : options_(options),
        catalog_(catalog),
        files_(files),
        random_(random),
        clock_(clock),
        throughput_(clock),
        settled_rejections_(database) {}

  void count(const catalog::TableIdent& table, const AppendAnswer& answer);

  Result<std::optional<Prepared>> decode_now(const AppendRequest& request, std::string_view body);
  Result<Prepared> decode_and_evolve(const AppendRequest& request, std::string_view body);
  Result<Prepared> decode_arrow(const AppendRequest& request, std::string_view body);
  Result<catalog::TablePtr> ensure_table(const catalog::TableIdent& ident,
                                         const iceberg::Schema& schema);
  Result<TableRows> rejected_rows(const catalog::TableIdent& table, int32_t schema_id,
                                  const std::vector<RejectedRow>& rejected);
  void log_rows(const AppendRequest& request, Prepared prepared, std::string body_hash, Done done);
  LogEntry make_entry(const AppendRequest& request, AppendAnswer answer, const Uuid& table,
                      const std::string& body_hash, std::shared_ptr<Done> done);
  // nullopt: not a request for an open batch. Otherwise as try_append().
  std::optional<bool> append_to_open_batch(const AppendRequest& request, std::string_view body,
                                           Done& done);
  std::shared_ptr<OpenBatch> open_batch(const catalog::TablePtr& table);
  // False: answered, or joined to the same request under way.
  bool begin_idempotent(const AppendRequest& request, std::string_view body, std::string& body_hash,
                        Done& done);
  void answer_remembered(const AppendRequest& request, const RememberedAnswer& answer, Done done);

  friend class Upload;

  const IngestOptions options_;
  catalog::Catalog& catalog_;
  platform::FileSystem& files_;
  platform::Random& random_;
  platform::Clock& clock_;
  Throughput throughput_;
  SettledRejections settled_rejections_;
  std::unique_ptr<HotTier> hot_;
  std::unique_ptr<Answers> answers_;
  std::unique_ptr<GroupLog> log_;
  std::unique_ptr<Committer> committer_;
  std::mutex evolve_mutex_;  // one schema change at a time
  std::mutex open_mutex_;
  std::unordered_map<Uuid, std::shared_ptr<OpenBatch>> open_batches_;
  std::atomic<uint64_t> rows_appended_{0};
  std::atomic<uint64_t> rows_rejected_{0};
};

}  // namespace firn::ingest
