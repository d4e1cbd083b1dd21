#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "duckdb/main/attached_database.hpp"
#include "query/tables.h"
#include "query/worker/planned_files.h"

namespace firn::query {

// A customer's database that is attached to the worker's DuckDB, hidden, under a name that holds
// the statement's nonce.
struct OpenedSource {
  ForeignSource source;
  std::string attached_as;
  duckdb::shared_ptr<duckdb::AttachedDatabase> database;
  size_t slot = 0;  // among those of the query

  duckdb::Catalog& catalog() const { return database->GetCatalog(); }
};

// The customers' databases of the running query. DuckDB's extension for a kind of database is
// loaded when it is needed first, and its functions are taken out of reach of statements.
//
// Throws duckdb exceptions. Used by the threads of one query at a time, which hold table_calls().
class ForeignSources {
 public:
  static constexpr size_t kSourcesMax = 16;  // of one query

  ForeignSources(duckdb::DatabaseInstance& database, PlannedFiles& files,
                 std::string extension_directory, std::string spill_directory)
      : database_(database),
        files_(files),
        extension_directory_(std::move(extension_directory)),
        spill_directory_(std::move(spill_directory)) {}

  // From now on names are those of `tables`; `nonce` is the statement's.
  void begin(TableSource& tables, std::string nonce);
  // What the server says of the connection; nothing is connected yet.
  const ForeignSource& source(const std::string& connection);
  // Connects at the first call. Writable only to end statements at the source.
  const OpenedSource& open(const std::string& connection, bool writable = false);
  bool any_open() const { return !opened_.empty(); }
  // Detaches what was opened, and ends its sockets.
  void end();

  // What the extension calls `function`, under a name that no statement can guess.
  std::string hidden_function(const std::string& function) const;

 private:
  template <typename Body>
  void aside(Body&& body);
  void load_extension(ForeignKind kind);
  void attach(duckdb::ClientContext& context, OpenedSource& opened, bool writable);
  void detach_all(duckdb::ClientContext& context);
  void create_secret(duckdb::ClientContext& context, const ForeignSource& source,
                     const std::string& name);
  std::string copy_file(const ForeignSource& source, const std::string& name);

  duckdb::DatabaseInstance& database_;
  PlannedFiles& files_;
  const std::string extension_directory_;
  const std::string spill_directory_;
  TableSource* tables_ = nullptr;
  std::string nonce_;
  std::string function_prefix_;  // of the worker
  std::map<ForeignKind, bool> loaded_;
  std::map<std::string, ForeignSource> known_;
  std::map<std::string, std::unique_ptr<OpenedSource>> opened_;
  std::vector<std::string> secrets_;
  std::vector<std::string> copies_;  // paths
};

// Rethrows what DuckDB or an extension threw about a customer's database, as an error that names
// the connection, without secrets. Interrupts stay what they are.
[[noreturn]] void rethrow_foreign(const ForeignSource& source, const std::exception& thrown);

}  // namespace firn::query
