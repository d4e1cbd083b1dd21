#include <algorithm>

#include "api/analysis.h"
#include "api/asked.h"
#include "api/context.h"
#include "api/ids.h"
#include "api/roots.h"
#include "api/rows.h"

namespace firn::api {
namespace {

constexpr int32_t kHitsMax = 100;
constexpr int32_t kRowsMax = 10'000;
constexpr int32_t kWaitMsMax = 120'000;

Result<schema::SqlAnswer> run_sql(Services& services, const auth::Principal& who,
                                  const schema::QueryRunSqlArgs& args, const std::string& client) {
  auto request = request_of(services, who, client);
  request.statement = args.statement;
  request.as_of = args.as_of.value_or("");
  request.timezone = args.timezone.value_or("");
  if (args.parameters && args.parameters->text != "null")
    request.parameters = args.parameters->text;
  const auto rows_max = static_cast<uint64_t>(std::clamp(args.limit, 0, kRowsMax));
  auto asked =
      TRY(ask_and_wait(services, std::move(request), rows_max,
                       std::chrono::milliseconds(std::clamp(args.wait_ms, 1, kWaitMsMax))));
  std::vector<schema::ResultColumn> columns;
  for (const auto& column : asked.columns) {
    columns.push_back({.name = column.name, .type = column.type});
  }
  return schema::SqlAnswer{
      .columns = std::move(columns),
      .rows = graphql::RawJson{std::move(asked.rows)},
      .row_count = static_cast<int64_t>(asked.total),
      .more = asked.total > rows_max,
      .query_id = global_id("query", asked.info.query_id),
      .evidence_id = global_id("evidence", asked.info.query_id),
      .engine = asked.info.engine,
      .elapsed_ms = static_cast<double>(asked.info.end_us - asked.info.start_us) / 1000.0};
}

}  // namespace

Field<std::vector<schema::CatalogHit>> QueryRoot::search_catalog(
    Call& call, const schema::QuerySearchCatalogArgs& args) const {
  return asking(call, [&services = services_, args](const auth::Principal& who) {
    return api::search_catalog(services, who, args.text,
                               static_cast<size_t>(std::clamp(args.first, 0, kHitsMax)));
  });
}

Field<schema::TableDescription> QueryRoot::describe_table(
    Call& call, const schema::QueryDescribeTableArgs& args) const {
  return asking(call, [&services = services_, args](const auth::Principal& who) {
    return api::describe_table(services, who, args.name, args.sample_rows);
  });
}

Field<schema::SqlAnswer> QueryRoot::run_sql(Call& call, const schema::QueryRunSqlArgs& args) const {
  return asking(
      call, [&services = services_, args, client = context_of(call).client](
                const auth::Principal& who) { return api::run_sql(services, who, args, client); });
}

Field<schema::ColumnProfile> QueryRoot::profile_column(
    Call& call, const schema::QueryProfileColumnArgs& args) const {
  return asking(call, [&services = services_, args,
                       client = context_of(call).client](const auth::Principal& who) {
    return api::profile_column(services, who, args, client);
  });
}

Field<schema::PeriodComparison> QueryRoot::compare_periods(
    Call& call, const schema::QueryComparePeriodsArgs& args) const {
  return asking(call, [&services = services_, args,
                       client = context_of(call).client](const auth::Principal& who) {
    return api::compare_periods(services, who, args, client);
  });
}

Field<schema::Forecast> QueryRoot::forecast(Call& call,
                                            const schema::QueryForecastArgs& args) const {
  return asking(call, [&services = services_, args,
                       client = context_of(call).client](const auth::Principal& who) {
    return forecast_measure(services, who, args, client);
  });
}

}  // namespace firn::api
