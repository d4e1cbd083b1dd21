#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "graphql/built_in_types.h"
#include "graphql/coercion.h"
#include "graphql/input_check.h"
#include "graphql/printer.h"
#include "graphql/schema_builder_internal.h"
#include "graphql/suggestions.h"

namespace firn::graphql {
namespace {

constexpr size_t kErrorsMax = 50;

TypeKind kind_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::kObjectTypeDefinition:
    case NodeKind::kObjectTypeExtension: return TypeKind::kObject;
    case NodeKind::kInterfaceTypeDefinition:
    case NodeKind::kInterfaceTypeExtension: return TypeKind::kInterface;
    case NodeKind::kUnionTypeDefinition:
    case NodeKind::kUnionTypeExtension: return TypeKind::kUnion;
    case NodeKind::kEnumTypeDefinition:
    case NodeKind::kEnumTypeExtension: return TypeKind::kEnum;
    case NodeKind::kInputObjectTypeDefinition:
    case NodeKind::kInputObjectTypeExtension: return TypeKind::kInputObject;
    default: return TypeKind::kScalar;
  }
}

std::string description_of(const Node& node) {
  return node.description == nullptr ? std::string() : std::string(node.description->text);
}

template <typename T>
bool has_name(const std::vector<T>& items, std::string_view name) {
  return std::any_of(items.begin(), items.end(), [&](const T& item) { return item.name == name; });
}

}  // namespace

void SchemaErrors::add(SourcePlace place, std::string message) {
  if (messages_.size() < kErrorsMax) messages_.push_back(schema_.describe(place) + ": " + message);
}

Error SchemaErrors::error() const {
  std::string text;
  for (const std::string& message : messages_) text += (text.empty() ? "" : "\n") + message;
  return Error(ErrorCode::kInvalidArgument, text);
}

Result<std::shared_ptr<Schema>> Schema::build(const std::vector<SchemaSource>& sources) {
  std::shared_ptr<Schema> schema(new Schema());
  TRY(SchemaBuilder(*schema).build(sources));
  return schema;
}

Status SchemaBuilder::build(const std::vector<SchemaSource>& sources) {
  TRY(parse_sources(sources));
  for (uint32_t i = 0; i < schema_.documents_.size(); ++i) {
    for (const Node* node : schema_.documents_[i].second->definitions()) collect({node, i});
  }
  declare_types();
  if (!errors_.empty()) return errors_.error();
  define_directives();
  define_types();
  define_roots();
  if (!errors_.empty()) return errors_.error();
  find_possible_types();
  define_meta_fields();
  coerce_defaults();
  if (!errors_.empty()) return errors_.error();
  apply_directives();
  if (!errors_.empty()) return errors_.error();
  validate_schema(schema_, errors_);
  if (!errors_.empty()) return errors_.error();
  hide_unused_scalars();
  return {};
}

// Section 3.5: a built-in scalar that is used nowhere is not part of the schema.
void SchemaBuilder::hide_unused_scalars() {
  std::set<const NamedType*> used;
  const auto use = [&](const std::vector<InputValue>& values) {
    for (const InputValue& value : values) used.insert(value.type->named);
  };
  for (const auto& type : schema_.types_) {
    use(type->input_fields);
    for (const FieldDefinition& field : type->fields) {
      used.insert(field.type->named);
      use(field.arguments);
    }
  }
  for (const auto& directive : schema_.directives_) use(directive->arguments);
  for (const auto& type : schema_.types_) {
    if (type->is_built_in && type->kind == TypeKind::kScalar && used.count(type.get()) == 0) {
      schema_.by_name_.erase(type->name);
    }
  }
}

Status SchemaBuilder::parse_sources(const std::vector<SchemaSource>& sources) {
  std::vector<SchemaSource> all = {{"(built in)", std::string(kBuiltInTypes)}};
  all.insert(all.end(), sources.begin(), sources.end());
  for (const SchemaSource& source : all) {
    ParseOptions options;
    options.tokens_max = 1'000'000;
    auto outcome = parse(source.text, options);
    if (!outcome.document) {
      const Location at = outcome.error.locations.at(0);
      return Error(ErrorCode::kInvalidArgument, fmt::format("{}:{}:{}: {}", source.name, at.line,
                                                            at.column, outcome.error.message));
    }
    schema_.documents_.emplace_back(source.name, std::move(outcome.document));
  }
  return {};
}

void SchemaBuilder::check_name(const Node& name, uint32_t source) {
  if (source >= built_in_sources_ && name.text.starts_with("__")) {
    errors_.add({source, name.start},
                fmt::format("Name \"{}\" must not begin with \"__\", which is reserved by GraphQL "
                            "introspection.",
                            name.text));
  }
}

void SchemaBuilder::collect(const Definition& definition) {
  const Node& node = *definition.node;
  const SourcePlace place{definition.source, node.start};
  if (is_type_definition(node.kind)) {
    check_name(*node.name, definition.source);
    const std::string name(node.name_text());
    const auto [found, added] = type_parts_.emplace(name, Parts{definition});
    if (!added && found->second[0].source < built_in_sources_) {
      // Written out again: the built-in definition stays.
      if (kind_of(node.kind) != TypeKind::kScalar) {
        errors_.add(place, fmt::format("Type \"{}\" is built in.", name));
      }
    } else if (!added) {
      errors_.add(place, fmt::format("There can be only one type named \"{}\".", name));
    } else {
      type_order_.push_back(name);
    }
  } else if (is_type_extension(node.kind)) {
    type_extensions_.push_back(definition);
  } else if (node.kind == NodeKind::kDirectiveDefinition) {
    check_name(*node.name, definition.source);
    for (Definition& known : directive_parts_) {
      if (known.node->name_text() != node.name_text()) continue;
      if (known.source >= built_in_sources_) {
        errors_.add(
            place, fmt::format("There can be only one directive named \"@{}\".", node.name_text()));
      }
      known = definition;
      return;
    }
    directive_parts_.push_back(definition);
  } else if (node.kind == NodeKind::kSchemaDefinition) {
    for (const Definition& known : schema_parts_) {
      if (known.node->kind == node.kind) {
        errors_.add(place, "Must provide only one schema definition.");
      }
    }
    schema_parts_.push_back(definition);
  } else if (node.kind == NodeKind::kSchemaExtension) {
    schema_parts_.push_back(definition);
  } else if (!is_type_system(node.kind)) {
    errors_.add(place, "A schema has only definitions of types and directives.");
  }
}

void SchemaBuilder::declare_types() {
  for (const Definition& extension : type_extensions_) {
    const Node& node = *extension.node;
    const auto found = type_parts_.find(node.name_text());
    if (found == type_parts_.end()) {
      std::vector<std::string_view> names(type_order_.begin(), type_order_.end());
      errors_.add({extension.source, node.name->start},
                  fmt::format("Cannot extend type \"{}\" because it is not defined.{}",
                              node.name_text(), did_you_mean(suggest(node.name_text(), names))));
    } else if (kind_of(found->second[0].node->kind) != kind_of(node.kind)) {
      errors_.add(
          {extension.source, node.start},
          fmt::format("Cannot extend type \"{}\" as another kind of type.", node.name_text()));
    } else {
      found->second.push_back(extension);
    }
  }
  for (const std::string& name : type_order_) {
    const Definition& part = type_parts_[name][0];
    auto type = std::make_unique<NamedType>();
    type->kind = kind_of(part.node->kind);
    type->id = static_cast<uint32_t>(schema_.types_.size());
    type->name = name;
    type->description = description_of(*part.node);
    type->is_built_in = part.source < built_in_sources_;
    type->place = {part.source, part.node->start};
    type->type.named = type.get();
    schema_.by_name_.emplace(type->name, type.get());
    schema_.types_.push_back(std::move(type));
  }
}

const Type* SchemaBuilder::type_of(const Node& node, uint32_t source) {
  const Type* type = schema_.type_of(node);
  if (type != nullptr) return type;
  const Node* named = &node;
  while (named->kind != NodeKind::kNamedType) named = named->type;
  std::vector<std::string_view> names(type_order_.begin(), type_order_.end());
  errors_.add({source, named->start},
              fmt::format("Unknown type \"{}\".{}", named->name_text(),
                          did_you_mean(suggest(named->name_text(), names))));
  return &schema_.types_[0]->type;
}

std::vector<InputValue> SchemaBuilder::input_values(NodeList nodes, uint32_t source,
                                                    std::string_view what) {
  std::vector<InputValue> values;
  for (const Node* node : nodes) {
    check_name(*node->name, source);
    InputValue value;
    value.name = node->name_text();
    value.description = description_of(*node);
    value.type = type_of(*node->type, source);
    value.default_node = node->value;
    value.place = {source, node->start};
    if (!value.type->named->is_input()) {
      errors_.add({source, node->type->start},
                  fmt::format("The type of \"{}\" must be an input type but got: \"{}\".",
                              value.name, value.type->to_string()));
    }
    if (has_name(values, value.name)) {
      errors_.add(value.place,
                  fmt::format("{} \"{}\" can only be defined once.", what, value.name));
    }
    values.push_back(std::move(value));
  }
  return values;
}

void SchemaBuilder::define_directives() {
  for (const Definition& part : directive_parts_) {
    auto directive = std::make_unique<DirectiveDefinition>();
    directive->name = part.node->name_text();
    directive->description = description_of(*part.node);
    directive->arguments = input_values(part.node->arguments, part.source, "Argument");
    directive->is_repeatable = part.node->flag;
    directive->place = {part.source, part.node->start};
    for (const Node* location : part.node->items) {
      directive->locations.emplace_back(location->text);
    }
    schema_.directive_by_name_.emplace(directive->name, directive.get());
    schema_.directives_.push_back(std::move(directive));
  }
}

void SchemaBuilder::define_types() {
  for (auto& type : schema_.types_) define_type(*type, type_parts_[type->name]);
}

void SchemaBuilder::define_type(NamedType& type, const Parts& parts) {
  for (const Definition& part : parts) {
    switch (type.kind) {
      case TypeKind::kObject:
      case TypeKind::kInterface:
        define_interfaces(type, part);
        define_fields(type, part);
        break;
      case TypeKind::kScalar: break;
      default: define_members(type, part);
    }
  }
  for (uint32_t i = 0; i < type.fields.size(); ++i) type.index_.emplace(type.fields[i].name, i);
  for (uint32_t i = 0; i < type.values.size(); ++i) type.index_.emplace(type.values[i].name, i);
  for (uint32_t i = 0; i < type.input_fields.size(); ++i) {
    type.index_.emplace(type.input_fields[i].name, i);
  }
}

void SchemaBuilder::define_interfaces(NamedType& type, const Definition& part) {
  for (const Node* node : part.node->interfaces) {
    const NamedType* interface = type_of(*node, part.source)->named;
    const SourcePlace place{part.source, node->start};
    if (interface->kind != TypeKind::kInterface) {
      errors_.add(place, fmt::format("Type {} must only implement Interface types, it cannot "
                                     "implement {}.",
                                     type.name, interface->name));
    } else if (std::find(type.interfaces.begin(), type.interfaces.end(), interface) !=
               type.interfaces.end()) {
      errors_.add(place,
                  fmt::format("Type {} can only implement {} once.", type.name, interface->name));
    } else {
      type.interfaces.push_back(interface);
    }
  }
}

void SchemaBuilder::define_fields(NamedType& type, const Definition& part) {
  for (const Node* node : part.node->items) {
    check_name(*node->name, part.source);
    FieldDefinition field;
    field.name = node->name_text();
    field.description = description_of(*node);
    field.type = type_of(*node->type, part.source);
    field.arguments = input_values(node->arguments, part.source, "Argument");
    field.parent = &type;
    field.ordinal = static_cast<uint32_t>(type.fields.size());
    field.place = {part.source, node->start};
    if (field.type->named->kind == TypeKind::kInputObject) {
      errors_.add(field.place, fmt::format("The type of {}.{} must be Output Type but got: {}.",
                                           type.name, field.name, field.type->to_string()));
    }
    if (has_name(type.fields, field.name)) {
      errors_.add(field.place,
                  fmt::format("Field \"{}.{}\" can only be defined once.", type.name, field.name));
    } else {
      type.fields.push_back(std::move(field));
    }
  }
}

void SchemaBuilder::define_members(NamedType& type, const Definition& part) {
  if (type.kind == TypeKind::kInputObject) {
    for (InputValue& value : input_values(part.node->items, part.source, "Field")) {
      if (has_name(type.input_fields, value.name)) {
        errors_.add(value.place, fmt::format("Field \"{}.{}\" can only be defined once.", type.name,
                                             value.name));
      } else {
        type.input_fields.push_back(std::move(value));
      }
    }
    return;
  }
  for (const Node* node : part.node->items) {
    const SourcePlace place{part.source, node->start};
    if (type.kind == TypeKind::kEnum) {
      check_name(*node->name, part.source);
      if (has_name(type.values, node->name_text())) {
        errors_.add(place, fmt::format("Enum value \"{}.{}\" can only be defined once.", type.name,
                                       node->name_text()));
      }
      type.values.push_back(
          {std::string(node->name_text()), description_of(*node), std::nullopt, {}, place});
      continue;
    }
    const NamedType* member = type_of(*node, part.source)->named;
    if (member->kind != TypeKind::kObject) {
      errors_.add(place, fmt::format("Union type {} can only include Object types, it cannot "
                                     "include {}.",
                                     type.name, member->name));
    } else if (std::find(type.possible_types.begin(), type.possible_types.end(), member) !=
               type.possible_types.end()) {
      errors_.add(place, fmt::format("Union type {} can only include type {} once.", type.name,
                                     member->name));
    } else {
      type.possible_types.push_back(member);
    }
  }
}

void SchemaBuilder::find_possible_types() {
  for (auto& type : schema_.types_) {
    if (type->kind != TypeKind::kObject) continue;
    for (const NamedType* interface : type->interfaces) {
      schema_.types_[interface->id]->possible_types.push_back(type.get());
    }
  }
  for (auto& type : schema_.types_) {
    type->possible_.resize(type->is_abstract() ? schema_.types_.size() : 0);
    for (const NamedType* possible : type->possible_types) type->possible_[possible->id] = true;
  }
}

void SchemaBuilder::define_roots() {
  static constexpr std::string_view kDefaults[] = {"Query", "Mutation", "Subscription"};
  const bool defined =
      std::any_of(schema_parts_.begin(), schema_parts_.end(),
                  [](const auto& part) { return part.node->kind == NodeKind::kSchemaDefinition; });
  for (size_t i = 0; i < 3 && !defined; ++i) {
    const NamedType* type = schema_.type(kDefaults[i]);
    if (type != nullptr && type->kind == TypeKind::kObject) schema_.roots_[i] = type;
  }
  for (const Definition& part : schema_parts_) {
    if (part.node->description != nullptr) schema_.description_ = description_of(*part.node);
    for (const Node* item : part.node->items) {
      const NamedType* type = type_of(*item->type, part.source)->named;
      const NamedType*& root = schema_.roots_[static_cast<size_t>(item->operation)];
      const SourcePlace place{part.source, item->start};
      if (root != nullptr) {
        errors_.add(place, fmt::format("There can be only one {} type in schema.",
                                       name_of(item->operation)));
      } else if (type->kind != TypeKind::kObject) {
        errors_.add(place, fmt::format("The {} root type must be Object type, it cannot be {}.",
                                       name_of(item->operation), type->name));
      }
      root = type;
    }
  }
}

void SchemaBuilder::define_meta_fields() {
  const auto non_null = [&](std::string_view name) {
    return schema_.non_null_of(&schema_.by_name_.at(name)->type);
  };
  schema_.typename_field_.name = "__typename";
  schema_.typename_field_.type = non_null("String");
  schema_.schema_field_.name = "__schema";
  schema_.schema_field_.type = non_null("__Schema");
  schema_.type_field_.name = "__type";
  schema_.type_field_.type = &schema_.by_name_.at("__Type")->type;
  InputValue name;
  name.name = "name";
  name.type = non_null("String");
  schema_.type_field_.arguments.push_back(std::move(name));
}

// Defaults may need those of other input objects. True when this one is done.
bool SchemaBuilder::coerce_default(InputValue& value) {
  if (value.default_node == nullptr || value.default_value) return true;
  bool valid = true;
  check_literal(*value.default_node, *value.type, nullptr,
                [&](const Node& node, std::string message) {
                  errors_.add({value.place.source, node.start}, std::move(message));
                  valid = false;
                });
  if (!valid) return true;
  Value coerced;
  const auto outcome = coerce_literal(*value.default_node, *value.type, nullptr, coerced);
  if (!outcome.ok()) {
    errors_.add(value.place, outcome.error().message());
    return true;
  }
  value.default_text = print(*value.default_node);
  value.default_value = std::move(coerced);
  return true;
}

void SchemaBuilder::coerce_defaults() {
  // An input object's defaults hold those of the objects within it: the inner ones come first.
  // Nested defaults that go in a circle are refused by validate_schema.
  std::vector<uint8_t> state(schema_.types_.size(), 0);  // 1: under way, 2: done
  const auto visit = [&](auto& self, NamedType& type) -> void {
    if (state[type.id] != 0) return;
    state[type.id] = 1;
    for (InputValue& field : type.input_fields) {
      if (field.type->named->kind == TypeKind::kInputObject) self(self, *field.type->named);
    }
    for (InputValue& field : type.input_fields) coerce_default(field);
    state[type.id] = 2;
  };
  for (auto& type : schema_.types_) {
    if (type->kind == TypeKind::kInputObject) visit(visit, *type);
  }
  for (auto& type : schema_.types_) {
    for (FieldDefinition& field : type->fields) {
      for (InputValue& argument : field.arguments) coerce_default(argument);
    }
  }
  for (auto& directive : schema_.directives_) {
    for (InputValue& argument : directive->arguments) coerce_default(argument);
  }
}

}  // namespace firn::graphql
