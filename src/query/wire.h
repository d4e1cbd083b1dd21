#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "query/tables.h"

// What the server and a query worker say to each other: frames of little-endian fields, both ends
// the same binary. Readers never trust a length.
namespace firn::query {

enum class FrameType : uint8_t {
  // server to worker
  kQuery = 1,
  kReply,   // to a request for tables
  kCancel,  // of the running query; the worker ends it with kFailed
  // worker to server
  kReady = 16,
  kListSchemas,
  kListTables,
  kResolve,
  kPlan,
  kHead,
  kRows,  // encoded bytes of the answer
  kDone,
  kFailed,
  kForeignSource,
  kForeignTables,
  kForeignRead,
  kForeignSocket,
  kRemotePage,
  kPlannedFile,
};

enum class ResultFormat : uint8_t { kDefault, kCsv, kJsonLines, kParquet, kArrow };
// kBrowse: no statement; the answer is what the connections hold, as browse() writes it. kStop: the
// statement is a list of local ports, by commas, whose statements at the source are to end.
// kRemote: another engine computes the answer; it comes by remote_page().
enum class QueryMode : uint8_t {
  kRun,
  kValidate,
  kExplain,
  kAutocomplete,
  kBrowse,
  kStop,
  kRemote
};

struct WorkerQuery {
  QueryMode mode = QueryMode::kRun;
  ResultFormat format = ResultFormat::kDefault;
  std::string statement;
  std::string parameters;             // JSON object; empty: none
  std::string nonce;                  // part of names that the statement must not guess
  std::vector<std::string> catalogs;  // all that the reader may read; the worker attaches them
  // Of connections, but read as those are: what is listed of them is foreign_tables().
  std::vector<std::string> remote_catalogs;
  std::vector<std::string> connections;  // all that the reader may use
  std::string catalog;                   // default
  std::string schema;                    // default
  std::string timezone;                  // empty: UTC
  uint64_t limit = UINT64_MAX;
  uint64_t offset = 0;
  uint64_t result_bytes_max = UINT64_MAX;
  uint32_t suggestions_max = 20;
};

struct ResultColumn {
  std::string name;
  std::string type;  // DuckDB's name for it
};

struct WorkerDone {
  uint64_t rows = 0;
  uint64_t memory_peak_bytes = 0;
};

struct WorkerReady {
  bool landlock = false;
  bool seccomp = false;
};

class WireWriter {
 public:
  template <typename T>
  void number(T value) {
    append_le(bytes_, value);
  }
  void text(std::string_view value);
  void texts(const std::vector<std::string>& values);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// After the first field that is not there, every read gives zero and ok() is false.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}
  template <typename T>
  T number() {
    if (rest_.size() < sizeof(T)) return fail(), T{};
    T value = load_le<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  std::string text();
  std::vector<std::string> texts();
  // A count of things of at least `bytes_min` bytes each.
  size_t count(size_t bytes_min);
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

 private:
  void fail() {
    ok_ = false;
    rest_ = {};
  }
  std::string_view rest_;
  bool ok_ = true;
};

std::string encode(const WorkerQuery& query);
Result<WorkerQuery> decode_query(std::string_view bytes);
std::string encode(const ResolvedTable& table);
Result<ResolvedTable> decode_table(std::string_view bytes);
std::string encode(uint64_t handle, const std::vector<Conjunct>& conjuncts);
struct PlanRequest {
  uint64_t handle = 0;
  std::vector<Conjunct> conjuncts;
};
Result<PlanRequest> decode_plan_request(std::string_view bytes);
// Descriptors of hot files travel beside the frame, in the order of the files.
std::string encode(const ScanPlan& plan);
Result<ScanPlan> decode_plan(std::string_view bytes, std::vector<int> descriptors);
std::string encode(const ForeignAccess& access);
Result<ForeignAccess> decode_access(std::string_view bytes);
// The descriptors of its file and files, in this order, travel beside the frame.
std::string encode(const ForeignSource& source);
Result<ForeignSource> decode_source(std::string_view bytes, std::vector<int> descriptors);
std::string encode(const std::vector<ForeignTable>& tables);
Result<std::vector<ForeignTable>> decode_foreign_tables(std::string_view bytes);
std::string encode(const RemotePage& page);
Result<RemotePage> decode_page(std::string_view bytes);
std::string encode(const std::vector<ResultColumn>& columns);
Result<std::vector<ResultColumn>> decode_columns(std::string_view bytes);
std::string encode(const Error& error);
Error decode_error(std::string_view bytes);

}  // namespace firn::query
