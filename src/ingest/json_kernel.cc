// Built twice, for two processors (src/CMakeLists.txt): simdjson chooses its kernel when it is
// compiled.
#include <simdjson.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>

#include <arrow/record_batch.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/utf8.h"
#include "iceberg/arrow_schema.h"
#include "ingest/column.h"
#include "ingest/json_rows.h"
#include "ingest/scalar_text.h"

namespace firn::ingest::FIRN_JSON_NAMESPACE {
namespace {

using iceberg::TypeId;
using Kind = InferredType::Kind;
namespace json = simdjson::ondemand;

static_assert(simdjson::SIMDJSON_PADDING <= 64);
constexpr size_t kSpeculativeNameBytesMax = 60;  // compared without a look at the key's length
constexpr size_t kLinearColumnsMax = 16;

enum class Fit {
  kOk,
  kMismatch,  // the row does not fit; the message says why
  kUnknown,   // the schema has to grow first
  kBroken,    // not JSON
};

std::string_view describe(json::json_type type) {
  switch (type) {
    case json::json_type::array: return "an array";
    case json::json_type::object: return "an object";
    case json::json_type::number: return "a number";
    case json::json_type::string: return "text";
    case json::json_type::boolean: return "a boolean";
    case json::json_type::null: return "null";
  }
  return "something else";
}

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && std::strchr(" \t\r\n", token.back()) != nullptr) token.remove_suffix(1);
  return token;
}

void infer_number(std::string_view token, InferredType& into) {
  token = trimmed(token);
  into.kind = Kind::kDouble;
  int32_t integer_digits = 0;
  const size_t start = !token.empty() && token[0] == '-' ? 1 : 0;
  size_t end = start;
  while (end < token.size() && token[end] >= '0' && token[end] <= '9') ++end;
  if (parse_decimal(token, 0, &integer_digits))
    into.integer_digits = integer_digits;
  else
    into.integer_digits = static_cast<int32_t>(std::min<size_t>(end - start, 38));
  if (end != token.size()) return;
  const auto value = parse_decimal(token, 0);
  constexpr auto kMax = std::numeric_limits<int64_t>::max();
  constexpr auto kMin = std::numeric_limits<int64_t>::min();
  // A whole number that no long holds must not lose digits as a double.
  into.kind = value && *value <= kMax && *value >= kMin ? Kind::kLong : Kind::kUnknown;
  into.beyond_int = value && (*value > INT32_MAX || *value < INT32_MIN);
}

// False when the text is not JSON.
bool infer_value(json::value value, InferredType& into);

bool infer_object(json::object object, InferredType& into) {
  into.kind = Kind::kStruct;
  for (auto field : object) {
    std::string_view key;
    json::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
    std::string name(key);
    if (field.value().get(value) != simdjson::SUCCESS) return false;
    InferredType type;
    if (!infer_value(value, type)) return false;
    into.fields.push_back({std::move(name), std::move(type)});
  }
  return true;
}

bool infer_value(json::value value, InferredType& into) {
  json::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  switch (type) {
    case json::json_type::null: {
      bool is_null = false;
      return value.is_null().get(is_null) == simdjson::SUCCESS && is_null;
    }
    case json::json_type::boolean: {
      bool flag = false;
      into.kind = Kind::kBoolean;
      return value.get_bool().get(flag) == simdjson::SUCCESS;
    }
    case json::json_type::number: infer_number(value.raw_json_token(), into); return true;
    case json::json_type::string: {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) return false;
      into.kind = infer_text(text);
      // In JSON only RFC 3339, with its offset, is a moment in time.
      if (into.kind == Kind::kTimestamp) into.kind = Kind::kString;
      return true;
    }
    case json::json_type::object: {
      json::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) return false;
      return infer_object(object, into);
    }
    case json::json_type::array: {
      json::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) return false;
      into.kind = Kind::kList;
      into.element.resize(1);
      for (auto item : array) {
        json::value element;
        InferredType inferred;
        if (item.get(element) != simdjson::SUCCESS || !infer_value(element, inferred)) return false;
        merge_inferred(into.element[0], inferred);
      }
      return true;
    }
  }
  return false;
}

// Whether a value has no part from which a type could be told: null, [], {}, [null], ...
bool says_nothing(const InferredType& type) {
  switch (type.kind) {
    case Kind::kUnknown: return type.integer_digits == 0;
    case Kind::kList: return says_nothing(type.element[0]);
    case Kind::kStruct:
      for (const auto& [name, field] : type.fields) {
        if (!says_nothing(field)) return false;
      }
      return true;
    default: return false;
  }
}

class RowDecoder {
 public:
  RowDecoder(const iceberg::Schema& schema, bool stop_at_unknown)
      : arrow_schema_(iceberg::to_arrow_schema(schema)),
        stop_at_unknown_(stop_at_unknown),
        columns_(make_columns(schema)) {}

  Fit append_row(json::object object) {
    const Fit fit = append_object(object, columns_, rows_);
    if (fit == Fit::kOk) {
      ++rows_;
    } else {
      truncate(rows_);
    }
    return fit;
  }
  void truncate(int64_t rows) {
    for (Column& column : columns_) column.truncate(rows);
    rows_ = rows;
  }

  const std::string& error() const { return error_; }
  int64_t rows() const { return rows_; }
  void reserve(int64_t rows) {
    for (Column& column : columns_) column.reserve(rows);
  }
  std::shared_ptr<arrow::RecordBatch> finish() {
    return finish_columns(columns_, arrow_schema_, std::exchange(rows_, 0));
  }

 private:
  using NameIndex = std::unordered_map<std::string_view, size_t>;

  Fit mismatch(std::string text) {
    error_ = std::move(text);
    return Fit::kMismatch;
  }
  Fit mismatch(const Column& column, std::string_view what) {
    return mismatch("column '" + column.name() + "' is " +
                    iceberg::type_name(column.iceberg_type()) + "; got " + std::string(what));
  }
  // A value of the right kind that only a wider type would hold.
  Fit too_wide(const Column& column, std::string_view what) {
    return stop_at_unknown_ ? Fit::kUnknown : mismatch(column, what);
  }

  std::optional<size_t> find(std::vector<Column>& columns, std::string_view name) {
    if (columns.size() > kLinearColumnsMax) {
      NameIndex& index = indexes_[&columns];
      if (index.empty()) {
        for (size_t i = 0; i < columns.size(); ++i) index.emplace(columns[i].name(), i);
      }
      const auto found = index.find(name);
      return found == index.end() ? std::nullopt : std::optional(found->second);
    }
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name() == name) return i;
    }
    return std::nullopt;
  }

  Fit append_unknown(std::string_view name, json::value value) {
    std::string kept(name);
    InferredType inferred;
    if (!infer_value(value, inferred)) return Fit::kBroken;
    if (says_nothing(inferred)) return Fit::kOk;
    if (stop_at_unknown_) return Fit::kUnknown;
    return mismatch("there is no column '" + kept + "' and none can be made from this value");
  }

  // One more row, number `row`, for these columns.
  Fit append_object(json::object& object, std::vector<Column>& columns, int64_t row) {
    size_t next = 0;  // fields mostly come in the columns' order
    size_t matched = 0;
    for (auto item : object) {
      json::field field;
      if (std::move(item).get(field) != simdjson::SUCCESS) return Fit::kBroken;
      size_t at = next;
      if (at >= columns.size() || columns[at].name().size() > kSpeculativeNameBytesMax ||
          !field.key().unsafe_is_equal(columns[at].name())) {
        std::string_view key;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS) return Fit::kBroken;
        const auto found = find(columns, key);
        if (!found) {
          const Fit fit = append_unknown(key, field.value());
          if (fit != Fit::kOk) return fit;
          continue;
        }
        at = *found;
      }
      Column& column = columns[at];
      if (column.length() > row) {
        return mismatch("the field '" + column.name() + "' comes twice");
      }
      const Fit fit = append_value(field.value(), column);
      if (fit != Fit::kOk) return fit;
      ++matched;
      next = at + 1;
    }
    if (matched == columns.size()) return Fit::kOk;
    for (Column& column : columns) {
      if (column.length() > row) continue;
      if (column.required()) return mismatch("the column '" + column.name() + "' needs a value");
      column.append_null();
    }
    return Fit::kOk;
  }

  Fit append_value(json::value& value, Column& column) {
    json::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS) return Fit::kBroken;
    switch (type) {
      case json::json_type::null:
        if (bool is_null = false; value.is_null().get(is_null) != simdjson::SUCCESS || !is_null) {
          return Fit::kBroken;
        }
        if (column.required()) return mismatch(column, "null, which it does not take");
        column.append_null();
        return Fit::kOk;
      case json::json_type::number: return append_number(value, column);
      case json::json_type::string: return append_text(value, column);
      case json::json_type::boolean: {
        bool flag = false;
        if (value.get_bool().get(flag) != simdjson::SUCCESS) return Fit::kBroken;
        if (column.type() != TypeId::kBoolean) return mismatch(column, describe(type));
        column.append_bool(flag);
        return Fit::kOk;
      }
      case json::json_type::array: return append_array(value, column);
      case json::json_type::object: return append_nested_object(value, column);
    }
    return Fit::kBroken;
  }

  Fit append_whole(json::value& value, Column& column) {
    int64_t whole = 0;
    if (value.get_int64().get(whole) != simdjson::SUCCESS) {
      double number = 0;
      if (value.get_double().get(number) != simdjson::SUCCESS) {
        // Well-formed, but beyond every number type, or not a number at all.
        const bool numeric = parse_decimal(trimmed(value.raw_json_token()), 38).has_value() ||
                             parse_decimal(trimmed(value.raw_json_token()), 0).has_value();
        return numeric ? mismatch(column, "a number beyond its range") : Fit::kBroken;
      }
      constexpr double kExactMax = 9007199254740992.0;
      if (number != std::trunc(number) || std::abs(number) > kExactMax) {
        return mismatch(column, "the number " + std::string(trimmed(value.raw_json_token())));
      }
      whole = static_cast<int64_t>(number);
    }
    if (column.type() == TypeId::kLong) {
      column.append_fixed(whole);
      return Fit::kOk;
    }
    if (whole > INT32_MAX || whole < INT32_MIN)
      return too_wide(column, "a number beyond its range");
    column.append_fixed(static_cast<int32_t>(whole));
    return Fit::kOk;
  }

  Fit append_number(json::value& value, Column& column) {
    switch (column.type()) {
      case TypeId::kInt:
      case TypeId::kLong: return append_whole(value, column);
      case TypeId::kFloat:
      case TypeId::kDouble: {
        double number = 0;
        if (value.get_double().get(number) != simdjson::SUCCESS) return Fit::kBroken;
        if (column.type() == TypeId::kDouble) {
          column.append_fixed(number);
        } else {
          if (std::abs(number) > std::numeric_limits<float>::max()) {
            return mismatch(column, "a number beyond its range");
          }
          column.append_fixed(static_cast<float>(number));
        }
        return Fit::kOk;
      }
      case TypeId::kDecimal: {
        const auto& type = column.iceberg_type();
        int32_t integer_digits = 0;
        double checked = 0;  // only that it is a JSON number
        const auto token = trimmed(value.raw_json_token());
        const auto unscaled = parse_decimal(token, type.scale, &integer_digits);
        if (!unscaled) {
          if (value.get_double().get(checked) != simdjson::SUCCESS) return Fit::kBroken;
          return mismatch(column, "the number " + std::string(token));
        }
        if (integer_digits + type.scale > type.precision) {
          return too_wide(column, "the number " + std::string(token));
        }
        column.append_fixed(*unscaled);
        return value.get_double().get(checked) == simdjson::SUCCESS ? Fit::kOk : Fit::kBroken;
      }
      default: return mismatch(column, "a number");
    }
  }

  Fit append_text(json::value& value, Column& column) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return Fit::kBroken;
    switch (column.type()) {
      case TypeId::kString: column.append_bytes(text); return Fit::kOk;
      case TypeId::kDate:
        if (const auto days = parse_date(text)) return fixed(column, *days);
        break;
      case TypeId::kTime:
        if (const auto us = parse_time(text)) return fixed(column, *us);
        break;
      case TypeId::kTimestamp:
      case TypeId::kTimestampTz:
        if (const auto parsed = parse_timestamp(text);
            parsed && parsed->has_offset == (column.type() == TypeId::kTimestampTz)) {
          return fixed(column, parsed->us);
        }
        break;
      case TypeId::kUuid:
        if (const auto id = Uuid::parse(text); id.ok()) {
          column.append_bytes(as_text(id->bytes));
          return Fit::kOk;
        }
        break;
      case TypeId::kBinary:
      case TypeId::kFixed: {
        std::string bytes;
        const auto length = static_cast<size_t>(column.iceberg_type().length);
        if (base64_decode(text, bytes) &&
            (column.type() == TypeId::kBinary || bytes.size() == length)) {
          column.append_bytes(bytes);
          return Fit::kOk;
        }
        return mismatch(column, "text that is not base64 of its length");
      }
      default: return mismatch(column, "text");
    }
    constexpr size_t kShownMax = 40;
    return mismatch(column, "the text '" + std::string(cut_utf8(text, kShownMax)) + "'");
  }

  template <typename T>
  Fit fixed(Column& column, T value) {
    column.append_fixed(value);
    return Fit::kOk;
  }

  Fit append_array(json::value& value, Column& column) {
    if (column.type() != TypeId::kList) return mismatch(column, "an array");
    json::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return Fit::kBroken;
    for (auto item : array) {
      json::value element;
      if (item.get(element) != simdjson::SUCCESS) return Fit::kBroken;
      const Fit fit = append_value(element, column.children()[0]);
      if (fit != Fit::kOk) return fit;
    }
    column.append_nested();
    return Fit::kOk;
  }

  Fit append_nested_object(json::value& value, Column& column) {
    if (column.type() != TypeId::kStruct && column.type() != TypeId::kMap) {
      return mismatch(column, "an object");
    }
    json::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return Fit::kBroken;
    if (column.type() == TypeId::kStruct) {
      const Fit fit = append_object(object, column.children(), column.length());
      if (fit == Fit::kOk) column.append_nested();
      return fit;
    }
    Column& keys = column.children()[0];
    if (keys.type() != TypeId::kString) {
      return mismatch(column, "an object, whose keys are text");
    }
    for (auto item : object) {
      json::field field;
      std::string_view key;
      if (std::move(item).get(field) != simdjson::SUCCESS) return Fit::kBroken;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) return Fit::kBroken;
      keys.append_bytes(key);
      const Fit fit = append_value(field.value(), column.children()[1]);
      if (fit != Fit::kOk) return fit;
    }
    column.append_nested();
    return Fit::kOk;
  }

  const std::shared_ptr<arrow::Schema> arrow_schema_;
  const bool stop_at_unknown_;
  std::vector<Column> columns_;
  std::unordered_map<const void*, NameIndex> indexes_;
  std::string error_;
  int64_t rows_ = 0;
};

Error not_json(std::string_view what) {
  return Error(ErrorCode::kInvalidData, "the body is not valid JSON: " + std::string(what));
}

json::parser& thread_parser() {
  thread_local json::parser parser;
  return parser;
}

// Calls `on_row(value)` for the rows of a body that is one value; Status from it stops.
template <typename F>
Status each_row_of_value(std::string_view body, F on_row) {
  json::document document;
  const simdjson::padded_string_view padded(body.data(), body.size(), body.size() + 64);
  if (const auto code = thread_parser().iterate(padded).get(document); code != simdjson::SUCCESS) {
    return not_json(simdjson::error_message(code));
  }
  json::json_type type;
  if (document.type().get(type) != simdjson::SUCCESS) return not_json("it has no value");
  if (type == json::json_type::object) {
    json::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return not_json("a broken object");
    TRY(on_row(std::optional(object), std::string_view()));
  } else if (type == json::json_type::array) {
    json::array array;
    if (document.get_array().get(array) != simdjson::SUCCESS) return not_json("a broken array");
    for (auto item : array) {
      json::value value;
      if (const auto code = item.get(value); code != simdjson::SUCCESS) {
        return not_json(simdjson::error_message(code));
      }
      json::object object;
      if (value.get_object().get(object) == simdjson::SUCCESS) {
        TRY(on_row(std::optional(object), std::string_view()));
      } else {
        TRY(on_row(std::optional<json::object>(), trimmed(value.raw_json_token())));
      }
    }
  } else {
    return Error(ErrorCode::kInvalidData, "the body must be an object or an array of objects");
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return not_json("there is more behind its end");
  }
  return {};
}

// Calls `on_line(text)` for every line that is not blank.
template <typename F>
Status each_line(std::string_view body, F on_line) {
  while (!body.empty()) {
    const auto* end = static_cast<const char*>(std::memchr(body.data(), '\n', body.size()));
    const size_t size = end == nullptr ? body.size() : static_cast<size_t>(end - body.data());
    const std::string_view line = trimmed(body.substr(0, size));
    body.remove_prefix(std::min(size + 1, body.size()));
    if (!line.empty()) TRY(on_line(line));
  }
  return {};
}

std::string cut(std::string_view raw) { return std::string(cut_utf8(raw, kRejectedBytesMax)); }

class Decoding {
 public:
  Decoding(std::string_view body, const iceberg::Schema& schema, const JsonOptions& options)
      : body_(body), options_(options), decoder_(schema, options.stop_at_unknown) {
    constexpr size_t kRowBytesGuess = 160;
    decoder_.reserve(static_cast<int64_t>(body.size() / kRowBytesGuess + 1));
  }

  Result<JsonOutcome> run() {
    const Status done =
        options_.shape == JsonShape::kValue
            ? each_row_of_value(body_, [&](auto object, auto raw) { return on_value(object, raw); })
            : each_line(body_, [&](auto line) { return on_line(line); });
    if (!done.ok() && !outcome_.needs_evolution) return std::move(done).error();
    if (!outcome_.needs_evolution) outcome_.rows.batch = decoder_.finish();
    return std::move(outcome_);
  }

 private:
  void reject(std::string error, std::string_view raw) {
    const int64_t index = options_.first_index + outcome_.rows.rows_seen;
    outcome_.rows.rejected.push_back({index, std::move(error), cut(raw)});
  }

  // Stops the walk; run() knows that it is no error.
  Status stop() {
    outcome_.needs_evolution = true;
    return Error(ErrorCode::kIncompatibleSchema, "the schema has to grow");
  }

  Status on_value(std::optional<json::object> object, std::string_view raw) {
    if (!object) {
      reject("a row must be an object", raw);
    } else {
      const Fit fit = decoder_.append_row(*object);
      if (fit == Fit::kUnknown) return stop();
      if (fit == Fit::kBroken) return not_json("a row cannot be read");
      if (fit == Fit::kMismatch) {
        const std::string error = decoder_.error();
        std::string_view whole;
        if (object->reset().error() != simdjson::SUCCESS ||
            object->raw_json().get(whole) != simdjson::SUCCESS) {
          return not_json("a row cannot be read");
        }
        reject(error, trimmed(whole));
      }
    }
    ++outcome_.rows.rows_seen;
    return {};
  }

  Status on_line(std::string_view line) {
    json::document document;
    json::object object;
    // The bytes behind the line are the next lines, or the body's padding.
    const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + 64);
    const auto code = thread_parser().iterate(padded).get(document);
    if (code != simdjson::SUCCESS) {
      reject(std::string("not valid JSON: ") + simdjson::error_message(code), line);
    } else if (document.get_object().get(object) != simdjson::SUCCESS) {
      reject("a row must be an object", line);
    } else {
      const int64_t before = decoder_.rows();
      const Fit fit = decoder_.append_row(object);
      if (fit == Fit::kUnknown) return stop();
      if (fit == Fit::kOk && !document.at_end()) {
        // Another row, perhaps: rows without a line's end between them are not told apart.
        decoder_.truncate(before);
        reject("there is more on the line behind the row", line);
      }
      if (fit == Fit::kMismatch) reject(decoder_.error(), line);
      if (fit == Fit::kBroken) reject("not valid JSON", line);
    }
    ++outcome_.rows.rows_seen;
    return {};
  }

  std::string_view body_;
  const JsonOptions& options_;
  RowDecoder decoder_;
  JsonOutcome outcome_;
};

// Stops at the first row that does not go in as it is.
class Appender final : public JsonAppender {
 public:
  explicit Appender(const iceberg::Schema& schema) : decoder_(schema, true) {}

  Result<bool> append(std::string_view body, JsonShape shape) override {
    const int64_t before = decoder_.rows();
    clean_ = true;
    const Status done =
        shape == JsonShape::kValue
            ? each_row_of_value(body, [&](auto object, auto) { return on_row(object); })
            : each_line(body, [&](auto line) { return on_line(line); });
    if (done.ok()) return true;
    decoder_.truncate(before);
    if (clean_) return done.error();
    return false;
  }
  int64_t rows() const override { return decoder_.rows(); }
  void truncate(int64_t rows) override { decoder_.truncate(rows); }
  std::shared_ptr<arrow::RecordBatch> take() override { return decoder_.finish(); }

 private:
  Status unclean() {
    clean_ = false;
    return Error(ErrorCode::kIncompatibleSchema, "a row needs a closer look");
  }
  Status on_row(std::optional<json::object>& object) {
    if (!object) return unclean();
    const Fit fit = decoder_.append_row(*object);
    if (fit == Fit::kOk) return {};
    return fit == Fit::kBroken ? Status(not_json("a row cannot be read")) : unclean();
  }
  Status on_line(std::string_view line) {
    json::document document;
    json::object object;
    const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + 64);
    if (thread_parser().iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS ||
        decoder_.append_row(object) != Fit::kOk || !document.at_end()) {
      return unclean();
    }
    return {};
  }

  RowDecoder decoder_;
  bool clean_ = true;
};

}  // namespace

std::unique_ptr<JsonAppender> make_appender(const iceberg::Schema& schema) {
  return std::make_unique<Appender>(schema);
}

Result<JsonOutcome> decode_json(std::string_view body, const iceberg::Schema& schema,
                                const JsonOptions& options) {
  return Decoding(body, schema, options).run();
}

Result<InferredType> infer_json(std::string_view body, JsonShape shape) {
  InferredType rows;
  rows.kind = Kind::kStruct;
  if (shape == JsonShape::kLines) {
    TRY(each_line(body, [&](std::string_view line) -> Status {
      json::document document;
      json::object object;
      InferredType row;
      const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + 64);
      if (thread_parser().iterate(padded).get(document) == simdjson::SUCCESS &&
          document.get_object().get(object) == simdjson::SUCCESS && infer_object(object, row) &&
          document.at_end()) {
        merge_inferred(rows, row);
      }
      return {};
    }));
    return rows;
  }
  TRY(each_row_of_value(body, [&](std::optional<json::object> object, std::string_view) -> Status {
    InferredType row;
    if (object) {
      if (!infer_object(*object, row)) return not_json("a row cannot be read");
      merge_inferred(rows, row);
    }
    return {};
  }));
  return rows;
}

}  // namespace firn::ingest::FIRN_JSON_NAMESPACE
