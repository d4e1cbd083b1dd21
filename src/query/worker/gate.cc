#include "query/worker/gate.h"

#include <set>
#include <string_view>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/explain_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/pivotref.hpp"
#include "duckdb/parser/tableref/showref.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "query/worker/file_tables.h"
#include "query/worker/lake_scan.h"

namespace firn::query {
namespace {

constexpr const char* kAllowed =
    "a query is one SELECT, WITH, VALUES, FROM, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN statement";

// Table functions that make rows from their arguments or describe the catalog.
const std::set<std::string_view>& allowed_table_functions() {
  static const std::set<std::string_view> kNames{
      "range",
      "generate_series",
      "unnest",
      "repeat",
      "repeat_row",
      "summary",
      "histogram",
      "histogram_values",
      "json_each",
      "json_tree",
      "icu_calendar_names",
      "pg_timezone_names",
      "duckdb_tables",
      "duckdb_columns",
      "duckdb_schemas",
      "duckdb_databases",
      "duckdb_views",
      "duckdb_constraints",
      "duckdb_functions",
      "duckdb_keywords",
      "duckdb_types",
      "duckdb_indexes",
      "duckdb_sequences",
      "duckdb_dependencies",
      "pragma_table_info",
      "pragma_show",
      "pragma_version",
      "generate_subscripts",
  };
  return kNames;
}

// Scalar functions that look at the process or the settings, or write.
const std::set<std::string_view>& refused_scalar_functions() {
  static const std::set<std::string_view> kNames{
      "current_setting", "getenv", "write_log", "nextval", "currval", "which_secret",
  };
  return kNames;
}

[[noreturn]] void refuse(const std::string& what) { throw duckdb::PermissionException(what); }

class Inspector {
 public:
  void node(duckdb::QueryNode& node) {
    if (++depth_ > kDepthMax) refuse("The statement is nested too deeply");
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
        node, [this](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { expression(*child); },
        [this](duckdb::TableRef& ref) { table(ref); });
    --depth_;
  }

 private:
  static constexpr int kDepthMax = 256;

  void expression(duckdb::ParsedExpression& expression) {
    if (++depth_ > 8 * kDepthMax) refuse("The statement is nested too deeply");
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
      auto& subquery = expression.Cast<duckdb::SubqueryExpression>();
      if (subquery.subquery) node(*subquery.subquery->node);
    }
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
      const auto name =
          duckdb::StringUtil::Lower(expression.Cast<duckdb::FunctionExpression>().function_name);
      if (refused_scalar_functions().contains(name)) {
        refuse("The function " + name + "() is not available in queries");
      }
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        expression, [this](duckdb::ParsedExpression& child) { this->expression(child); });
    --depth_;
  }

  void table(duckdb::TableRef& ref) {
    switch (ref.type) {
      case duckdb::TableReferenceType::TABLE_FUNCTION: {
        auto& function = *ref.Cast<duckdb::TableFunctionRef>().function;
        if (function.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return;
        const auto name =
            duckdb::StringUtil::Lower(function.Cast<duckdb::FunctionExpression>().function_name);
        if (!allowed_table_functions().contains(name)) {
          refuse("The table function " + name +
                 "() is not available in queries: query the tables of the catalog, and use /upload "
                 "to bring files in");
        }
        return;
      }
      case duckdb::TableReferenceType::SHOW_REF: {
        auto& show = ref.Cast<duckdb::ShowRef>();
        if (show.query) node(*show.query);
        return;
      }
      case duckdb::TableReferenceType::PIVOT: {
        for (auto& pivot : ref.Cast<duckdb::PivotRef>().pivots) {
          for (auto& child : pivot.pivot_expressions) expression(*child);
          if (pivot.subquery) node(*pivot.subquery);
          for (auto& entry : pivot.entries) {
            if (entry.expr) expression(*entry.expr);
          }
        }
        return;
      }
      default: return;
    }
  }

  int depth_ = 0;
};

void inspect(duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case duckdb::StatementType::SELECT_STATEMENT:
      Inspector().node(*statement.Cast<duckdb::SelectStatement>().node);
      return;
    case duckdb::StatementType::EXPLAIN_STATEMENT:
      return inspect(*statement.Cast<duckdb::ExplainStatement>().stmt);
    case duckdb::StatementType::MULTI_STATEMENT:
      refuse("A PIVOT needs its values listed with IN: " + std::string(kAllowed));
    default:
      refuse(duckdb::StatementTypeToString(statement.type) +
             " statements are not allowed: " + kAllowed);
  }
}

}  // namespace

duckdb::unique_ptr<duckdb::SQLStatement> admit_statement(const std::string& sql) {
  duckdb::ParserOptions options;
  options.max_expression_depth = 500;
  duckdb::Parser parser(options);
  parser.ParseQuery(sql);
  if (parser.statements.empty()) refuse("The statement is empty: " + std::string(kAllowed));
  if (parser.statements.size() > 1) {
    refuse("There is more than one statement: " + std::string(kAllowed));
  }
  auto statement = std::move(parser.statements[0]);
  inspect(*statement);
  return statement;
}

void remove_refused_functions(duckdb::ClientContext& context, const std::string& kept_prefix) {
  auto& system = duckdb::Catalog::GetSystemCatalog(context);
  std::vector<duckdb::DropInfo> drops;
  for (auto& schema : system.GetSchemas(context)) {
    const auto collect = [&](duckdb::CatalogType type, auto&& is_refused) {
      schema.get().Scan(context, type, [&](duckdb::CatalogEntry& entry) {
        if (!is_refused(duckdb::StringUtil::Lower(entry.name))) return;
        duckdb::DropInfo drop;
        drop.type = entry.type;
        drop.catalog = system.GetName();
        drop.schema = schema.get().name;
        drop.name = entry.name;
        drop.allow_drop_internal = true;
        drop.if_not_found = duckdb::OnEntryNotFound::RETURN_NULL;
        drops.push_back(drop);
      });
    };
    collect(duckdb::CatalogType::TABLE_FUNCTION_ENTRY, [&](const std::string& name) {
      if (!kept_prefix.empty() && name.starts_with(kept_prefix)) return false;
      return name != kParquetScan && name != kCsvScan && name != "sql_auto_complete" &&
             name != "seq_scan" && !allowed_table_functions().contains(name);
    });
    collect(duckdb::CatalogType::SCALAR_FUNCTION_ENTRY,
            [](const std::string& name) { return refused_scalar_functions().contains(name); });
    collect(duckdb::CatalogType::PRAGMA_FUNCTION_ENTRY, [](const std::string&) { return true; });
    collect(duckdb::CatalogType::COPY_FUNCTION_ENTRY, [](const std::string&) { return true; });
  }
  for (auto& drop : drops) system.DropEntry(context, drop);
}

}  // namespace firn::query
