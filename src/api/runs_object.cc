#include "api/runs_object.h"

#include <algorithm>

#include "api/context.h"
#include "api/convert.h"

namespace firn::api {
namespace {

using graphql::Call;
using graphql::Field;

constexpr int32_t kPageRowsMax = 10'000;

schema::QueryState state_of(const query::QueryInfo& info) {
  if (info.state == query::QueryState::kRunning) return schema::QueryState::kRunning;
  if (!info.error) return schema::QueryState::kDone;
  return info.error->code() == ErrorCode::kCancelled ? schema::QueryState::kCancelled
                                                     : schema::QueryState::kFailed;
}

class RunImpl final : public schema::QueryRun {
 public:
  RunImpl(Services& services, query::RunState state)
      : services_(services), state_(std::move(state)) {}

  Field<std::string> id(Call&) const override { return global_id("query", info().query_id); }
  Field<std::string> statement(Call&) const override { return info().statement; }
  Field<schema::QueryState> state(Call&) const override { return state_of(info()); }
  Field<graphql::DateTime> started_at(Call&) const override { return time_of(info().start_us); }
  Field<std::optional<graphql::DateTime>> ended_at(Call&) const override {
    if (is_running()) return std::optional<graphql::DateTime>();
    return std::optional(time_of(info().end_us));
  }
  Field<double> elapsed_ms(Call&) const override {
    const int64_t end = is_running() ? services_.clock.now_us() : info().end_us;
    return static_cast<double>(std::max<int64_t>(0, end - info().start_us)) / 1000.0;
  }
  Field<std::optional<double>> progress(Call&) const override {
    if (is_running()) return std::optional<double>();
    return std::optional(1.0);
  }
  Field<std::optional<schema::QueryError>> error(Call&) const override {
    if (!info().error) return std::optional<schema::QueryError>();
    return std::optional(to_schema(*info().error, info().statement));
  }
  Field<std::string> requested_by(Call&) const override { return info().requested_by; }
  Field<std::string> client(Call&) const override { return info().user_agent; }
  Field<std::string> engine(Call&) const override { return info().engine; }
  Field<std::optional<int64_t>> row_count(Call&) const override {
    if (is_running() || info().error) return std::optional<int64_t>();
    return std::optional(static_cast<int64_t>(info().rows));
  }
  Field<std::optional<schema::ResultPage>> result(
      Call& call, const schema::QueryRunResultArgs& args) const override {
    using Page = std::optional<schema::ResultPage>;
    if (state_.result == nullptr) return Page();
    if (args.offset < 0 || args.first < 0) {
      return Error(ErrorCode::kInvalidArgument, "'offset' and 'first' are not negative");
    }
    return call.blocking([result = state_.result, args]() -> Result<Page> {
      auto page = TRY(result->page(static_cast<uint64_t>(args.offset),
                                   static_cast<uint64_t>(std::min(args.first, kPageRowsMax))));
      std::vector<schema::ResultColumn> columns;
      for (const auto& column : page.columns) {
        columns.push_back({.name = column.name, .type = column.type});
      }
      return Page(schema::ResultPage{.columns = std::move(columns),
                                     .rows = graphql::RawJson{std::move(page.rows)},
                                     .offset = args.offset,
                                     .total_rows = static_cast<int64_t>(page.total),
                                     .truncated = page.truncated});
    });
  }
  Field<std::optional<schema::Evidence>> evidence(Call&) const override {
    if (is_running() || info().error) return std::optional<schema::Evidence>();
    return std::optional(to_schema(query::LoggedQuery{info(), state_.pinned}));
  }

 private:
  const query::QueryInfo& info() const { return state_.info; }
  bool is_running() const { return info().state == query::QueryState::kRunning; }

  Services& services_;
  const query::RunState state_;
};

}  // namespace

Result<query::RunState> visible_run(Services& services, const auth::Principal& principal,
                                    const std::string& id, std::chrono::milliseconds wait) {
  const std::string query_id = TRY(local_id("query", id));
  const Error missing(ErrorCode::kNotFound, "there is no such query");
  auto state = services.runs.wait(principal.organization, query_id, wait);
  if (!state.ok()) {
    return state.error().code() == ErrorCode::kNotFound ? missing : state.error();
  }
  const bool own = state->info.account == principal.account;
  const auto whole = auth::Object::whole(principal);
  if (!own && !auth::authorize(principal, auth::Role::kAdmin, whole).ok()) return missing;
  // Rows are the asker's alone: an admin may be under policies that they are not, or the reverse.
  if (!own) state->result.reset();
  return state;
}

RunObject make_run(Services& services, query::RunState state) {
  return std::make_shared<const RunImpl>(services, std::move(state));
}

Result<query::LoggedQuery> visible_evidence(Services& services, const auth::Principal& principal,
                                            const std::string& id) {
  TRY(auth::authorize_anywhere(principal, auth::Role::kViewer));
  const std::string query_id = TRY(local_id("evidence", id));
  auto logged = services.log.find(principal.organization, query_id);
  if (!logged.ok() && logged.error().code() == ErrorCode::kNotFound) {
    return Error(ErrorCode::kNotFound, "there is no such evidence");
  }
  return logged;
}

}  // namespace firn::api
