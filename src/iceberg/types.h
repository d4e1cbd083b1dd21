#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace firn::iceberg {

// Iceberg table spec, "Schemas and Data Types". The last four are of format version 3.
enum class TypeId : uint8_t {
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kDate,
  kTime,
  kTimestamp,
  kTimestampTz,
  kString,
  kUuid,
  kFixed,
  kBinary,
  kStruct,
  kList,
  kMap,
  kTimestampNs,
  kTimestampTzNs,
  kUnknown,
  kVariant,
};

struct Type;
using TypePtr = std::shared_ptr<const Type>;

// A column, a member of a struct, a list's element, a map's key or value.
struct Field {
  int32_t id = 0;
  std::string name;
  TypePtr type;
  bool required = false;
  std::optional<std::string> doc;
  // Format version 3 defaults, as the JSON text of the single value; kept and written back.
  std::optional<std::string> initial_default;
  std::optional<std::string> write_default;

  bool operator==(const Field& other) const;
};

// Immutable once made.
struct Type {
  TypeId id = TypeId::kUnknown;
  int32_t precision = 0;      // decimal
  int32_t scale = 0;          // decimal
  int32_t length = 0;         // fixed, bytes
  std::vector<Field> fields;  // struct: its members; list: "element"; map: "key", "value"

  bool is_nested() const {
    return id == TypeId::kStruct || id == TypeId::kList || id == TypeId::kMap;
  }
  bool operator==(const Type& other) const;
};

TypePtr primitive(TypeId id);
TypePtr decimal(int32_t precision, int32_t scale);
TypePtr fixed(int32_t length_bytes);
TypePtr struct_of(std::vector<Field> fields);
TypePtr list_of(int32_t element_id, TypePtr element, bool element_required);
TypePtr map_of(int32_t key_id, TypePtr key, int32_t value_id, TypePtr value, bool value_required);

// "long", "decimal(9, 2)", "fixed[16]"; for nested types "struct<...>", for messages only.
std::string type_name(const Type& type);
// A primitive type's name as metadata JSON has it.
Result<TypePtr> parse_primitive(std::string_view text);
// int to long, float to double, decimal to more digits at the same scale (spec: Schema Evolution).
bool may_promote(const Type& from, const Type& to);

// A schema of a table. Field ids are unique over all levels.
struct Schema {
  int32_t schema_id = 0;
  std::vector<Field> fields;
  std::vector<int32_t> identifier_field_ids;

  // At any depth; null where there is none.
  const Field* find(int32_t field_id) const;
  // Top level, exact spelling.
  const Field* find(std::string_view name) const;
  // Dotted path, as in "address.city", "tags.element"; exact spelling.
  const Field* find_path(std::string_view path) const;
  // "address.city" of a field id; empty where there is none.
  std::string path_of(int32_t field_id) const;
  int32_t highest_field_id() const;
  // Equal but for schema_id.
  bool same_fields(const Schema& other) const;
};

// 128 bits, two's complement: the unscaled value of a decimal.
using Int128 = __int128;
struct DecimalValue {
  Int128 unscaled = 0;
  bool operator==(const DecimalValue&) const = default;
};

// One single value of a primitive type, or null (monostate):
// boolean bool; int, date int32_t (days since 1970-01-01); long, time, timestamps int64_t (micro-
// or nanoseconds); float float; double double; decimal DecimalValue; string, binary, fixed and uuid
// (16 bytes, big-endian) std::string.
using Value =
    std::variant<std::monostate, bool, int32_t, int64_t, float, double, DecimalValue, std::string>;

// Spec, appendix D, "Binary single-value serialization".
std::string serialize_value(const Type& type, const Value& value);
Result<Value> deserialize_value(const Type& type, std::string_view bytes);
// -1, 0, 1 in the order of the type. Both not null and of that type; NaN above everything.
int compare_values(const Type& type, const Value& a, const Value& b);

}  // namespace firn::iceberg
