#include "iceberg/type_text.h"

#include <algorithm>
#include <cstdio>

#include "base/bytes.h"
#include "base/ids.h"
#include "iceberg/calendar.h"

namespace firn::iceberg {
namespace {

constexpr int kDepthMax = 16;

class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : rest_(text) {}

  Result<TypePtr> parse() {
    TypePtr type = TRY(type_at(0));
    skip_spaces();
    if (!rest_.empty()) return wrong("'" + std::string(rest_) + "' is left over");
    return type;
  }

 private:
  Error wrong(const std::string& what) const {
    return Error(ErrorCode::kInvalidArgument, "this is not a type: " + what);
  }
  void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip_spaces();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  Status expect(char c) {
    if (take(c)) return {};
    return wrong(std::string("'") + c + "' is missing");
  }
  std::string word() {
    skip_spaces();
    size_t end = 0;
    while (end < rest_.size() && (std::isalnum(static_cast<uint8_t>(rest_[end])) ||
                                  rest_[end] == '_' || (rest_[end] & 0x80) != 0)) {
      ++end;
    }
    std::string found(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return found;
  }

  Result<TypePtr> type_at(int depth) {
    if (depth > kDepthMax) return wrong("it is nested too deeply");
    std::string name = word();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (name == "list") {
      TRY(expect('<'));
      TypePtr element = TRY(type_at(depth + 1));
      TRY(expect('>'));
      return list_of(0, std::move(element), false);
    }
    if (name == "map") {
      TRY(expect('<'));
      TypePtr key = TRY(type_at(depth + 1));
      TRY(expect(','));
      TypePtr value = TRY(type_at(depth + 1));
      TRY(expect('>'));
      return map_of(0, std::move(key), 0, std::move(value), false);
    }
    if (name == "struct") return struct_at(depth);
    if (name == "decimal" || name == "fixed") {
      const size_t end = rest_.find_first_of(")]");
      if (end == std::string_view::npos) return wrong(name + " takes its size in brackets");
      std::string whole = name;
      for (const char c : rest_.substr(0, end + 1)) {
        if (c != ' ') whole += c;
      }
      rest_.remove_prefix(end + 1);
      return primitive_of(whole);
    }
    if (name.empty()) return wrong("a name is missing");
    return primitive_of(name);
  }

  Result<TypePtr> primitive_of(const std::string& name) {
    auto type = parse_primitive(name);
    if (!type.ok()) return wrong("there is no type '" + name + "'");
    return type;
  }

  Result<TypePtr> struct_at(int depth) {
    TRY(expect('<'));
    std::vector<Field> fields;
    do {
      Field field;
      field.name = word();
      if (field.name.empty()) return wrong("a struct's member has no name");
      TRY(expect(':'));
      field.type = TRY(type_at(depth + 1));
      fields.push_back(std::move(field));
    } while (take(','));
    TRY(expect('>'));
    return struct_of(std::move(fields));
  }

  std::string_view rest_;
};

std::string time_text(int64_t micros) {
  char text[32];
  const auto seconds = micros / 1'000'000;
  std::snprintf(text, sizeof text, "%02d:%02d:%02d", static_cast<int>(seconds / 3600),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  std::string out = text;
  if (const auto fraction = micros % 1'000'000; fraction != 0) {
    std::snprintf(text, sizeof text, ".%06d", static_cast<int>(fraction));
    out += text;
    while (out.back() == '0') out.pop_back();
  }
  return out;
}

std::string timestamp_text(int64_t micros) {
  constexpr int64_t kDay = 86'400'000'000;
  int64_t days = micros / kDay;
  int64_t rest = micros % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  return date_text(days) + "T" + time_text(rest);
}

std::string decimal_text(Int128 unscaled, int32_t scale) {
  const bool negative = unscaled < 0;
  unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(unscaled)
                                    : static_cast<unsigned __int128>(unscaled);
  std::string digits;
  for (int32_t i = 0; rest != 0 || i <= scale; ++i) {
    if (i == scale && scale > 0) digits += '.';
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string number_text(double value, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

}  // namespace

std::string type_text(const Type& type) {
  switch (type.id) {
    case TypeId::kDecimal:
      return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeId::kList: return "list<" + type_text(*type.fields[0].type) + ">";
    case TypeId::kMap:
      return "map<" + type_text(*type.fields[0].type) + ", " + type_text(*type.fields[1].type) +
             ">";
    case TypeId::kStruct: {
      std::string text = "struct<";
      for (const Field& field : type.fields) {
        if (&field != &type.fields.front()) text += ", ";
        text += field.name + ": " + type_text(*field.type);
      }
      return text + ">";
    }
    default: return type_name(type);
  }
}

Result<TypePtr> parse_type_text(std::string_view text) { return TypeParser(text).parse(); }

std::string value_text(const Type& type, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return {};
  switch (type.id) {
    case TypeId::kBoolean: return std::get<bool>(value) ? "true" : "false";
    case TypeId::kInt: return std::to_string(std::get<int32_t>(value));
    case TypeId::kDate: return date_text(std::get<int32_t>(value));
    case TypeId::kLong: return std::to_string(std::get<int64_t>(value));
    case TypeId::kTime: return time_text(std::get<int64_t>(value));
    case TypeId::kTimestamp: return timestamp_text(std::get<int64_t>(value));
    case TypeId::kTimestampTz: return timestamp_text(std::get<int64_t>(value)) + "Z";
    case TypeId::kTimestampNs: return timestamp_text(std::get<int64_t>(value) / 1000);
    case TypeId::kTimestampTzNs: return timestamp_text(std::get<int64_t>(value) / 1000) + "Z";
    case TypeId::kFloat: return number_text(std::get<float>(value), 9);
    case TypeId::kDouble: return number_text(std::get<double>(value), 17);
    case TypeId::kDecimal: return decimal_text(std::get<DecimalValue>(value).unscaled, type.scale);
    case TypeId::kString: return std::get<std::string>(value);
    default: return to_hex(as_bytes(std::get<std::string>(value)));
  }
}

}  // namespace firn::iceberg
