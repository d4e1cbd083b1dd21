#include "query/worker/lake_filters.h"

#include <optional>

#include "duckdb/planner/expression/bound_between_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_conjunction_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression/bound_operator_expression.hpp"
#include "query/worker/lake_types.h"

namespace firn::query {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::ExpressionType;

// Beyond this an IN list prunes little and costs the server time.
constexpr size_t kConstantsMax = 1000;

const iceberg::Field* column_of(const Expression& expression,
                                const duckdb::MultiFilePushdownInfo& info,
                                const std::vector<iceberg::Field>& columns) {
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_COLUMN_REF) return nullptr;
  const auto& reference = expression.Cast<duckdb::BoundColumnRefExpression>();
  if (reference.binding.table_index != info.table_index) return nullptr;
  if (reference.binding.column_index >= info.column_ids.size()) return nullptr;
  const auto column = info.column_ids[reference.binding.column_index];
  if (column >= columns.size() || columns[column].type->is_nested()) return nullptr;
  return &columns[column];
}

std::optional<iceberg::Value> constant_of(const Expression& expression,
                                          const iceberg::Field& column) {
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return std::nullopt;
  return to_iceberg(expression.Cast<duckdb::BoundConstantExpression>().value, *column.type);
}

std::optional<CompareOp> compare_op(ExpressionType type) {
  switch (type) {
    case ExpressionType::COMPARE_EQUAL: return CompareOp::kEqual;
    case ExpressionType::COMPARE_NOTEQUAL: return CompareOp::kNotEqual;
    case ExpressionType::COMPARE_LESSTHAN: return CompareOp::kLess;
    case ExpressionType::COMPARE_LESSTHANOREQUALTO: return CompareOp::kLessEqual;
    case ExpressionType::COMPARE_GREATERTHAN: return CompareOp::kGreater;
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO: return CompareOp::kGreaterEqual;
    default: return std::nullopt;
  }
}

void add_comparison(const Expression& left, ExpressionType type, const Expression& right,
                    const duckdb::MultiFilePushdownInfo& info,
                    const std::vector<iceberg::Field>& columns, std::vector<Conjunct>& conjuncts) {
  if (const auto* column = column_of(left, info, columns)) {
    const auto op = compare_op(type);
    auto constant = constant_of(right, *column);
    if (op && constant) conjuncts.push_back({column->id, *op, {std::move(*constant)}});
  } else if (const auto* right_column = column_of(right, info, columns)) {
    const auto op = compare_op(duckdb::FlipComparisonExpression(type));
    auto constant = constant_of(left, *right_column);
    if (op && constant) conjuncts.push_back({right_column->id, *op, {std::move(*constant)}});
  }
}

void add_in(const duckdb::BoundOperatorExpression& in, const duckdb::MultiFilePushdownInfo& info,
            const std::vector<iceberg::Field>& columns, std::vector<Conjunct>& conjuncts) {
  const auto* column = column_of(*in.children[0], info, columns);
  if (column == nullptr || in.children.size() - 1 > kConstantsMax) return;
  Conjunct conjunct{column->id, CompareOp::kIn, {}};
  for (size_t i = 1; i < in.children.size(); ++i) {
    auto constant = constant_of(*in.children[i], *column);
    if (!constant) return;
    conjunct.constants.push_back(std::move(*constant));
  }
  conjuncts.push_back(std::move(conjunct));
}

}  // namespace

void add_conjuncts(const Expression& filter, const duckdb::MultiFilePushdownInfo& info,
                   const std::vector<iceberg::Field>& columns, std::vector<Conjunct>& conjuncts) {
  switch (filter.GetExpressionClass()) {
    case ExpressionClass::BOUND_COMPARISON: {
      const auto& compare = filter.Cast<duckdb::BoundComparisonExpression>();
      add_comparison(*compare.left, compare.type, *compare.right, info, columns, conjuncts);
      return;
    }
    case ExpressionClass::BOUND_BETWEEN: {
      const auto& between = filter.Cast<duckdb::BoundBetweenExpression>();
      add_comparison(*between.input, between.LowerComparisonType(), *between.lower, info, columns,
                     conjuncts);
      add_comparison(*between.input, between.UpperComparisonType(), *between.upper, info, columns,
                     conjuncts);
      return;
    }
    case ExpressionClass::BOUND_CONJUNCTION: {
      if (filter.type != ExpressionType::CONJUNCTION_AND) return;
      for (const auto& child : filter.Cast<duckdb::BoundConjunctionExpression>().children) {
        add_conjuncts(*child, info, columns, conjuncts);
      }
      return;
    }
    case ExpressionClass::BOUND_OPERATOR: {
      const auto& op = filter.Cast<duckdb::BoundOperatorExpression>();
      if (op.children.empty()) return;
      if (op.type == ExpressionType::COMPARE_IN) return add_in(op, info, columns, conjuncts);
      const bool is_null = op.type == ExpressionType::OPERATOR_IS_NULL;
      if (!is_null && op.type != ExpressionType::OPERATOR_IS_NOT_NULL) return;
      if (const auto* column = column_of(*op.children[0], info, columns)) {
        conjuncts.push_back({column->id, is_null ? CompareOp::kIsNull : CompareOp::kIsNotNull, {}});
      }
      return;
    }
    case ExpressionClass::BOUND_FUNCTION: {
      const auto& call = filter.Cast<duckdb::BoundFunctionExpression>();
      if (call.children.size() != 2) return;
      if (call.function.name != "prefix" && call.function.name != "starts_with") return;
      const auto* column = column_of(*call.children[0], info, columns);
      if (column == nullptr || column->type->id != iceberg::TypeId::kString) return;
      auto constant = constant_of(*call.children[1], *column);
      if (constant) {
        conjuncts.push_back({column->id, CompareOp::kStartsWith, {std::move(*constant)}});
      }
      return;
    }
    default: return;
  }
}

}  // namespace firn::query
