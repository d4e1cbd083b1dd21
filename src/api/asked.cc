#include "api/asked.h"

#include "graphql/json.h"

namespace firn::api {

Result<Asked> ask_and_wait(Services& services, query::QueryRequest request, uint64_t rows_max,
                           std::chrono::milliseconds at_most) {
  const std::string organization = request.organization;
  const std::string id = TRY(services.runs.start(std::move(request)));
  auto state = TRY(services.runs.wait(organization, id, at_most));
  if (state.info.state == query::QueryState::kRunning) {
    TRY(services.runs.cancel(organization, id));
    return Error(ErrorCode::kDeadlineExceeded,
                 "the query took longer than " + std::to_string(at_most.count()) +
                     " ms and was stopped: ask for less, or raise waitMs");
  }
  if (state.info.error) return *state.info.error;
  if (state.result == nullptr) {
    return Error(ErrorCode::kResourceExhausted, "the rows of this answer were not kept");
  }
  auto page = TRY(state.result->page(0, rows_max));
  return Asked{std::move(state.info), std::move(page.columns), std::move(page.rows), page.total};
}

Result<graphql::Value> rows_of(const Asked& asked) {
  auto parsed = graphql::parse_json(asked.rows);
  if (!parsed.ok()) {
    return Error(ErrorCode::kInternal, "the rows cannot be read", parsed.error().message());
  }
  return parsed;
}

}  // namespace firn::api
