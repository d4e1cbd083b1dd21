#include <algorithm>

#include <fmt/format.h>

#include "ingest/rows.h"
#include "ingest/scalar_text.h"

namespace firn::ingest {
namespace {

using iceberg::Field;
using iceberg::TypeId;
using iceberg::TypePtr;
using Kind = InferredType::Kind;

constexpr size_t kNameBytesMax = 255;

bool is_text(Kind kind) {
  return kind == Kind::kDate || kind == Kind::kTimestamp || kind == Kind::kTimestampTz ||
         kind == Kind::kString;
}
bool is_number(Kind kind) { return kind == Kind::kLong || kind == Kind::kDouble; }

bool same_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

class Evolver {
 public:
  Evolver(const EvolutionLimits& limits, int columns) : limits_(limits), columns_(columns) {}

  // Null where the values say nothing of their type.
  Result<TypePtr> type_for(const InferredType& seen, int depth) {
    if (depth > limits_.depth_max) {
      return Error(ErrorCode::kIncompatibleSchema,
                   fmt::format("values are nested deeper than {} levels", limits_.depth_max));
    }
    switch (seen.kind) {
      case Kind::kUnknown: return TypePtr();
      case Kind::kBoolean: return iceberg::primitive(TypeId::kBoolean);
      case Kind::kLong: return iceberg::primitive(TypeId::kLong);
      case Kind::kDouble: return iceberg::primitive(TypeId::kDouble);
      case Kind::kDate: return iceberg::primitive(TypeId::kDate);
      case Kind::kTimestamp: return iceberg::primitive(TypeId::kTimestamp);
      case Kind::kTimestampTz: return iceberg::primitive(TypeId::kTimestampTz);
      case Kind::kString: return iceberg::primitive(TypeId::kString);
      case Kind::kStruct: {
        std::vector<Field> fields;
        TRY(add_fields(fields, seen, depth));
        return fields.empty() ? TypePtr() : iceberg::struct_of(std::move(fields));
      }
      case Kind::kList: {
        TypePtr element = TRY(type_for(seen.element[0], depth + 1));
        if (!element) return TypePtr();
        TRY(count_column());
        return iceberg::list_of(0, std::move(element), false);
      }
    }
    return TypePtr();
  }

  Status add_fields(std::vector<Field>& fields, const InferredType& seen, int depth) {
    for (const auto& [name, inferred] : seen.fields) {
      const auto known = std::find_if(fields.begin(), fields.end(),
                                      [&](const Field& field) { return field.name == name; });
      if (known != fields.end()) {
        known->type = TRY(widen(known->type, inferred, depth + 1));
        continue;
      }
      // Engines compare names without case: a second spelling would be unreadable.
      const bool clash = std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
        return same_without_case(field.name, name);
      });
      if (clash || name.empty() || name.size() > kNameBytesMax) continue;
      TypePtr type = TRY(type_for(inferred, depth + 1));
      if (!type) continue;
      TRY(count_column());
      fields.push_back(Field{0, name, std::move(type), false, {}, {}, {}});
    }
    return {};
  }

  Result<TypePtr> widen(const TypePtr& type, const InferredType& seen, int depth) {
    switch (type->id) {
      case TypeId::kInt:
        if (seen.kind == Kind::kLong && seen.beyond_int) return iceberg::primitive(TypeId::kLong);
        return type;
      case TypeId::kDecimal: {
        const int32_t wanted = std::min(38, seen.integer_digits + type->scale);
        if (!is_number(seen.kind) || wanted <= type->precision) return type;
        return iceberg::decimal(wanted, type->scale);
      }
      case TypeId::kStruct: {
        if (seen.kind != Kind::kStruct) return type;
        std::vector<Field> fields = type->fields;
        TRY(add_fields(fields, seen, depth));
        return fields == type->fields ? type : iceberg::struct_of(std::move(fields));
      }
      case TypeId::kList: {
        if (seen.kind != Kind::kList) return type;
        const Field& element = type->fields[0];
        TypePtr wanted = TRY(widen(element.type, seen.element[0], depth + 1));
        return wanted == element.type ? type
                                      : iceberg::list_of(element.id, wanted, element.required);
      }
      case TypeId::kMap: {
        if (seen.kind != Kind::kStruct) return type;
        InferredType values;
        for (const auto& [name, inferred] : seen.fields) merge_inferred(values, inferred);
        const Field& key = type->fields[0];
        const Field& value = type->fields[1];
        TypePtr wanted = TRY(widen(value.type, values, depth + 1));
        return wanted == value.type
                   ? type
                   : iceberg::map_of(key.id, key.type, value.id, wanted, value.required);
      }
      default: return type;
    }
  }

 private:
  Status count_column() {
    if (++columns_ <= limits_.columns_max) return {};
    return Error(ErrorCode::kIncompatibleSchema,
                 fmt::format("the table would have more than {} columns", limits_.columns_max));
  }

  const EvolutionLimits& limits_;
  int columns_;
};

int count_fields(const std::vector<Field>& fields) {
  int count = 0;
  for (const Field& field : fields) count += 1 + count_fields(field.type->fields);
  return count;
}

void merge_struct(InferredType& a, const InferredType& b) {
  for (size_t i = 0; i < b.fields.size(); ++i) {
    const auto& [name, type] = b.fields[i];
    // Rows of one source have their fields in one order.
    auto at = i < a.fields.size() && a.fields[i].name == name
                  ? a.fields.begin() + static_cast<ptrdiff_t>(i)
                  : std::find_if(
                        a.fields.begin(), a.fields.end(),
                        [&](const auto& field) { return field.name == name; });
    if (at == a.fields.end()) {
      a.fields.push_back({name, type});
    } else {
      merge_inferred(at->type, type);
    }
  }
}

// `type` with every field id 0 and every field nullable, as new columns are.
TypePtr as_new(const TypePtr& type) {
  switch (type->id) {
    case TypeId::kStruct: {
      std::vector<Field> fields;
      for (const Field& field : type->fields) {
        fields.push_back(Field{0, field.name, as_new(field.type), false, {}, {}, {}});
      }
      return iceberg::struct_of(std::move(fields));
    }
    case TypeId::kList: return iceberg::list_of(0, as_new(type->fields[0].type), false);
    case TypeId::kMap:
      return iceberg::map_of(0, as_new(type->fields[0].type), 0, as_new(type->fields[1].type),
                             false);
    default: return type;
  }
}

TypePtr widen_for(const TypePtr& type, const TypePtr& incoming);

std::vector<Field> merge_columns(std::vector<Field> fields, const std::vector<Field>& incoming) {
  for (const Field& wanted : incoming) {
    const auto known = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == wanted.name; });
    if (known == fields.end()) {
      fields.push_back(Field{0, wanted.name, as_new(wanted.type), false, {}, {}, {}});
    } else {
      known->type = widen_for(known->type, wanted.type);
    }
  }
  return fields;
}

TypePtr widen_for(const TypePtr& type, const TypePtr& incoming) {
  if (!type->is_nested()) return iceberg::may_promote(*type, *incoming) ? incoming : type;
  if (type->id != incoming->id) return type;
  const std::vector<Field>& fields = type->fields;
  switch (type->id) {
    case TypeId::kStruct: return iceberg::struct_of(merge_columns(fields, incoming->fields));
    case TypeId::kList:
      return iceberg::list_of(fields[0].id, widen_for(fields[0].type, incoming->fields[0].type),
                              fields[0].required);
    default:
      return iceberg::map_of(fields[0].id, fields[0].type, fields[1].id,
                             widen_for(fields[1].type, incoming->fields[1].type),
                             fields[1].required);
  }
}

}  // namespace

Result<iceberg::Schema> evolve_for_columns(const iceberg::Schema& schema,
                                           const iceberg::Schema& incoming,
                                           const EvolutionLimits& limits) {
  iceberg::Schema evolved = schema;
  evolved.fields = merge_columns(std::move(evolved.fields), incoming.fields);
  if (count_fields(evolved.fields) > limits.columns_max) {
    return Error(ErrorCode::kIncompatibleSchema,
                 fmt::format("the table would have more than {} columns", limits.columns_max));
  }
  return evolved;
}

// Here, where InferredField is complete.
InferredType::InferredType() = default;
InferredType::~InferredType() = default;
InferredType::InferredType(const InferredType&) = default;
InferredType::InferredType(InferredType&&) noexcept = default;
InferredType& InferredType::operator=(const InferredType&) = default;
InferredType& InferredType::operator=(InferredType&&) noexcept = default;

void merge_inferred(InferredType& a, const InferredType& b) {
  a.beyond_int |= b.beyond_int;
  a.integer_digits = std::max(a.integer_digits, b.integer_digits);
  if (b.kind == Kind::kUnknown) return;
  if (a.kind == Kind::kUnknown) {
    a.kind = b.kind;
    a.fields = b.fields;
    a.element = b.element;
  } else if (a.kind == b.kind) {
    if (a.kind == Kind::kStruct) merge_struct(a, b);
    if (a.kind == Kind::kList) merge_inferred(a.element[0], b.element[0]);
  } else if (is_number(a.kind) && is_number(b.kind)) {
    a.kind = Kind::kDouble;
  } else if (is_text(a.kind) && is_text(b.kind)) {
    a.kind = Kind::kString;
  }
}

InferredType::Kind infer_text(std::string_view text) {
  if (text.size() < 10 || text[4] != '-') return Kind::kString;
  if (parse_date(text)) return Kind::kDate;
  const auto timestamp = parse_timestamp(text);
  if (!timestamp) return Kind::kString;
  return timestamp->has_offset ? Kind::kTimestampTz : Kind::kTimestamp;
}

Result<iceberg::Schema> evolve_for(const iceberg::Schema& schema, const InferredType& rows,
                                   const EvolutionLimits& limits) {
  iceberg::Schema evolved = schema;
  Evolver evolver(limits, count_fields(schema.fields));
  TRY(evolver.add_fields(evolved.fields, rows, 0));
  return evolved;
}

}  // namespace firn::ingest
