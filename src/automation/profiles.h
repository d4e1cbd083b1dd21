#pragma once

#include <memory>
#include <optional>
#include <string>

#include "automation/answer.h"

namespace firn::automation {

// What a table's columns hold, as of then.
struct Profile {
  int64_t profiled_us = 0;
  Answer answer;  // a row a column, as DuckDB's SUMMARIZE has it
};

// Profiles of tables, made in the background as whoever asks; kept once for all that see the same
// of the table. Thread-safe.
class Profiles {
 public:
  static Result<std::unique_ptr<Profiles>> create(store::Database& database, tasks::Tasks& tasks,
                                                  query::Engine& engine, auth::Authenticator& auth,
                                                  platform::Clock& clock);

  // `sql_name` is the table's as SQL takes it. Whether they may read it, the query asks.
  Result<tasks::Task> begin(const auth::Principal& who, const Uuid& table,
                            const std::string& sql_name);
  // The newest that the reader may see.
  Result<std::optional<Profile>> find(const auth::Principal& reader, const Uuid& table);

 private:
  struct Arguments;
  Profiles(store::Database& database, tasks::Tasks& tasks, query::Engine& engine,
           auth::Authenticator& auth, platform::Clock& clock)
      : database_(database), tasks_(tasks), engine_(engine), auth_(auth), clock_(clock) {}
  Result<std::string> run(const Arguments& arguments, tasks::TaskContext& context);

  store::Database& database_;
  tasks::Tasks& tasks_;
  query::Engine& engine_;
  auth::Authenticator& auth_;
  platform::Clock& clock_;
};

}  // namespace firn::automation
