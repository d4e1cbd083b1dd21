#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "graphql/document.h"
#include "graphql/node.h"
#include "graphql/value.h"

namespace firn::graphql {

enum class TypeKind : uint8_t { kScalar, kObject, kInterface, kUnion, kEnum, kInputObject };

struct NamedType;

// A named type, or a list or non-null of one. Interned by the schema: equal types are one object.
struct Type {
  enum class Wrap : uint8_t { kNamed, kList, kNonNull };
  Wrap wrap = Wrap::kNamed;
  const Type* of = nullptr;    // what is wrapped
  NamedType* named = nullptr;  // the innermost
  const Type* list = nullptr;  // [this], once somebody asked for it
  const Type* non_null = nullptr;

  bool is_non_null() const { return wrap == Wrap::kNonNull; }
  bool is_list() const { return wrap == Wrap::kList; }
  const Type* nullable() const { return is_non_null() ? of : this; }
  std::string to_string() const;
};

// A directive where the schema applies it; `arguments` is an object with defaults filled in.
struct AppliedDirective {
  std::string name;
  Value arguments;
};

// Where something is defined.
struct SourcePlace {
  uint32_t source = 0;  // index of the file
  uint32_t offset = 0;  // in bytes
};

struct InputValue {
  std::string name;
  std::string description;
  const Type* type = nullptr;
  std::optional<Value> default_value;  // coerced
  const Node* default_node = nullptr;
  std::string default_text;  // as introspection shows it
  std::optional<std::string> deprecation;
  std::vector<AppliedDirective> directives;
  SourcePlace place;

  bool is_required() const { return type->is_non_null() && !default_value; }
};

struct FieldDefinition {
  std::string name;
  std::string description;
  const Type* type = nullptr;
  std::vector<InputValue> arguments;
  std::optional<std::string> deprecation;
  std::vector<AppliedDirective> directives;
  const NamedType* parent = nullptr;
  uint32_t ordinal = 0;  // among the fields of `parent`, in order of definition
  SourcePlace place;

  const InputValue* argument(std::string_view name) const;
  const AppliedDirective* directive(std::string_view name) const;
};

struct EnumValue {
  std::string name;
  std::string description;
  std::optional<std::string> deprecation;
  std::vector<AppliedDirective> directives;
  SourcePlace place;
};

// Whether a scalar takes an input; InvalidArgument says why not.
using ScalarCheck = std::function<Status(const Value&)>;

struct NamedType {
  TypeKind kind = TypeKind::kScalar;
  uint32_t id = 0;  // index in Schema::types()
  std::string name;
  std::string description;
  std::vector<FieldDefinition> fields;           // objects, interfaces
  std::vector<InputValue> input_fields;          // input objects
  std::vector<EnumValue> values;                 // enums
  std::vector<const NamedType*> interfaces;      // objects, interfaces
  std::vector<const NamedType*> possible_types;  // unions, interfaces: object types
  std::vector<AppliedDirective> directives;
  std::optional<std::string> specified_by_url;
  bool is_one_of = false;
  bool is_built_in = false;
  ScalarCheck check;  // scalars other than the built-in ones; null: anything goes
  SourcePlace place;
  Type type;  // this type, unwrapped

  bool is_composite() const {
    return kind == TypeKind::kObject || kind == TypeKind::kInterface || kind == TypeKind::kUnion;
  }
  bool is_abstract() const { return kind == TypeKind::kInterface || kind == TypeKind::kUnion; }
  bool is_leaf() const { return kind == TypeKind::kScalar || kind == TypeKind::kEnum; }
  bool is_input() const { return is_leaf() || kind == TypeKind::kInputObject; }
  const FieldDefinition* field(std::string_view name) const;
  const InputValue* input_field(std::string_view name) const;
  const EnumValue* value(std::string_view name) const;
  const AppliedDirective* directive(std::string_view name) const;

 private:
  friend class SchemaBuilder;
  friend class Schema;
  std::unordered_map<std::string_view, uint32_t> index_;  // of fields, input fields or values
  std::vector<bool> possible_;                            // by id
};

struct DirectiveDefinition {
  std::string name;
  std::string description;
  std::vector<InputValue> arguments;
  std::vector<std::string> locations;
  bool is_repeatable = false;
  std::optional<std::string> deprecation;
  SourcePlace place;

  const InputValue* argument(std::string_view name) const;
  bool allows(std::string_view location) const;
};

// A file of a schema; the name is for messages.
struct SchemaSource {
  std::string name;
  std::string text;
};

// Section 3 of the specification: the types and directives of a service. Immutable once built, so
// any number of threads may read it.
class Schema {
 public:
  // From type system definitions and extensions in any number of files. Errors: InvalidArgument,
  // with everything that is wrong, a line each: "file:line:column: what".
  static Result<std::shared_ptr<Schema>> build(const std::vector<SchemaSource>& sources);

  // Null for a built-in scalar that the schema does not use, as for an unknown name.
  const NamedType* type(std::string_view name) const;
  // A scalar or introspection type that is built in, used or not.
  bool is_standard_type(std::string_view name) const;
  // Built-in ones too, in order of definition.
  const std::vector<std::unique_ptr<NamedType>>& types() const { return types_; }
  const std::vector<std::unique_ptr<DirectiveDefinition>>& directives() const {
    return directives_;
  }
  const DirectiveDefinition* directive(std::string_view name) const;
  const NamedType* root(OperationKind kind) const { return roots_[static_cast<size_t>(kind)]; }
  const std::string& description() const { return description_; }

  // The field of a composite type, the introspection fields included; null where there is none.
  const FieldDefinition* field(const NamedType& parent, std::string_view name) const;
  const FieldDefinition* typename_field() const { return &typename_field_; }
  const FieldDefinition* schema_field() const { return &schema_field_; }
  const FieldDefinition* type_field() const { return &type_field_; }

  // The type that a syntax node names, null where the name is unknown. The schema may have to make
  // a list or non-null type for it: these are kept, and shared by threads.
  const Type* type_of(const Node& node) const;
  bool is_possible(const NamedType& abstract, const NamedType& object) const;
  bool overlap(const NamedType& a, const NamedType& b) const;
  // `sub` may stand where `super` is expected.
  bool is_sub_type(const Type& sub, const Type& super) const;

  // Before the schema is shared: how inputs of a custom scalar are checked.
  void set_scalar_check(std::string_view scalar, ScalarCheck check);
  // "file:line:column".
  std::string describe(SourcePlace place) const;

 private:
  friend class SchemaBuilder;
  struct Wrappers;

  Schema();
  const Type* list_of(const Type* type) const;
  const Type* non_null_of(const Type* type) const;

  std::vector<std::pair<std::string, std::shared_ptr<const Document>>> documents_;
  std::vector<std::unique_ptr<NamedType>> types_;
  std::vector<std::unique_ptr<DirectiveDefinition>> directives_;
  std::unordered_map<std::string_view, NamedType*> by_name_;
  std::unordered_map<std::string_view, DirectiveDefinition*> directive_by_name_;
  std::array<const NamedType*, 3> roots_{};
  std::string description_;
  FieldDefinition typename_field_;
  FieldDefinition schema_field_;
  FieldDefinition type_field_;
  std::shared_ptr<Wrappers> wrappers_;
};

}  // namespace firn::graphql
