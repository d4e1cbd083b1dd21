#include "federation/http/query_report.h"

#include <algorithm>
#include <boost/json.hpp>

#include "federation/trino_answer.h"

namespace firn::federation {
namespace {

namespace json = boost::json;

constexpr size_t kTablesMax = 1000;
constexpr size_t kNameMax = 1000;
constexpr size_t kStatementMax = 1 << 20;

Error malformed(std::string_view what) {
  return Error(ErrorCode::kInvalidArgument, "the report has no usable " + std::string(what));
}

std::string text_of(const json::object& object, std::string_view name, size_t bytes_max) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  std::string text(value->get_string().data(), value->get_string().size());
  if (text.size() <= bytes_max) return text;
  text.resize(bytes_max);
  // Not in the middle of a character.
  while (!text.empty() && (text.back() & 0xC0) == 0x80) text.pop_back();
  if (!text.empty() && (text.back() & 0x80) != 0) text.pop_back();
  return text;
}

int64_t number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? std::max<int64_t>(value->get_int64(), 0) : 0;
}

std::vector<query::TableEvidence> tables_of(const json::object& object) {
  std::vector<query::TableEvidence> tables;
  const auto* list = object.if_contains("tables");
  if (list == nullptr || !list->is_array()) return tables;
  for (const auto& element : list->get_array()) {
    if (!element.is_object() || tables.size() == kTablesMax) break;
    const auto& said = element.get_object();
    query::TableEvidence table;
    table.catalog = text_of(said, "catalog", kNameMax);
    table.schema = text_of(said, "schema", kNameMax);
    table.name = text_of(said, "name", kNameMax);
    table.rows = number_of(said, "rows");
    table.bytes = number_of(said, "bytes");
    const auto* snapshot = said.if_contains("snapshot_id");
    if (snapshot != nullptr && snapshot->is_int64()) table.snapshot_id = snapshot->get_int64();
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace

Result<query::QueryInfo> parse_query_report(std::string_view body) {
  boost::system::error_code failed;
  json::parse_options limits;
  limits.max_depth = 16;
  const auto value = json::parse(body, failed, {}, limits);
  if (failed || !value.is_object()) return malformed("JSON object");
  const auto& object = value.get_object();
  query::QueryInfo info;
  info.query_id = text_of(object, "query_id", 100);
  if (info.query_id.empty()) return malformed("query_id");
  info.account = text_of(object, "account", kNameMax);
  if (info.account.empty()) return malformed("account");
  info.statement = text_of(object, "statement", kStatementMax);
  info.start_us = number_of(object, "start_us");
  info.end_us = number_of(object, "end_us");
  if (info.start_us == 0 || info.end_us < info.start_us) return malformed("start_us and end_us");
  info.rows = static_cast<uint64_t>(number_of(object, "rows"));
  info.bytes = static_cast<uint64_t>(number_of(object, "bytes"));
  info.memory_peak_bytes = static_cast<uint64_t>(number_of(object, "memory_bytes"));
  info.user_agent = text_of(object, "user_agent", kNameMax);
  info.question.statement = info.statement;
  info.question.catalog = text_of(object, "catalog", kNameMax);
  info.question.schema = text_of(object, "schema", kNameMax);
  info.question.timezone = text_of(object, "timezone", kNameMax);
  info.question.engine = query::EngineChoice::kTrino;
  info.tables = tables_of(object);
  info.state = query::QueryState::kDone;
  const auto* error = object.if_contains("error");
  if (error != nullptr && error->is_object()) {
    info.state = query::QueryState::kFailed;
    info.error = trino_error(json::serialize(*error), info.statement);
  }
  return info;
}

}  // namespace firn::federation
