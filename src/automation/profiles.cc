#include "automation/profiles.h"

#include <vector>

#include "automation/rights.h"
#include "platform/clock.h"

namespace firn::automation {
namespace {

constexpr std::string_view kTask = "profile";

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"profiles", 1, R"sql(
CREATE TABLE table_profiles (table_id TEXT NOT NULL, rights TEXT NOT NULL,
  profiled_us INTEGER NOT NULL, columns TEXT NOT NULL, rows TEXT NOT NULL,
  row_count INTEGER NOT NULL, PRIMARY KEY (table_id, rights)) STRICT;
)sql"},
  };
  return steps;
}

}  // namespace

struct Profiles::Arguments {
  std::string table;
  std::string sql_name;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("table", &Arguments::table, jobs::kRequired);
    visit("sql_name", &Arguments::sql_name, jobs::kRequired);
  }
};

Result<std::unique_ptr<Profiles>> Profiles::create(store::Database& database, tasks::Tasks& tasks,
                                                   query::Engine& engine, auth::Authenticator& auth,
                                                   platform::Clock& clock) {
  TRY(database.migrate(migrations()));
  std::unique_ptr<Profiles> made(new Profiles(database, tasks, engine, auth, clock));
  tasks.add<Arguments>(std::string(kTask), auth::Role::kViewer,
                       [raw = made.get()](const Arguments& arguments, tasks::TaskContext& context)
                           -> Result<std::string> { return raw->run(arguments, context); });
  return made;
}

Result<tasks::Task> Profiles::begin(const auth::Principal& who, const Uuid& table,
                                    const std::string& sql_name) {
  return tasks_.begin(who, std::string(kTask), Arguments{table.to_string(), sql_name},
                      table.to_string());
}

Result<std::optional<Profile>> Profiles::find(const auth::Principal& reader, const Uuid& table) {
  std::vector<Profile> profiles;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("SELECT profiled_us, columns, rows, row_count, rights FROM "
                                "table_profiles WHERE table_id = ? ORDER BY profiled_us DESC"));
    row.bind(1, table.to_string());
    while (TRY(row.step())) {
      profiles.push_back(
          {row.column_int(0),
           {row.column_text(1), row.column_text(2), row.column_int(3), row.column_text(4)}});
    }
    return {};
  }));
  for (auto& profile : profiles) {
    if (has_rights(auth_, reader, profile.answer.rights)) return std::optional(std::move(profile));
  }
  return std::optional<Profile>();
}

Result<std::string> Profiles::run(const Arguments& arguments, tasks::TaskContext& context) {
  constexpr uint64_t kColumnsMax = 10'000;
  constexpr int64_t kKept = 20;  // of one table, for readers with different rights
  const Ask ask{"SUMMARIZE SELECT * FROM " + arguments.sql_name, {}, {}};
  const Answer answer = TRY(ask_for_task(engine_, auth_, context, ask, kColumnsMax));
  // Another table may have taken the name.
  if (answer.rights.find(arguments.table) == std::string::npos) {
    return Error(ErrorCode::kNotFound, "the table was renamed or dropped meanwhile");
  }
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(
          transaction.prepare("INSERT OR REPLACE INTO table_profiles VALUES (?, ?, ?, ?, ?, ?)"));
      TRY(row.bind(1, arguments.table)
              .bind(2, answer.rights)
              .bind(3, clock_.now_us())
              .bind(4, answer.columns)
              .bind(5, answer.rows)
              .bind(6, answer.row_count)
              .run());
    }
    auto old = TRY(transaction.prepare(
        "DELETE FROM table_profiles WHERE table_id = ?1 AND rights NOT IN (SELECT rights FROM "
        "table_profiles WHERE table_id = ?1 ORDER BY profiled_us DESC LIMIT ?2)"));
    return old.bind(1, arguments.table).bind(2, kKept).run();
  }));
  return "{\"columns\":" + std::to_string(answer.row_count) + '}';
}

}  // namespace firn::automation
