#include "iceberg/types.h"

#include <algorithm>
#include <charconv>

namespace firn::iceberg {
namespace {

struct PrimitiveName {
  TypeId id;
  std::string_view name;
};
constexpr PrimitiveName kPrimitiveNames[] = {
    {TypeId::kBoolean, "boolean"},
    {TypeId::kInt, "int"},
    {TypeId::kLong, "long"},
    {TypeId::kFloat, "float"},
    {TypeId::kDouble, "double"},
    {TypeId::kDate, "date"},
    {TypeId::kTime, "time"},
    {TypeId::kTimestamp, "timestamp"},
    {TypeId::kTimestampTz, "timestamptz"},
    {TypeId::kString, "string"},
    {TypeId::kUuid, "uuid"},
    {TypeId::kBinary, "binary"},
    {TypeId::kTimestampNs, "timestamp_ns"},
    {TypeId::kTimestampTzNs, "timestamptz_ns"},
    {TypeId::kUnknown, "unknown"},
    {TypeId::kVariant, "variant"},
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<int32_t> parse_int(std::string_view text) {
  text = trimmed(text);
  int32_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const Field* find_id(const std::vector<Field>& fields, int32_t id) {
  for (const Field& field : fields) {
    if (field.id == id) return &field;
    if (field.type && field.type->is_nested()) {
      if (const Field* inner = find_id(field.type->fields, id)) return inner;
    }
  }
  return nullptr;
}

const Field* find_dotted(const std::vector<Field>& fields, std::string_view path) {
  for (const Field& field : fields) {
    if (path == field.name) return &field;
    // A name may hold dots itself, so the prefix is matched rather than the path split.
    if (path.size() > field.name.size() && path.substr(0, field.name.size()) == field.name &&
        path[field.name.size()] == '.' && field.type->is_nested()) {
      const Field* inner = find_dotted(field.type->fields, path.substr(field.name.size() + 1));
      if (inner != nullptr) return inner;
    }
  }
  return nullptr;
}

bool find_path_to(const std::vector<Field>& fields, int32_t id, std::string& path) {
  for (const Field& field : fields) {
    const size_t length = path.size();
    if (!path.empty()) path += '.';
    path += field.name;
    if (field.id == id) return true;
    if (field.type->is_nested() && find_path_to(field.type->fields, id, path)) return true;
    path.resize(length);
  }
  return false;
}

int32_t highest_id(const std::vector<Field>& fields) {
  int32_t highest = 0;
  for (const Field& field : fields) {
    highest = std::max(highest, field.id);
    if (field.type->is_nested()) highest = std::max(highest, highest_id(field.type->fields));
  }
  return highest;
}

}  // namespace

bool Field::operator==(const Field& other) const {
  return id == other.id && name == other.name && required == other.required && doc == other.doc &&
         initial_default == other.initial_default && write_default == other.write_default &&
         *type == *other.type;
}

bool Type::operator==(const Type& other) const {
  return id == other.id && precision == other.precision && scale == other.scale &&
         length == other.length && fields == other.fields;
}

TypePtr primitive(TypeId id) {
  auto type = std::make_shared<Type>();
  type->id = id;
  return type;
}

TypePtr decimal(int32_t precision, int32_t scale) {
  auto type = std::make_shared<Type>();
  type->id = TypeId::kDecimal;
  type->precision = precision;
  type->scale = scale;
  return type;
}

TypePtr fixed(int32_t length_bytes) {
  auto type = std::make_shared<Type>();
  type->id = TypeId::kFixed;
  type->length = length_bytes;
  return type;
}

TypePtr struct_of(std::vector<Field> fields) {
  auto type = std::make_shared<Type>();
  type->id = TypeId::kStruct;
  type->fields = std::move(fields);
  return type;
}

TypePtr list_of(int32_t element_id, TypePtr element, bool element_required) {
  auto type = std::make_shared<Type>();
  type->id = TypeId::kList;
  type->fields.push_back(Field{element_id, "element", std::move(element), element_required});
  return type;
}

TypePtr map_of(int32_t key_id, TypePtr key, int32_t value_id, TypePtr value, bool value_required) {
  auto type = std::make_shared<Type>();
  type->id = TypeId::kMap;
  type->fields.push_back(Field{key_id, "key", std::move(key), true});
  type->fields.push_back(Field{value_id, "value", std::move(value), value_required});
  return type;
}

std::string type_name(const Type& type) {
  switch (type.id) {
    case TypeId::kDecimal:
      return "decimal(" + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ")";
    case TypeId::kFixed: return "fixed[" + std::to_string(type.length) + "]";
    case TypeId::kStruct: {
      std::string text = "struct<";
      for (size_t i = 0; i < type.fields.size(); ++i) {
        if (i > 0) text += ", ";
        text += type.fields[i].name + ": " + type_name(*type.fields[i].type);
      }
      return text + ">";
    }
    case TypeId::kList: return "list<" + type_name(*type.fields[0].type) + ">";
    case TypeId::kMap:
      return "map<" + type_name(*type.fields[0].type) + ", " + type_name(*type.fields[1].type) +
             ">";
    default: break;
  }
  for (const PrimitiveName& entry : kPrimitiveNames) {
    if (entry.id == type.id) return std::string(entry.name);
  }
  return "unknown";
}

Result<TypePtr> parse_primitive(std::string_view text) {
  for (const PrimitiveName& entry : kPrimitiveNames) {
    if (entry.name == text) return primitive(entry.id);
  }
  if (text.starts_with("decimal(") && text.ends_with(")")) {
    const std::string_view inside = text.substr(8, text.size() - 9);
    const size_t comma = inside.find(',');
    if (comma != std::string_view::npos) {
      const auto precision = parse_int(inside.substr(0, comma));
      const auto scale = parse_int(inside.substr(comma + 1));
      if (precision && scale && *precision >= 1 && *precision <= 38 && *scale >= 0 &&
          *scale <= *precision) {
        return decimal(*precision, *scale);
      }
    }
  }
  if (text.starts_with("fixed[") && text.ends_with("]")) {
    const auto length = parse_int(text.substr(6, text.size() - 7));
    constexpr int32_t kFixedBytesMax = 1 << 20;
    if (length && *length >= 0 && *length <= kFixedBytesMax) return fixed(*length);
  }
  return Error(ErrorCode::kInvalidData,
               "unknown type '" + std::string(text.substr(0, 64)) + "' in a schema");
}

bool may_promote(const Type& from, const Type& to) {
  if (from == to) return true;
  switch (from.id) {
    case TypeId::kInt: return to.id == TypeId::kLong;
    case TypeId::kFloat: return to.id == TypeId::kDouble;
    case TypeId::kDecimal:
      return to.id == TypeId::kDecimal && to.scale == from.scale && to.precision >= from.precision;
    case TypeId::kUnknown: return true;
    default: return false;
  }
}

const Field* Schema::find(int32_t field_id) const { return find_id(fields, field_id); }

const Field* Schema::find(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

const Field* Schema::find_path(std::string_view path) const { return find_dotted(fields, path); }

std::string Schema::path_of(int32_t field_id) const {
  std::string path;
  return find_path_to(fields, field_id, path) ? path : std::string();
}

int32_t Schema::highest_field_id() const { return highest_id(fields); }

bool Schema::same_fields(const Schema& other) const {
  return fields == other.fields && identifier_field_ids == other.identifier_field_ids;
}

}  // namespace firn::iceberg
