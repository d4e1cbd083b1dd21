#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/auth.h"
#include "catalog/catalog.h"
#include "ingest/service.h"
#include "query/engine.h"

namespace firn::store {
class Statement;
class Transaction;
}  // namespace firn::store

namespace firn::staging {

enum class ChangeMode : uint8_t {
  kAppend,   // the statement's rows are added
  kReplace,  // they are the table's rows afterwards
};

enum class ChangeState : uint8_t {
  kStaging,  // being made; nobody sees it yet
  kOpen,
  kPublished,
  kDiscarded,
  kExpired,
};

// Rows that only one side has, each as often as it has it more than the other.
struct Difference {
  int64_t rows = 0;
  std::string sample;  // up to 20 of them: a JSON array of arrays; empty: not for this reader
};

// A change of a table on a branch of its own.
struct StagedChange {
  std::string id;
  std::string catalog_id;
  std::string catalog;     // its name
  std::string name_space;  // as it was then
  std::string table;
  Uuid table_uuid;
  std::string branch;
  ChangeMode mode = ChangeMode::kAppend;
  std::string statement;
  std::string query_id;  // of the statement: its evidence
  int64_t base_snapshot = 0;
  int64_t snapshot = 0;
  int64_t rows_before = 0;
  int64_t rows_after = 0;
  std::string columns;  // names, a JSON array
  Difference added;
  Difference removed;
  ChangeState state = ChangeState::kOpen;
  std::string account;
  std::string created_by;
  int64_t created_us = 0;
  int64_t expires_us = 0;
  std::string decided_by;
  int64_t decided_us = 0;
  std::optional<int64_t> published_snapshot;  // of main
};

struct NewChange {
  std::string catalog;  // by name
  catalog::Namespace name_space;
  std::string table;
  ChangeMode mode = ChangeMode::kAppend;
  // Gives all columns of the table, in any order, and no others. Names without a catalog or a
  // namespace are in the table's. It reads the table as it is when the change is made.
  std::string statement;
  std::string parameters;  // of $name in it: a JSON object; empty: none
  std::string client;      // for the history
};

struct StagingOptions {
  std::string spool_directory;
  uint64_t change_bytes_max = 4ULL << 30;  // a statement's answer
  int64_t open_max = 100;                  // of an organization
  int64_t open_for_us = 15LL * 24 * 3600 * 1'000'000;
};

// See README.md. Editors of the table's catalog make, publish and discard changes; its viewers see
// them. Errors: NotFound, PermissionDenied, InvalidArgument, IncompatibleSchema where the columns
// are not the table's, Conflict for a change that is not open any more or does not fit the table
// any more, ResourceExhausted, and those of statements and commits.
class Staging {
 public:
  static Result<std::unique_ptr<Staging>> create(StagingOptions options, store::Database& database,
                                                 auth::Authenticator& auth,
                                                 catalog::Catalog& catalog, ingest::Service& ingest,
                                                 query::Engine& engine, platform::FileSystem& files,
                                                 platform::Clock& clock, platform::Random& random);

  Result<StagedChange> stage(const auth::Principal& who, const NewChange& wanted);
  Result<StagedChange> find(const auth::Principal& who, const std::string& id);
  // Newest first; of one table, or of all that the principal may read.
  Result<std::vector<StagedChange>> list(const auth::Principal& who,
                                         const std::optional<Uuid>& table, int64_t max);
  Result<StagedChange> publish(const auth::Principal& who, const std::string& id);
  Result<StagedChange> discard(const auth::Principal& who, const std::string& id);

  // Discards what nobody decided in time, and what a crash left half made.
  Status expire();

 private:
  Staging(StagingOptions options, store::Database& database, auth::Authenticator& auth,
          catalog::Catalog& catalog, ingest::Service& ingest, query::Engine& engine,
          platform::FileSystem& files, platform::Clock& clock, platform::Random& random)
      : options_(std::move(options)),
        database_(database),
        auth_(auth),
        catalog_(catalog),
        ingest_(ingest),
        engine_(engine),
        files_(files),
        clock_(clock),
        random_(random),
        started_us_(clock.now_us()) {}

  struct Row {
    StagedChange change;
    std::string rights;  // to see the samples
  };
  Result<Row> read(const std::string& organization, const std::string& id);
  Result<std::vector<Row>> read_all(const std::string& where, const std::string& organization,
                                    const std::string& table, int64_t limit);
  Result<StagedChange> shown_to(const auth::Principal& who, Row row);
  Status insert(const auth::Principal& who, const StagedChange& change);
  Status open(const Row& row);
  Status decide(const std::string& id, ChangeState state, const std::string& by,
                std::optional<int64_t> snapshot);
  Result<std::vector<query::TableEvidence>> write_rows(const auth::Principal& who,
                                                       const NewChange& wanted,
                                                       const catalog::TableIdent& ident,
                                                       StagedChange& change);
  Status compare(const auth::Principal& who, const std::string& client, StagedChange& change);
  Result<query::QueryInfo> ask_rows(const auth::Principal& who, const std::string& client,
                                    const std::string& statement, std::string& rows);
  Result<std::optional<int64_t>> published_as(const StagedChange& change);
  Status drop_branch(const StagedChange& change);

  const StagingOptions options_;
  store::Database& database_;
  auth::Authenticator& auth_;
  catalog::Catalog& catalog_;
  ingest::Service& ingest_;
  query::Engine& engine_;
  platform::FileSystem& files_;
  platform::Clock& clock_;
  platform::Random& random_;
  const int64_t started_us_;
};

}  // namespace firn::staging
