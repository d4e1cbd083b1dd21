#include <boost/json.hpp>
#include <charconv>

#include "api/context.h"
#include "api/convert.h"
#include "api/paging.h"
#include "api/roots.h"
#include "api/rows.h"
#include "api/runs_object.h"

namespace firn::api {
namespace {

query::QueryRequest statement_request(Services& services, const auth::Principal& who,
                                      const std::string& statement,
                                      const std::optional<std::string>& catalog,
                                      const std::optional<std::string>& name_space) {
  auto request = request_of(services, who, "firn");
  request.statement = statement;
  request.catalog = catalog.value_or("");
  request.schema = name_space.value_or("");
  request.visible = false;
  return request;
}

// "start_us/id", of the last one of the page before.
Result<query::QueryLog::Filter> filter_after(const std::optional<std::string>& cursor) {
  query::QueryLog::Filter filter;
  if (!cursor) return filter;
  const size_t slash = cursor->find('/');
  int64_t start = 0;
  const auto parsed = std::from_chars(cursor->data(), cursor->data() + cursor->size(), start);
  if (slash == std::string::npos || parsed.ec != std::errc() ||
      parsed.ptr != cursor->data() + slash) {
    return Error(ErrorCode::kInvalidArgument, "'after' is no cursor of this list");
  }
  filter.before_us = start;
  filter.before_id = cursor->substr(slash + 1);
  return filter;
}

Result<std::vector<schema::Completion>> read_completions(const std::string& lines) {
  std::vector<schema::Completion> all;
  std::string_view rest = lines;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    boost::system::error_code failed;
    const auto value = boost::json::parse(rest.substr(0, end), failed);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto* object = failed ? nullptr : value.if_object();
    if (object == nullptr) {
      return Error(ErrorCode::kInternal, "the completions cannot be read");
    }
    const auto text = [&](const char* name) {
      const auto* member = object->if_contains(name);
      return member != nullptr && member->is_string() ? std::string(member->get_string())
                                                      : std::string();
    };
    const auto number = [&](const char* name) {
      const auto* member = object->if_contains(name);
      return member != nullptr && member->is_int64() ? static_cast<int32_t>(member->get_int64())
                                                     : 0;
    };
    all.push_back({.text = text("suggestion"),
                   .kind = text("suggestion_type"),
                   .start = number("suggestion_start"),
                   .score = number("suggestion_score")});
  }
  return all;
}

bool is_about_server(ErrorCode code) {
  return code == ErrorCode::kOverloaded || code == ErrorCode::kUnavailable ||
         code == ErrorCode::kInternal || code == ErrorCode::kStorageUnavailable;
}

}  // namespace

Field<RunObject> QueryRoot::query_run(Call& call, const schema::QueryQueryRunArgs& args) const {
  return asking(call,
                [&services = services_, args](const auth::Principal& who) -> Result<RunObject> {
                  auto state = visible_run(services, who, args.id);
                  if (!state.ok() && state.error().code() == ErrorCode::kNotFound)
                    return RunObject();
                  return make_run(services, TRY(std::move(state)));
                });
}

Field<schema::QueryRunConnection> QueryRoot::query_history(
    Call& call, const schema::QueryQueryHistoryArgs& args) const {
  return asking(
      call,
      [&services = services_,
       args](const auth::Principal& who) -> Result<schema::QueryRunConnection> {
        auto filter = TRY(filter_after(args.after));
        filter.search = args.search.value_or("");
        if (args.everybody) {
          TRY(auth::authorize(who, auth::Role::kAdmin, auth::Object::whole(who)));
        } else {
          filter.account = who.account;
        }
        if (args.first < 0) return Error(ErrorCode::kInvalidArgument, "'first' is not negative");
        auto logged = TRY(services.log.list(who.organization, filter, args.first + 1));
        const bool more = logged.size() > static_cast<size_t>(args.first);
        if (more) logged.pop_back();
        std::vector<schema::QueryRunEdge> edges;
        for (auto& one : logged) {
          const std::string cursor = std::to_string(one.info.start_us) + "/" + one.info.query_id;
          query::RunState state{std::move(one.info), nullptr, one.pinned};
          if (state.info.account == who.account) {
            auto kept = services.runs.find(who.organization, state.info.query_id);
            if (kept.ok() && kept->info.account == who.account) state.result = kept->result;
          }
          edges.push_back({.cursor = cursor, .node = make_run(services, std::move(state))});
        }
        std::optional<std::string> start;
        std::optional<std::string> end;
        if (!edges.empty()) {
          start = edges.front().cursor.get();
          end = edges.back().cursor.get();
        }
        return schema::QueryRunConnection{
            .edges = std::move(edges),
            .page_info = schema::PageInfo{.has_next_page = more,
                                          .has_previous_page = args.after.has_value(),
                                          .start_cursor = std::move(start),
                                          .end_cursor = std::move(end)}};
      });
}

Field<schema::Validation> QueryRoot::validate_query(
    Call& call, const schema::QueryValidateQueryArgs& args) const {
  return asking(
      call,
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Validation> {
        const auto valid = services.engine.validate(
            statement_request(services, who, args.statement, args.catalog, args.namespace_));
        if (valid.ok()) return schema::Validation{.valid = true, .error = std::nullopt};
        if (is_about_server(valid.error().code())) return valid.error();
        return schema::Validation{.valid = false,
                                  .error = std::optional(to_schema(valid.error(), args.statement))};
      });
}

Field<schema::Plan> QueryRoot::explain_query(Call& call,
                                             const schema::QueryExplainQueryArgs& args) const {
  return asking(
      call, [&services = services_, args](const auth::Principal& who) -> Result<schema::Plan> {
        auto explained = TRY(services.engine.explain(
            statement_request(services, who, args.statement, args.catalog, args.namespace_)));
        std::vector<schema::EvidenceTable> tables;
        for (const auto& table : explained.tables) tables.push_back(to_schema(table));
        return schema::Plan{.text = std::move(explained.plan), .tables = std::move(tables)};
      });
}

Field<std::vector<schema::Completion>> QueryRoot::completions(
    Call& call, const schema::QueryCompletionsArgs& args) const {
  using Completions = std::vector<schema::Completion>;
  return asking(
      call, [&services = services_, args](const auth::Principal& who) -> Result<Completions> {
        const auto most = static_cast<uint32_t>(std::clamp(args.first, 0, 200));
        return read_completions(TRY(services.engine.autocomplete(
            statement_request(services, who, args.statement, args.catalog, args.namespace_),
            most)));
      });
}

Field<std::optional<schema::Evidence>> QueryRoot::evidence(
    Call& call, const schema::QueryEvidenceArgs& args) const {
  using Evidence = std::optional<schema::Evidence>;
  return asking(call,
                [&services = services_, args](const auth::Principal& who) -> Result<Evidence> {
                  const auto logged = visible_evidence(services, who, args.id);
                  if (!logged.ok() && logged.error().code() == ErrorCode::kNotFound)
                    return Evidence();
                  return Evidence(to_schema(TRY(logged)));
                });
}

Field<schema::SavedQueryConnection> QueryRoot::saved_queries(
    Call& call, const schema::QuerySavedQueriesArgs& args) const {
  return asking(call,
                [&services = services_,
                 args](const auth::Principal& who) -> Result<schema::SavedQueryConnection> {
                  return paged<schema::SavedQueryConnection, schema::SavedQueryEdge>(
                      TRY(services.workspace.saved_queries(who, args.search.value_or(""))),
                      args.first, args.after,
                      [](const workspace::SavedQuery& query) { return query.about.id; },
                      [](const workspace::SavedQuery& query) -> Result<schema::SavedQuery> {
                        return to_schema(query);
                      });
                });
}

Field<std::optional<schema::SavedQuery>> QueryRoot::saved_query(
    Call& call, const schema::QuerySavedQueryArgs& args) const {
  using Found = std::optional<schema::SavedQuery>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    const auto id = local_id("savedQuery", args.id);
    if (!id.ok()) return Found();
    const auto query = services.workspace.saved_query(who, *id);
    if (!query.ok() && query.error().code() == ErrorCode::kNotFound) return Found();
    return Found(to_schema(TRY(query)));
  });
}

}  // namespace firn::api
