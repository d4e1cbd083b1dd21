#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firn::graphql {

class TextBuffer;

// An input value: a JSON variable, a constant of a document or what coercion made of either. Enum
// values of a document are kEnum; those of JSON are strings.
struct Value {
  enum class Kind : uint8_t { kNull, kBoolean, kInt, kFloat, kString, kEnum, kList, kObject };

  Kind kind = Kind::kNull;
  bool boolean = false;
  int64_t integer = 0;  // kInt
  double number = 0;    // kInt and kFloat
  // kString and kEnum: itself. kFloat: as written, since a number may be more than a double holds.
  std::string text;
  std::vector<Value> items;
  std::vector<std::pair<std::string, Value>> fields;  // each name once

  // In value.cc: a pair of this class is no complete type here.
  Value();
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  static Value object();  // without members
  static Value list();    // without items
  static Value of_boolean(bool value);
  static Value of_int(int64_t value);
  static Value of_float(double value);
  static Value of_string(std::string text);
  static Value of_enum(std::string name);
  // From the text of a number, as JSON and GraphQL write it.
  static Value of_number(std::string_view text);

  bool is_null() const { return kind == Kind::kNull; }
  bool is_number() const { return kind == Kind::kInt || kind == Kind::kFloat; }
  const Value* field(std::string_view name) const;
  void set(std::string name, Value value);
  // As JSON.
  void write(TextBuffer& out) const;
  std::string to_json() const;
};

}  // namespace firn::graphql
