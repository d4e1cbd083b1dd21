#include "query/worker/restricted_table.h"

#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/parser.hpp"

namespace firn::query {
namespace {

using duckdb::ParsedExpression;

std::string quote(const std::string& name) {
  return duckdb::KeywordHelper::WriteOptionallyQuoted(name);
}

// Puts values in the place of caller_id(), caller_email() and caller_role().
class CallerValues {
 public:
  explicit CallerValues(const Caller& caller) : caller_(caller) {}

  void replace(duckdb::unique_ptr<ParsedExpression>& expression) {
    if (expression->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
      const auto name =
          duckdb::StringUtil::Lower(expression->Cast<duckdb::FunctionExpression>().function_name);
      const std::string* value = name == "caller_id"      ? &caller_.id
                                 : name == "caller_email" ? &caller_.email
                                 : name == "caller_role"  ? &caller_.role
                                                          : nullptr;
      if (value != nullptr) {
        expression = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(*value));
        return;
      }
    }
    if (expression->GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
      auto& subquery = expression->Cast<duckdb::SubqueryExpression>();
      if (subquery.subquery) node(*subquery.subquery->node);
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        *expression, [this](duckdb::unique_ptr<ParsedExpression>& child) { replace(child); });
  }

 private:
  void node(duckdb::QueryNode& node) {
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
        node, [this](duckdb::unique_ptr<ParsedExpression>& child) { replace(child); },
        [](duckdb::TableRef&) {});
  }
  const Caller& caller_;
};

std::string filter_text(const std::string& filter, const Caller& caller) {
  auto expressions = duckdb::Parser::ParseExpressionList(filter);
  if (expressions.size() != 1) {
    throw duckdb::InvalidInputException("the row filter of a policy is not one expression");
  }
  CallerValues(caller).replace(expressions[0]);
  return expressions[0]->ToString();
}

}  // namespace

duckdb::unique_ptr<duckdb::SelectStatement> restricted_select(const RestrictedTable& table,
                                                              const std::string& raw_name) {
  std::string columns;
  for (const auto& column : table.columns) {
    const std::string name = quote(column.name);
    std::string shown = name;
    if (column.rule) {
      if (*column.rule == auth::ColumnRule::kHidden) continue;
      shown = *column.rule == auth::ColumnRule::kNulled
                  ? "CASE WHEN false THEN " + name + " END AS " + name
                  : "sha256(CAST(" + name + " AS VARCHAR)) AS " + name;
    }
    if (!columns.empty()) columns += ", ";
    columns += shown;
  }
  if (columns.empty())
    throw duckdb::PermissionException("a policy hides every column of the table");
  std::string sql = "SELECT " + columns + " FROM " + quote(table.catalog) + "." +
                    quote(table.schema) + "." + quote(raw_name) + " AS " + quote(table.name);
  std::string separator = " WHERE ";
  for (const auto& filter : table.row_filters) {
    sql += separator + "(" + filter_text(filter, table.caller) + ")";
    separator = " AND ";
  }
  sql += " LIMIT 9223372036854775806";
  duckdb::Parser parser;
  parser.ParseQuery(sql);
  if (parser.statements.size() != 1 ||
      parser.statements[0]->type != duckdb::StatementType::SELECT_STATEMENT) {
    throw duckdb::InvalidInputException("the row filter of a policy is not one expression");
  }
  return duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(
      std::move(parser.statements[0]));
}

}  // namespace firn::query
