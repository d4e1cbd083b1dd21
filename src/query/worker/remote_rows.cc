#include "query/worker/remote_rows.h"

#include <charconv>

#include "duckdb/common/types/blob.hpp"
#include "query/worker/lake_scan.h"

namespace firn::query {
namespace {

namespace json = boost::json;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

constexpr int kTypeDepthMax = 32;

[[noreturn]] void malformed() {
  throw_error(Error(ErrorCode::kUnavailable, "the other engine's answer cannot be read"));
}

// Reads types as Trino writes them.
class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : rest_(text) {}

  LogicalType read_all() {
    auto type = read(0);
    if (!rest_.empty()) malformed();
    return type;
  }

 private:
  LogicalType read(int depth) {
    if (depth > kTypeDepthMax) malformed();
    const std::string name = word();
    if (name == "array") {
      expect('(');
      auto element = read(depth + 1);
      expect(')');
      return LogicalType::LIST(element);
    }
    if (name == "map") {
      expect('(');
      auto key = read(depth + 1);
      expect(',');
      auto value = read(depth + 1);
      expect(')');
      return LogicalType::MAP(key, value);
    }
    if (name == "row") return read_row(depth);
    return scalar(name);
  }

  LogicalType read_row(int depth) {
    duckdb::child_list_t<LogicalType> fields;
    expect('(');
    do {
      skip_spaces();
      std::string field = rest_.starts_with('"') ? quoted() : "";
      if (field.empty()) {
        // A field without a name is its type alone.
        const auto before = rest_;
        field = word();
        skip_spaces();
        if (rest_.empty() || rest_[0] == ',' || rest_[0] == ')' || rest_[0] == '(') {
          rest_ = before;
          field = "field" + std::to_string(fields.size());
        }
      }
      auto type = read(depth + 1);
      fields.emplace_back(std::move(field), std::move(type));
    } while (take(','));
    expect(')');
    return LogicalType::STRUCT(std::move(fields));
  }

  LogicalType scalar(const std::string& name) {
    std::vector<int> numbers;
    if (take('(')) {
      do numbers.push_back(number());
      while (take(','));
      expect(')');
    }
    const bool zoned = take_words("with time zone");
    if (name == "boolean") return LogicalType::BOOLEAN;
    if (name == "tinyint") return LogicalType::TINYINT;
    if (name == "smallint") return LogicalType::SMALLINT;
    if (name == "integer") return LogicalType::INTEGER;
    if (name == "bigint") return LogicalType::BIGINT;
    if (name == "real") return LogicalType::FLOAT;
    if (name == "double") return LogicalType::DOUBLE;
    if (name == "decimal" && numbers.size() == 2) {
      return LogicalType::DECIMAL(static_cast<uint8_t>(numbers[0]),
                                  static_cast<uint8_t>(numbers[1]));
    }
    if (name == "varbinary") return LogicalType::BLOB;
    if (name == "date") return LogicalType::DATE;
    if (name == "time") return zoned ? LogicalType::TIME_TZ : LogicalType::TIME;
    if (name == "timestamp") {
      if (zoned) return LogicalType::TIMESTAMP_TZ;
      return !numbers.empty() && numbers[0] > 6 ? LogicalType::TIMESTAMP_NS
                                                : LogicalType::TIMESTAMP;
    }
    if (name == "uuid") return LogicalType::UUID;
    if (name == "json") return LogicalType::JSON();
    if (name == "interval") {
      take_words("day to second");
      take_words("year to month");
    }
    return LogicalType::VARCHAR;  // varchar, char, intervals, addresses, and what is not known
  }

  std::string word() {
    skip_spaces();
    size_t length = 0;
    while (length < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[length])) ||
                                     rest_[length] == '_' || rest_[length] == '$')) {
      ++length;
    }
    if (length == 0) malformed();
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
  }

  std::string quoted() {
    std::string text;
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c != '"') {
        text += c;
      } else if (rest_.starts_with('"')) {
        text += c;
        rest_.remove_prefix(1);
      } else {
        return text;
      }
    }
    malformed();
  }

  int number() {
    skip_spaces();
    int value = 0;
    const auto [end, failed] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (failed != std::errc()) malformed();
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return value;
  }

  void skip_spaces() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip_spaces();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) malformed();
  }
  bool take_words(std::string_view words) {
    skip_spaces();
    if (!rest_.starts_with(words)) return false;
    rest_.remove_prefix(words.size());
    return true;
  }

  std::string_view rest_;
};

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string().data(), value.get_string().size());
  return json::serialize(value);
}

Value value_of(duckdb::ClientContext& context, const json::value& value, const LogicalType& type);

Value list_of(duckdb::ClientContext& context, const json::value& value, const LogicalType& type) {
  if (!value.is_array()) malformed();
  const auto& child = duckdb::ListType::GetChildType(type);
  duckdb::vector<Value> values;
  for (const auto& element : value.get_array()) values.push_back(value_of(context, element, child));
  return Value::LIST(child, std::move(values));
}

Value map_of(duckdb::ClientContext& context, const json::value& value, const LogicalType& type) {
  if (!value.is_object()) malformed();
  duckdb::vector<Value> keys, values;
  for (const auto& [key, element] : value.get_object()) {
    const json::string text(key);
    keys.push_back(value_of(context, text, duckdb::MapType::KeyType(type)));
    values.push_back(value_of(context, element, duckdb::MapType::ValueType(type)));
  }
  return Value::MAP(duckdb::MapType::KeyType(type), duckdb::MapType::ValueType(type),
                    std::move(keys), std::move(values));
}

Value struct_of(duckdb::ClientContext& context, const json::value& value, const LogicalType& type) {
  const auto& fields = duckdb::StructType::GetChildTypes(type);
  if (!value.is_array() || value.get_array().size() != fields.size()) malformed();
  duckdb::child_list_t<Value> values;
  for (size_t i = 0; i < fields.size(); ++i) {
    values.emplace_back(fields[i].first, value_of(context, value.get_array()[i], fields[i].second));
  }
  return Value::STRUCT(std::move(values));
}

Value value_of(duckdb::ClientContext& context, const json::value& value, const LogicalType& type) {
  if (value.is_null()) return Value(type);
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN:
      if (value.is_bool()) return Value::BOOLEAN(value.get_bool());
      break;
    case LogicalTypeId::BIGINT:
      if (value.is_int64()) return Value::BIGINT(value.get_int64());
      break;
    case LogicalTypeId::DOUBLE:
      if (value.is_number()) return Value::DOUBLE(value.to_number<double>());
      break;
    case LogicalTypeId::LIST: return list_of(context, value, type);
    case LogicalTypeId::MAP: return map_of(context, value, type);
    case LogicalTypeId::STRUCT: return struct_of(context, value, type);
    case LogicalTypeId::BLOB: {
      const std::string text = text_of(value);
      return Value::BLOB(duckdb::Blob::FromBase64(duckdb::string_t(text)));
    }
    case LogicalTypeId::VARCHAR: {
      Value text(text_of(value));
      text.Reinterpret(type);
      return text;
    }
    default: break;
  }
  return Value(text_of(value)).CastAs(context, type);
}

}  // namespace

LogicalType type_of_trino(const std::string& text) { return TypeReader(text).read_all(); }

void RemoteRows::read_columns(const std::string& text) {
  boost::system::error_code failed;
  const auto columns = json::parse(text, failed);
  if (failed || !columns.is_array()) malformed();
  for (const auto& column : columns.get_array()) {
    if (!column.is_object()) malformed();
    const auto* name = column.get_object().if_contains("name");
    const auto* type = column.get_object().if_contains("type");
    if (name == nullptr || type == nullptr || !type->is_string()) malformed();
    names_.push_back(text_of(*name));
    types_.push_back(type_of_trino(text_of(*type)));
  }
}

void RemoteRows::fetch() {
  if (interrupted_()) throw duckdb::InterruptException();
  auto page = tables_.remote_page();
  if (!page.ok()) throw_error(page.error());
  last_ = page->last;
  if (names_.empty() && !page->columns.empty()) read_columns(page->columns);
  rows_.clear();
  at_ = 0;
  if (page->rows.empty()) return;
  boost::system::error_code failed;
  auto rows = json::parse(page->rows, failed);
  if (failed || !rows.is_array()) malformed();
  rows_ = std::move(rows.get_array());
}

void RemoteRows::open() {
  while (names_.empty() && !last_) fetch();
  if (names_.empty()) {
    throw_error(Error(ErrorCode::kInvalidStatement, "the statement has no columns to answer with"));
  }
}

duckdb::unique_ptr<duckdb::DataChunk> RemoteRows::next() {
  while (at_ == rows_.size()) {
    if (last_) return nullptr;
    fetch();
  }
  auto chunk = duckdb::make_uniq<duckdb::DataChunk>();
  const size_t count = std::min<size_t>(rows_.size() - at_, STANDARD_VECTOR_SIZE);
  chunk->Initialize(duckdb::Allocator::Get(context_), types_);
  for (size_t row = 0; row < count; ++row) {
    const auto& cells = rows_[at_ + row];
    if (!cells.is_array() || cells.get_array().size() != types_.size()) malformed();
    for (size_t column = 0; column < types_.size(); ++column) {
      chunk->SetValue(column, row, value_of(context_, cells.get_array()[column], types_[column]));
    }
  }
  chunk->SetCardinality(count);
  at_ += count;
  return chunk;
}

}  // namespace firn::query
