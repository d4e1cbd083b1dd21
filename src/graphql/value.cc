#include "graphql/value.h"

#include <charconv>
#include <cmath>

#include "graphql/json.h"

namespace firn::graphql {

Value::Value() = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Value Value::object() {
  Value made;
  made.kind = Kind::kObject;
  return made;
}

Value Value::list() {
  Value made;
  made.kind = Kind::kList;
  return made;
}

Value Value::of_boolean(bool value) {
  Value made;
  made.kind = Kind::kBoolean;
  made.boolean = value;
  return made;
}

Value Value::of_int(int64_t value) {
  Value made;
  made.kind = Kind::kInt;
  made.integer = value;
  made.number = static_cast<double>(value);
  return made;
}

Value Value::of_float(double value) {
  Value made;
  made.kind = Kind::kFloat;
  made.number = value;
  TextBuffer text;
  append_json_number(text, value);
  made.text = text.take();
  return made;
}

Value Value::of_string(std::string text) {
  Value made;
  made.kind = Kind::kString;
  made.text = std::move(text);
  return made;
}

Value Value::of_enum(std::string name) {
  Value made;
  made.kind = Kind::kEnum;
  made.text = std::move(name);
  return made;
}

Value Value::of_number(std::string_view text) {
  int64_t integer = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, integer);
  if (parsed.ec == std::errc() && parsed.ptr == end) return of_int(integer);
  Value made;
  made.kind = Kind::kFloat;
  made.text = text;
  const auto number = std::from_chars(text.data(), end, made.number);
  if (number.ec == std::errc::result_out_of_range) {
    // Too small is zero; too large is infinity, which no scalar takes.
    const size_t exponent = text.find_first_of("eE");
    const bool small = exponent != std::string_view::npos && text.substr(exponent + 1, 1) == "-";
    made.number = small ? 0.0 : (text.starts_with('-') ? -HUGE_VAL : HUGE_VAL);
  }
  return made;
}

const Value* Value::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return &value;
  }
  return nullptr;
}

void Value::set(std::string name, Value value) {
  for (auto& [key, old] : fields) {
    if (key == name) {
      old = std::move(value);
      return;
    }
  }
  fields.emplace_back(std::move(name), std::move(value));
}

void Value::write(TextBuffer& out) const {
  switch (kind) {
    case Kind::kNull: out += "null"; return;
    case Kind::kBoolean: out += boolean ? "true" : "false"; return;
    case Kind::kInt: append_json_integer(out, integer); return;
    case Kind::kFloat: out += text; return;
    case Kind::kString:
    case Kind::kEnum: append_json_string(out, text); return;
    case Kind::kList:
      out += '[';
      for (size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ',';
        items[i].write(out);
      }
      out += ']';
      return;
    case Kind::kObject:
      out += '{';
      for (size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, fields[i].first);
        out += ':';
        fields[i].second.write(out);
      }
      out += '}';
      return;
  }
}

std::string Value::to_json() const {
  TextBuffer out;
  write(out);
  return out.take();
}

}  // namespace firn::graphql
