#include "query/worker/shared_functions.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/create_statement.hpp"

namespace firn::query {
namespace {

// An argument may be an aggregate, which has no place in a lambda: all go into one struct first.
constexpr const char* kFunctions[] = {
    R"sql(CREATE MACRO funnel_depth(time_window, steps, times) AS
CASE WHEN time_window IS NULL OR steps IS NULL OR times IS NULL THEN NULL ELSE
  list_transform([{'w': time_window, 's': steps, 't': times}], lambda a:
    coalesce(list_max(list_transform(range(1, len(a.s) + 1), lambda i:
      CASE WHEN a.s[i] = 1 AND a.t[i] IS NOT NULL THEN list_reduce(
        list_transform(
          list_filter(range(i + 1, len(a.s) + 1), lambda j: a.t[j] <= a.t[i] + a.w),
          lambda j: CAST(a.s[j] AS BIGINT)),
        lambda depth, step: CASE WHEN step = depth + 1 THEN step ELSE depth END,
        CAST(1 AS BIGINT))
      ELSE CAST(0 AS BIGINT) END)), CAST(0 AS BIGINT)))[1]
END)sql",
    R"sql(CREATE MACRO retention(start, days, unit, periods) AS
CASE WHEN start IS NULL OR days IS NULL OR unit IS NULL OR periods IS NULL THEN NULL ELSE
  list_transform([{'f': start, 'd': days, 'u': unit, 'p': periods}], lambda a:
    list_transform(range(0, CAST(a.p AS BIGINT)), lambda k:
      len(list_filter(a.d, lambda day:
        day >= a.f + CAST(k * a.u AS INTEGER) AND day < a.f + CAST((k + 1) * a.u AS INTEGER))) > 0))[1]
END)sql"};

}  // namespace

void add_shared_functions(duckdb::ClientContext& context) {
  for (const char* sql : kFunctions) {
    duckdb::Parser parser;
    parser.ParseQuery(sql);
    auto& statement = parser.statements.at(0)->Cast<duckdb::CreateStatement>();
    auto& macro = statement.info->Cast<duckdb::CreateMacroInfo>();
    macro.catalog = SYSTEM_CATALOG;
    macro.schema = DEFAULT_SCHEMA;
    macro.internal = true;
    auto& system = duckdb::Catalog::GetSystemCatalog(context);
    system.CreateFunction(duckdb::CatalogTransaction::GetSystemTransaction(*context.db), macro);
  }
}

}  // namespace firn::query
