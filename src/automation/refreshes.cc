#include "automation/refreshes.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "automation/rights.h"
#include "jobs/json_fields.h"
#include "platform/clock.h"

namespace firn::automation {
namespace {

constexpr std::string_view kTask = "dashboard_refresh";
constexpr uint64_t kRowsKept = 1'000;

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"dashboard_refreshes", 1, R"sql(
CREATE TABLE dashboard_refreshes (dashboard TEXT NOT NULL, organization TEXT NOT NULL,
  PRIMARY KEY (organization, dashboard)) STRICT;
CREATE TABLE refreshed_tiles (organization TEXT NOT NULL, dashboard TEXT NOT NULL,
  tile TEXT NOT NULL, statement TEXT NOT NULL, asked_us INTEGER NOT NULL,
  error_code TEXT NOT NULL, error_message TEXT NOT NULL, columns TEXT NOT NULL,
  rows TEXT NOT NULL, row_count INTEGER NOT NULL, rights TEXT NOT NULL,
  PRIMARY KEY (organization, dashboard, tile),
  FOREIGN KEY (organization, dashboard) REFERENCES dashboard_refreshes ON DELETE CASCADE) STRICT;
)sql"},
  };
  return steps;
}

Error missing() { return {ErrorCode::kNotFound, "this dashboard is not refreshed by the clock"}; }

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool uses(const std::string& statement, const std::string& name) {
  const std::string word = '$' + name;
  for (size_t at = statement.find(word); at != std::string::npos;
       at = statement.find(word, at + 1)) {
    const size_t end = at + word.size();
    if (end == statement.size() || !is_word(statement[end])) return true;
  }
  return false;
}

bool reads_as_number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return !text.empty() && read.ec == std::errc() && read.ptr == end && std::isfinite(value) &&
         text[0] != '.' && text.back() != '.';
}

Result<bool> is_refreshed(store::Transaction& transaction, const std::string& organization,
                          const std::string& dashboard) {
  auto row = TRY(transaction.prepare(
      "SELECT 1 FROM dashboard_refreshes WHERE organization = ? AND dashboard = ?"));
  row.bind(1, organization).bind(2, dashboard);
  return row.step();
}

}  // namespace

std::string default_parameters(const std::string& statement,
                               const std::vector<workspace::Variable>& variables) {
  std::string out = "{";
  for (const auto& variable : variables) {
    if (!uses(statement, variable.name)) continue;
    if (out.size() > 1) out += ',';
    jobs::append_json_string(out, variable.name);
    out += ':';
    if (variable.type == "number" && reads_as_number(variable.default_value)) {
      out += variable.default_value;
    } else {
      jobs::append_json_string(out, variable.default_value);
    }
  }
  return out + '}';
}

struct Refreshes::Arguments {
  std::string dashboard;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("dashboard", &Arguments::dashboard, jobs::kRequired);
  }
};

Result<std::unique_ptr<Refreshes>> Refreshes::create(store::Database& database, tasks::Tasks& tasks,
                                                     workspace::Workspace& workspace,
                                                     query::Engine& engine,
                                                     auth::Authenticator& auth,
                                                     platform::Clock& clock) {
  TRY(database.migrate(migrations()));
  std::unique_ptr<Refreshes> made(new Refreshes(database, tasks, workspace, engine, auth, clock));
  tasks.add<Arguments>(std::string(kTask), auth::Role::kViewer,
                       [raw = made.get()](const Arguments& arguments, tasks::TaskContext& context)
                           -> Result<std::string> { return raw->run(arguments, context); });
  return made;
}

Result<Refresh> Refreshes::set(const auth::Principal& who, const std::string& dashboard,
                               tasks::Plan plan) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  TRY(workspace_.dashboard(who, dashboard));
  plan.id = dashboard;
  plan.kind = kTask;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("INSERT OR IGNORE INTO dashboard_refreshes VALUES (?, ?)"));
    TRY(row.bind(1, dashboard).bind(2, who.organization).run());
    return tasks_.set_plan(transaction, who, plan, Arguments{dashboard});
  }));
  auto made = TRY(find(who, dashboard));
  if (!made) return missing();
  return *std::move(made);
}

Status Refreshes::remove(const auth::Principal& who, const std::string& dashboard) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  if (!TRY(find(who, dashboard))) return missing();
  return forget(who.organization, dashboard);
}

Status Refreshes::forget(const std::string& organization, const std::string& dashboard) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "DELETE FROM dashboard_refreshes WHERE organization = ? AND dashboard = ?"));
    TRY(row.bind(1, organization).bind(2, dashboard).run());
    return tasks_.remove_plan(transaction, dashboard);
  });
}

Result<std::optional<Refresh>> Refreshes::find(const auth::Principal& who,
                                               const std::string& dashboard) {
  TRY(auth::authorize(who, auth::Role::kViewer, auth::Object::whole(who)));
  const auto shown = TRY(workspace_.dashboard(who, dashboard));
  bool there = false;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    there = TRY(is_refreshed(transaction, who.organization, dashboard));
    return {};
  }));
  if (!there) return std::optional<Refresh>();
  Refresh refresh{TRY(tasks_.plan(who.organization, dashboard)), {}};
  auto tiles = TRY(kept(who, dashboard));
  for (const auto& tile : shown.tiles) {
    const auto found = std::find_if(tiles.begin(), tiles.end(), [&](const RefreshedTile& each) {
      return each.tile == tile.id;
    });
    if (found != tiles.end()) refresh.tiles.push_back(std::move(*found));
  }
  return std::optional(std::move(refresh));
}

Result<tasks::Task> Refreshes::run_now(const auth::Principal& who, const std::string& dashboard) {
  TRY(auth::authorize(who, auth::Role::kEditor, auth::Object::whole(who)));
  if (!TRY(find(who, dashboard))) return missing();
  return tasks_.run_plan(who.organization, dashboard);
}

Result<std::vector<RefreshedTile>> Refreshes::kept(const auth::Principal& who,
                                                   const std::string& dashboard) {
  std::vector<RefreshedTile> tiles;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT tile, statement, asked_us, error_code, error_message, columns, rows, row_count, "
        "rights FROM refreshed_tiles WHERE organization = ? AND dashboard = ?"));
    row.bind(1, who.organization).bind(2, dashboard);
    while (TRY(row.step())) {
      RefreshedTile& tile = tiles.emplace_back();
      tile.tile = row.column_text(0);
      tile.statement = row.column_text(1);
      tile.asked_us = row.column_int(2);
      const std::string code = row.column_text(3);
      if (!code.empty()) {
        tile.error.emplace(error_code_from_wire(code).value_or(ErrorCode::kInternal),
                           row.column_text(4));
      }
      tile.answer =
          Answer{row.column_text(5), row.column_text(6), row.column_int(7), row.column_text(8)};
    }
    return {};
  }));
  for (auto& tile : tiles) {
    const std::string& rights = tile.answer->rights;
    const bool theirs = has_rights(auth_, who, rights);
    // A message may quote a value.
    if (tile.error && (!theirs || rights.empty())) {
      tile.error.emplace(tile.error->code(), "(not yours to see)");
    }
    if (tile.error || !theirs) tile.answer.reset();
  }
  return tiles;
}

Status Refreshes::keep(const auth::Principal& who, const std::string& dashboard,
                       const RefreshedTile& tile) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    // It may have been taken away meanwhile.
    if (!TRY(is_refreshed(transaction, who.organization, dashboard))) return missing();
    auto row = TRY(transaction.prepare(
        "INSERT OR REPLACE INTO refreshed_tiles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    row.bind(1, who.organization).bind(2, dashboard).bind(3, tile.tile).bind(4, tile.statement);
    row.bind(5, tile.asked_us);
    row.bind(6, tile.error ? info_of(tile.error->code()).wire_code : std::string_view());
    row.bind(7, tile.error ? tile.error->message() : std::string());
    Answer answer = tile.answer.value_or(Answer());
    if (tile.error) answer.rights = own_rights(who);
    row.bind(8, answer.columns).bind(9, answer.rows).bind(10, answer.row_count);
    return row.bind(11, answer.rights).run();
  });
}

Result<std::string> Refreshes::run(const Arguments& arguments, tasks::TaskContext& context) {
  const auto dashboard = workspace_.dashboard(context.principal, arguments.dashboard);
  if (!dashboard.ok() && dashboard.error().code() == ErrorCode::kNotFound) {
    TRY(forget(context.principal.organization, arguments.dashboard));
    return std::string("{\"tiles\":0,\"deleted\":true}");
  }
  if (!dashboard.ok()) return dashboard.error();
  int64_t asked = 0;
  int64_t failed = 0;
  for (const auto& tile : dashboard->tiles) {
    if (!tile.statement) continue;
    context.progress(
        static_cast<int32_t>(100 * asked / static_cast<int64_t>(dashboard->tiles.size())),
        tile.title);
    RefreshedTile made{tile.id, *tile.statement, clock_.now_us(), std::nullopt, std::nullopt};
    const Ask ask{
        *tile.statement, {}, {}, default_parameters(*tile.statement, dashboard->variables)};
    auto answer = ask_for_task(engine_, auth_, context, ask, kRowsKept);
    if (context.cancelled()) return Error(ErrorCode::kCancelled, "the refresh was cancelled");
    ++asked;
    if (answer.ok()) {
      made.answer = *std::move(answer);
    } else {
      // One tile's error is that tile's; the others are worth having.
      made.error = answer.error();
      ++failed;
    }
    TRY(keep(context.principal, arguments.dashboard, made));
  }
  return "{\"tiles\":" + std::to_string(asked) + ",\"failed\":" + std::to_string(failed) + '}';
}

}  // namespace firn::automation
