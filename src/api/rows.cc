#include "api/rows.h"

#include <algorithm>

#include "query/json_rows.h"
#include "query/request.h"

namespace firn::api {

query::QueryRequest request_of(Services& services, const auth::Principal& principal,
                               const std::string& client) {
  return query::request_for(principal, services.auth, client);
}

Result<schema::ResultPage> read_rows(Services& services, const auth::Principal& principal,
                                     const std::string& statement, int32_t rows_max) {
  constexpr int32_t kRowsMax = 10'000;
  auto request = request_of(services, principal, "firn");
  request.statement = statement;
  request.limit = static_cast<uint64_t>(std::clamp(rows_max, 0, kRowsMax));
  request.visible = false;
  constexpr size_t kBytesMax = 16 << 20;
  query::JsonRows sink(kBytesMax);
  TRY(services.engine.run(request, sink));
  std::vector<schema::ResultColumn> columns;
  for (const auto& column : sink.columns()) {
    columns.push_back(schema::ResultColumn{.name = column.name, .type = column.type});
  }
  auto rows = sink.take();
  return schema::ResultPage{.columns = std::move(columns),
                            .rows = graphql::RawJson{std::move(rows.json)},
                            .offset = 0,
                            .total_rows = rows.count,
                            .truncated = false};
}

}  // namespace firn::api
