#include "automation/scheduled.h"

#include <algorithm>

#include "auth/directory.h"
#include "automation/rights.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::automation {
namespace {

constexpr std::string_view kKind = "scheduled query";
constexpr std::string_view kTask = "scheduled_query";
constexpr int64_t kResultsKept = 20;

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"scheduled_queries", 1, R"sql(
CREATE TABLE scheduled_results (query TEXT NOT NULL REFERENCES automation_records(id) ON DELETE
  CASCADE, asked_us INTEGER NOT NULL, columns TEXT NOT NULL, rows TEXT NOT NULL,
  row_count INTEGER NOT NULL, rights TEXT NOT NULL, PRIMARY KEY (query, asked_us)) STRICT;
)sql"},
  };
  return steps;
}

}  // namespace

// As it is kept.
struct ScheduledQueries::Body {
  std::string statement;
  std::string catalog;
  std::string schema;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("statement", &Body::statement, jobs::kRequired);
    visit("catalog", &Body::catalog);
    visit("schema", &Body::schema);
  }
};

struct ScheduledQueries::Arguments {
  std::string query;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("query", &Arguments::query, jobs::kRequired);
  }
};

Result<std::unique_ptr<ScheduledQueries>> ScheduledQueries::create(
    store::Database& database, tasks::Tasks& tasks, query::Engine& engine,
    auth::Authenticator& auth, platform::Clock& clock, platform::Random& random) {
  TRY(records::migrate(database));
  TRY(database.migrate(migrations()));
  std::unique_ptr<ScheduledQueries> made(
      new ScheduledQueries(database, tasks, engine, auth, clock, random));
  tasks.add<Arguments>(std::string(kTask), auth::Role::kViewer,
                       [raw = made.get()](const Arguments& arguments, tasks::TaskContext& context)
                           -> Result<std::string> { return raw->run(arguments, context); });
  return made;
}

Result<ScheduledQuery> ScheduledQueries::of(const Record& record) {
  const Body body = TRY(jobs::decode_arguments<Body>(record.body));
  return ScheduledQuery{record.about,
                        {body.statement, body.catalog, body.schema},
                        TRY(tasks_.plan(record.about.organization, record.about.id))};
}

Result<ScheduledQuery> ScheduledQueries::set(const auth::Principal& who, ScheduledQuery query) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  if (query.ask.statement.empty() || query.ask.statement.size() > (1 << 16)) {
    return Error(ErrorCode::kInvalidArgument, "a statement has 1 byte to 64 KiB");
  }
  const bool is_new = query.about.id.empty();
  Record record;
  record.about.id = is_new ? random_.uuid().to_string() : query.about.id;
  record.about.organization = who.organization;
  record.about.name = TRY(auth::check_name("a scheduled query's name", query.about.name));
  record.about.created_by = record.about.updated_by = who.name;
  record.about.created_us = record.about.updated_us = clock_.now_us();
  record.body =
      jobs::encode_arguments(Body{query.ask.statement, query.ask.catalog, query.ask.schema});
  query.plan.id = record.about.id;
  query.plan.kind = kTask;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TRY(is_new ? records::insert(transaction, kKind, record)
               : records::update(transaction, kKind, record));
    return tasks_.set_plan(transaction, who, query.plan, Arguments{record.about.id});
  }));
  return find(who, record.about.id);
}

Status ScheduledQueries::remove(const auth::Principal& who, const std::string& id) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  return database_.write([&](store::Transaction& transaction) -> Status {
    TRY(records::remove(transaction, kKind, who.organization, id));
    return tasks_.remove_plan(transaction, id);
  });
}

Result<ScheduledQuery> ScheduledQueries::find(const auth::Principal& who, const std::string& id) {
  TRY(auth::authorize(who, auth::Role::kViewer, auth::Object::whole(who)));
  return of(TRY(records::find_now(database_, kKind, who.organization, id)));
}

Result<std::vector<ScheduledQuery>> ScheduledQueries::list(const auth::Principal& who) {
  TRY(auth::authorize(who, auth::Role::kViewer, auth::Object::whole(who)));
  std::vector<ScheduledQuery> queries;
  for (const auto& record : TRY(records::list(database_, kKind, who.organization))) {
    queries.push_back(TRY(of(record)));
  }
  return queries;
}

Result<tasks::Task> ScheduledQueries::run_now(const auth::Principal& who, const std::string& id) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  TRY(records::find_now(database_, kKind, who.organization, id));
  return tasks_.run_plan(who.organization, id);
}

Result<std::vector<ScheduledResult>> ScheduledQueries::results(const auth::Principal& who,
                                                               const std::string& id, int64_t max) {
  TRY(find(who, id));
  std::vector<ScheduledResult> results;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(
        transaction.prepare("SELECT asked_us, columns, rows, row_count, rights FROM "
                            "scheduled_results WHERE query = ? ORDER BY asked_us DESC LIMIT ?"));
    row.bind(1, id).bind(2, max);
    while (TRY(row.step())) {
      results.push_back(
          {row.column_int(0),
           {row.column_text(1), row.column_text(2), row.column_int(3), row.column_text(4)}});
    }
    return {};
  }));
  std::erase_if(results, [&](const ScheduledResult& result) {
    return !has_rights(auth_, who, result.answer.rights);
  });
  return results;
}

Result<std::string> ScheduledQueries::run(const Arguments& arguments, tasks::TaskContext& context) {
  constexpr uint64_t kRowsKept = 1'000;
  const auto query = TRY(find(context.principal, arguments.query));
  const int64_t asked_us = clock_.now_us();
  const Answer answer = TRY(ask_for_task(engine_, auth_, context, query.ask, kRowsKept));
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    // It may have been deleted meanwhile.
    const auto there =
        records::find(transaction, kKind, context.principal.organization, arguments.query);
    if (!there.ok()) return there.error();
    {
      auto row = TRY(transaction.prepare(
          "INSERT OR REPLACE INTO scheduled_results VALUES (?, ?, ?, ?, ?, ?)"));
      TRY(row.bind(1, arguments.query)
              .bind(2, asked_us)
              .bind(3, answer.columns)
              .bind(4, answer.rows)
              .bind(5, answer.row_count)
              .bind(6, answer.rights)
              .run());
    }
    auto old = TRY(transaction.prepare(
        "DELETE FROM scheduled_results WHERE query = ?1 AND asked_us NOT IN (SELECT asked_us FROM "
        "scheduled_results WHERE query = ?1 ORDER BY asked_us DESC LIMIT ?2)"));
    return old.bind(1, arguments.query).bind(2, kResultsKept).run();
  }));
  return "{\"rows\":" + std::to_string(answer.row_count) + '}';
}

}  // namespace firn::automation
