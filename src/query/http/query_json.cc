#include "query/http/query_json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json.hpp>

namespace firn::query {
namespace {

namespace json = boost::json;
using http::json_quote;

Error wrong(std::string_view field, std::string_view what) {
  return Error(ErrorCode::kInvalidArgument, fmt::format("'{}' has to be {}", field, what));
}

// Reads the fields of one object; the first error is kept.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  void text(std::string_view name, std::string& into) {
    const auto* value = find(name);
    if (value == nullptr) return;
    if (!value->is_string()) return fail(wrong(name, "a string"));
    into.assign(value->as_string().data(), value->as_string().size());
  }
  void text_or_number(std::string_view name, std::string& into) {
    const auto* value = find(name);
    if (value != nullptr && value->is_int64()) {
      into = std::to_string(value->as_int64());
    } else {
      text(name, into);
    }
  }
  void flag(std::string_view name, bool& into) {
    const auto* value = find(name);
    if (value == nullptr) return;
    if (!value->is_bool()) return fail(wrong(name, "true or false"));
    into = value->as_bool();
  }
  void count(std::string_view name, std::optional<uint64_t>& into) {
    const auto* value = find(name);
    if (value == nullptr) return;
    if (!value->is_int64() || value->as_int64() < 0) {
      return fail(wrong(name, "a number that is not negative"));
    }
    into = static_cast<uint64_t>(value->as_int64());
  }
  Status status() const { return error_ ? Status(*error_) : Status(); }
  void fail(Error error) {
    if (!error_) error_ = std::move(error);
  }

 private:
  const json::value* find(std::string_view name) const {
    const auto* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }
  const json::object& object_;
  std::optional<Error> error_;
};

std::optional<ResultFormat> parse_format(std::string_view name) {
  if (name.empty() || name == "default" || name == "ndjson") return ResultFormat::kDefault;
  if (name == "csv") return ResultFormat::kCsv;
  if (name == "jsonl") return ResultFormat::kJsonLines;
  if (name == "parquet") return ResultFormat::kParquet;
  if (name == "arrow") return ResultFormat::kArrow;
  return std::nullopt;
}

std::optional<EngineChoice> parse_engine(std::string_view name) {
  if (name.empty() || name == "auto") return EngineChoice::kAuto;
  if (name == "duckdb") return EngineChoice::kDuckDb;
  if (name == "trino") return EngineChoice::kTrino;
  return std::nullopt;
}

std::string quote_or_null(const std::string& text) {
  return text.empty() ? "null" : json_quote(text);
}

std::string iso_time(int64_t micros) {
  const std::time_t seconds = micros / 1'000'000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(seconds), micros % 1'000'000);
}

}  // namespace

Result<ParsedRequest> parse_request(std::string_view body, const auth::Principal& principal,
                                    auth::Authenticator& authenticator) {
  json::error_code failed;
  json::parse_options options;
  options.max_depth = 16;
  const json::value value = json::parse(body, failed, {}, options);
  if (failed || !value.is_object()) {
    return Error(ErrorCode::kInvalidArgument,
                 "the body has to be a JSON object with a \"statement\"");
  }
  ParsedRequest parsed;
  QueryRequest& query = parsed.query;
  Fields fields(value.as_object());
  std::string format, engine, dialect, min_snapshot;
  std::optional<uint64_t> offset, suggestions, deadline_ms;
  if (value.as_object().if_contains("statement") == nullptr) {
    fields.fail(wrong("statement", "given"));
  }
  fields.text("statement", query.statement);
  fields.text("catalog", query.catalog);
  fields.text("schema", query.schema);
  fields.text("session_id", query.session_id);
  fields.text("query_id", query.query_id);
  fields.count("limit", query.limit);
  fields.count("offset", offset);
  fields.text("timezone", query.timezone);
  fields.text("format", format);
  fields.text("engine", engine);
  fields.text("dialect", dialect);
  fields.text_or_number("as_of", query.as_of);
  fields.text_or_number("min_snapshot", min_snapshot);
  fields.text("requested_by", query.requested_by);
  fields.flag("visible", query.visible);
  fields.count("max_suggestions", suggestions);
  fields.count("deadline_ms", deadline_ms);
  TRY(fields.status());
  const auto known_format = parse_format(format);
  if (!known_format) return wrong("format", "default, csv, jsonl, parquet or arrow");
  const auto choice = parse_engine(engine);
  if (!choice) return wrong("engine", "auto, duckdb or trino");
  query.engine = *choice;
  if (!dialect.empty() && dialect != "duckdb") {
    return Error(ErrorCode::kUnsupported, "the dialect '" + dialect + "' is not available");
  }
  if (!min_snapshot.empty()) {
    const auto version = parse_table_version(min_snapshot);
    if (version.kind != TableVersion::Kind::kSnapshot)
      return wrong("min_snapshot", "a snapshot id");
    query.min_snapshot = version.number;
  }
  query.format = *known_format;
  query.offset = offset.value_or(0);
  if (deadline_ms)
    query.deadline = std::chrono::milliseconds(std::min<uint64_t>(*deadline_ms, 86'400'000));
  query.organization = principal.organization;
  query.account = principal.account;
  query.access = access_of(principal, authenticator);
  parsed.max_suggestions =
      static_cast<uint32_t>(std::min<uint64_t>(suggestions.value_or(20), 1000));
  return parsed;
}

std::string head_lines(const QueryRequest& request, const ResultHead& head) {
  std::string out = fmt::format(
      R"({{"statement":{},"rows_limit":{},"rows_offset":{},"init_time_ms":{},"connections_errors":{{}},)"
      R"("session_id":{},"query_id":{},"worker_slug":{}}})",
      json_quote(request.statement), request.limit ? std::to_string(*request.limit) : "null",
      request.offset, head.init_time_ms, json_quote(head.session_id), json_quote(head.query_id),
      json_quote(head.worker));
  out += "\n[";
  for (size_t i = 0; i < head.columns.size(); ++i) {
    if (i > 0) out += ',';
    out += fmt::format(R"({{"name":{},"type":{}}})", json_quote(head.columns[i].name),
                       json_quote(head.columns[i].type));
  }
  return out + "]\n";
}

std::string error_line(const Error& error) {
  return fmt::format(R"({{"error":{},"code":{}}})", json_quote(error.message()),
                     json_quote(info_of(error.code()).wire_code)) +
         "\n";
}

std::string tables_json(const std::vector<TableEvidence>& tables) {
  std::string out = "[";
  for (const auto& table : tables) {
    if (out.size() > 1) out += ',';
    out += fmt::format(
        R"({{"catalog":{},"schema":{},"name":{},"connection":{},"uuid":{},"snapshot_id":{},)"
        R"("schema_id":{},"files":{},"files_total":{},"bytes":{},"rows":{},"hot_rows":{}}})",
        json_quote(table.catalog), json_quote(table.schema), json_quote(table.name),
        table.foreign ? json_quote(table.catalog) : "null",
        table.foreign ? "null" : json_quote(table.uuid.to_string()),
        table.snapshot_id ? std::to_string(*table.snapshot_id) : "null", table.schema_id,
        table.files, table.files_total, table.bytes, table.rows, table.hot_rows);
  }
  return out + "]";
}

std::string info_json(const QueryInfo& info) {
  const bool running = info.state == QueryState::kRunning;
  int64_t files = 0, bytes = 0;
  for (const auto& table : info.tables) files += table.files, bytes += table.bytes;
  return fmt::format(
      R"({{"uuid":{},"start_time":{},"end_time":{},"duration_ms":{},"query":{},"session_id":{},)"
      R"("client_interface":"HttpQuery","error":{},"stats":{{"caching":{{"hit":false}},)"
      R"("memory":{{"peak_bytes":{}}},"scan":{{"files":{},"bytes":{}}},"rows":{},"bytes":{}}},)"
      R"("progress":{},"visible":{},"requested_by":{},"user_agent":{},)"
      R"("evidence":{{"sql":{},"engine":{},"engine_reason":{},"tables":{},"result_hash":{}}}}})",
      json_quote(info.query_id), json_quote(iso_time(info.start_us)),
      running ? "null" : json_quote(iso_time(info.end_us)),
      running ? "null" : std::to_string((info.end_us - info.start_us) / 1000),
      json_quote(info.statement), json_quote(info.session_id),
      info.error ? json_quote(info.error->message()) : "null", info.memory_peak_bytes, files, bytes,
      info.rows, info.bytes, running ? R"({"state":"running"})" : "null", info.visible,
      quote_or_null(info.requested_by), quote_or_null(info.user_agent), json_quote(info.statement),
      json_quote(info.engine), quote_or_null(info.engine_reason), tables_json(info.tables),
      quote_or_null(info.result_hash));
}

}  // namespace firn::query
