#pragma once

#include <string>
#include <vector>

#include "api/schema/types.h"
#include "api/tables.h"

// What stands behind the fields of analysis.graphql. Everything here may block.
namespace firn::api {

// "catalog.namespace.table", the catalog and the namespace left out or not. Errors: NotFound, with
// the names that come nearest.
Result<FoundTable> find_table_by_full_name(Services& services, const auth::Principal& principal,
                                           const std::string& name);
// A visible column, quoted for SQL. Errors: NotFound, with the names that come nearest.
Result<schema::Column> find_column(const FoundTable& found, const std::string& name);
std::string quoted_column(const std::string& name);

Result<std::vector<schema::CatalogHit>> search_catalog(Services& services,
                                                       const auth::Principal& principal,
                                                       const std::string& text, size_t first);
Result<schema::TableDescription> describe_table(Services& services,
                                                const auth::Principal& principal,
                                                const std::string& name, int32_t sample_rows);
// Those below run SQL as the principal, so that its policies hold; `client` is for the history.
Result<schema::ColumnProfile> profile_column(Services& services, const auth::Principal& principal,
                                             const schema::QueryProfileColumnArgs& args,
                                             const std::string& client);
Result<schema::PeriodComparison> compare_periods(Services& services,
                                                 const auth::Principal& principal,
                                                 const schema::QueryComparePeriodsArgs& args,
                                                 const std::string& client);
Result<schema::Forecast> forecast_measure(Services& services, const auth::Principal& principal,
                                          const schema::QueryForecastArgs& args,
                                          const std::string& client);

}  // namespace firn::api
