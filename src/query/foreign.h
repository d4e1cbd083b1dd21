#pragma once

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// What a query worker is told of a customer's database, which it reads with one of DuckDB's
// extensions over sockets that the server opened.
namespace firn::query {

// kFiles: Parquet and CSV files of a folder. kObjects: those of a bucket, which a worker gets as
// kFiles. kIceberg: a catalog, whose tables a worker reads as it reads the lake's.
enum class ForeignKind : uint8_t { kPostgres, kMySql, kSqlite, kFiles, kObjects, kIceberg };

// Closes its descriptor.
class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~OwnedDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// A file that the server opened: part of one table.
struct ForeignFile {
  std::string table;
  std::string path;  // what the worker calls it; another one for another content
  bool csv = false;  // else Parquet
  std::shared_ptr<OwnedDescriptor> descriptor;
};

using TextPairs = std::vector<std::pair<std::string, std::string>>;

struct ForeignSource {
  ForeignKind kind = ForeignKind::kPostgres;
  std::string name;            // the connection's
  std::string default_schema;  // for connection.table
  // Over the network: the name that TLS checks, and the address that it stood for when the server
  // looked. Sockets go there and nowhere else.
  std::string host;
  std::string address;
  uint16_t port = 0;
  std::string attach;                     // what DuckDB's ATTACH gets; holds no secret
  TextPairs secret;                       // parameters of DuckDB's secret
  TextPairs settings;                     // of DuckDB's extension
  uint64_t rows_max = 0;                  // that one query may read of it
  uint64_t file_bytes = 0;                // kSqlite: of the database's file
  std::shared_ptr<OwnedDescriptor> file;  // kSqlite: a copy of it, at its beginning
  std::vector<ForeignFile> files;         // kFiles
};

struct ForeignColumn {
  std::string name;
  std::string type;  // DuckDB's name for it
  bool required = false;
};

// A table as it was when somebody looked last.
struct ForeignTable {
  std::string schema;
  std::string name;
  int64_t row_estimate = -1;  // unknown
  std::vector<ForeignColumn> columns;
};

}  // namespace firn::query
