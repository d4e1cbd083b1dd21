#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "iceberg/manifest.h"
#include "iceberg/types.h"
#include "query/access.h"
#include "query/foreign.h"

namespace firn::query {

// Which version of a table a query asks for: AT (VERSION => ...), AT (TIMESTAMP => ...) or `as_of`.
struct TableVersion {
  enum class Kind : uint8_t { kCurrent, kSnapshot, kRef, kTimestamp };
  Kind kind = Kind::kCurrent;
  int64_t number = 0;  // kSnapshot: its id; kTimestamp: microseconds since 1970
  std::string ref;     // kRef: a tag or a branch

  // The branch of a staged change.
  bool is_staged() const;
  bool operator==(const TableVersion&) const = default;
};

// "lake"."main"."t", as SQL takes it.
std::string sql_name(const std::string& catalog, const std::string& schema,
                     const std::string& table);

// A snapshot id, an RFC 3339 timestamp or date, or else the name of a tag or branch.
TableVersion parse_table_version(std::string_view text);

// What holds for the reader on a table of a connected database.
struct ForeignAccess {
  auth::TableRules rules;
  Caller caller;
};

// A table pinned for one query.
struct ResolvedTable {
  uint64_t handle = 0;  // within the query's TableView
  std::string catalog;
  std::string schema;  // namespace levels joined by '.'
  std::string name;    // as the catalog spells it
  Uuid uuid;
  int32_t schema_id = 0;
  std::optional<int64_t> snapshot_id;  // none: the table has no rows on disk
  int64_t record_count = 0;            // estimate: deletes are not subtracted
  std::vector<iceberg::Field> columns;
  // Where policies hold for the reader: rows have to pass every filter (SQL), and of the columns
  // (by field id) these are hidden, nulled or hashed.
  auth::TableRules rules;
  Caller caller;
};

enum class CompareOp : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kIsNull,
  kIsNotNull,
  kStartsWith,
};

// A condition that every row of the answer fulfils. Used to leave files out; the worker applies it
// to rows itself. Constants are not null and of the column's type in the pinned schema.
struct Conjunct {
  int32_t field_id = 0;
  CompareOp op = CompareOp::kEqual;
  std::vector<iceberg::Value> constants;  // one; several for kIn; none for the null tests
};

// Something that the worker reads and that is not a file of the table: acknowledged rows that are
// not committed yet, as Parquet in memory. Closes its descriptor.
class HotFile {
 public:
  HotFile(int descriptor, uint64_t size_bytes) : descriptor_(descriptor), size_(size_bytes) {}
  ~HotFile();
  HotFile(const HotFile&) = delete;
  HotFile& operator=(const HotFile&) = delete;
  int descriptor() const { return descriptor_; }
  uint64_t size_bytes() const { return size_; }

 private:
  int descriptor_;
  uint64_t size_;
};

struct PlannedDelete {
  iceberg::FileContent content = iceberg::FileContent::kPositionDeletes;
  std::string path;
  int64_t size_bytes = 0;
  std::vector<int32_t> equality_ids;
};

struct PlannedFile {
  std::string path;      // local, or below kHotPathPrefix for a hot file
  std::string location;  // as delete files name it; empty: they name none
  int64_t size_bytes = 0;
  int64_t record_count = 0;
  std::vector<uint32_t> deletes;  // that apply to it: positions in ScanPlan::deletes
  std::shared_ptr<const HotFile> hot;
};

inline constexpr std::string_view kHotPathPrefix = "/@hot/";

// The files that hold every row that the conjuncts let through.
struct ScanPlan {
  std::vector<PlannedFile> files;
  std::vector<PlannedDelete> deletes;
  int64_t files_total = 0;  // before anything was left out
  // Paths are names only: whoever reads a file asks TableSource::planned_file() for it.
  bool fetched = false;
  // Each column's name in files without field ids (property schema.name-mapping.default), JSON.
  std::string name_mapping;
};

// What an answer was made from.
struct TableEvidence {
  std::string catalog;
  // A table of a connection. There is a snapshot of it only where that is an Iceberg catalog.
  bool foreign = false;
  std::string schema;
  std::string name;
  Uuid uuid;
  std::optional<int64_t> snapshot_id;
  int32_t schema_id = 0;
  int64_t files = 0;
  int64_t files_total = 0;
  int64_t bytes = 0;
  int64_t rows = 0;
  int64_t hot_rows = 0;
};

// A part of an answer that another engine computes, as that engine wrote it (Trino's client REST
// protocol).
struct RemotePage {
  std::string columns;  // JSON: an array of {"name", "type"}; empty while they are not known
  std::string rows;     // JSON: an array of arrays; empty where there are none
  bool last = false;
};

// Tables by name, for one query. Not thread-safe.
//
// Errors: NotFound, naming what is missing; Unsupported where the table has something that cannot
// be read; StorageUnavailable.
class TableSource {
 public:
  virtual ~TableSource() = default;
  virtual Result<std::vector<std::string>> list_schemas(const std::string& catalog) = 0;
  virtual Result<std::vector<std::string>> list_tables(const std::string& catalog,
                                                       const std::string& schema) = 0;
  // Names match exactly, or else the only one that differs just in case.
  virtual Result<ResolvedTable> resolve(const std::string& catalog, const std::string& schema,
                                        const std::string& name, const TableVersion& version) = 0;
  virtual Result<ScanPlan> plan(uint64_t handle, const std::vector<Conjunct>& conjuncts) = 0;
  // A file of a plan that is `fetched`, opened for reading: fetched now, unless that was done
  // before. PermissionDenied for one that is in no plan of this query.
  virtual Result<std::shared_ptr<OwnedDescriptor>> planned_file(const std::string&) {
    return Error(ErrorCode::kPermissionDenied, "the query planned no such file");
  }

  // The next part of the answer of the other engine that the query runs on.
  virtual Result<RemotePage> remote_page() {
    return Error(ErrorCode::kInternal, "the query runs on no other engine");
  }

  // The database behind a connection that the reader may use.
  virtual Result<ForeignSource> foreign_source(const std::string& connection) {
    return Error(ErrorCode::kNotFound, "there is no connection '" + connection + "'");
  }
  // Its tables as they were when somebody looked last.
  virtual Result<std::vector<ForeignTable>> foreign_tables(const std::string& connection) {
    return Error(ErrorCode::kNotFound, "there is no connection '" + connection + "'");
  }
  // Says that the query reads the table, and is told what the reader sees of it. PermissionDenied
  // where the reader may not.
  virtual Result<ForeignAccess> foreign_read(const std::string& connection, const std::string&,
                                             const std::string&) {
    return Error(ErrorCode::kNotFound, "there is no connection '" + connection + "'");
  }
  // A connected socket. PermissionDenied unless a source of this query has that address.
  virtual Result<std::unique_ptr<OwnedDescriptor>> foreign_socket(const std::string&, uint16_t) {
    return Error(ErrorCode::kPermissionDenied, "queries have no network");
  }
};

// The tables of one query. Every table is pinned at its first look-up, so that the whole query
// reads one version of it.
class TableView : public TableSource {
 public:
  // Names of the catalogs that the reader may read.
  virtual Result<std::vector<std::string>> list_catalogs() = 0;
  // Names of the connections that the reader may use.
  virtual Result<std::vector<std::string>> list_connections() { return std::vector<std::string>(); }
  // Those whose tables are answered as the lake's are, by resolve() and plan(): foreign_tables()
  // has what is listed of them.
  virtual Result<std::vector<std::string>> list_remote_catalogs() {
    return std::vector<std::string>();
  }
  // Rows of the tables looked up so far, as far as somebody knows: what a scan of all would read.
  virtual int64_t rows_estimate() const { return 0; }
  // Whether an engine that knows nothing of the reader may read the tables looked up so far:
  // PermissionDenied where a policy holds for one.
  virtual Status free_of_policies() const { return {}; }
  // Makes rows of the tables looked up so far that are not committed yet part of snapshots, so that
  // an engine that reads files only sees them, too. True: there were some, in newer snapshots than
  // those of this view.
  virtual Result<bool> commit_hot_rows() { return false; }
  // Called once, when no worker has the query any more.
  virtual void ended(bool /*complete*/) {}
  // The tables looked up so far, with what the last plan of each chose.
  virtual std::vector<TableEvidence> evidence() const = 0;
  // Whether a table looked up so far has this snapshot in its history.
  virtual bool saw_snapshot(int64_t snapshot_id) const = 0;
};

// Where queries find tables. Thread-safe.
class TableProvider {
 public:
  virtual ~TableProvider() = default;
  // `as_of` is for every table without its own AT; other than kCurrent, hot rows are not read.
  // `pins`: instead, the snapshots that an earlier query read; null: none. Then a table that is not
  // among them, or whose snapshot is gone, is NotFound.
  virtual std::unique_ptr<TableView> open_view(
      const TableVersion& as_of, std::shared_ptr<const Access> access,
      std::shared_ptr<const std::vector<TableEvidence>> pins) = 0;
};

}  // namespace firn::query
