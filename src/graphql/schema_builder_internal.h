#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/schema.h"

namespace firn::graphql {

// Collects what is wrong with a schema, bounded.
class SchemaErrors {
 public:
  explicit SchemaErrors(const Schema& schema) : schema_(schema) {}
  void add(SourcePlace place, std::string message);
  bool empty() const { return messages_.empty(); }
  Error error() const;

 private:
  const Schema& schema_;
  std::vector<std::string> messages_;
};

// Definitions and their extensions to types. One use.
class SchemaBuilder {
 public:
  explicit SchemaBuilder(Schema& schema) : schema_(schema), errors_(schema) {}
  Status build(const std::vector<SchemaSource>& sources);

 private:
  struct Definition {
    const Node* node = nullptr;
    uint32_t source = 0;
  };
  // A definition and its extensions, in order.
  using Parts = std::vector<Definition>;

  Status parse_sources(const std::vector<SchemaSource>& sources);
  void collect(const Definition& definition);
  void declare_types();
  void define_directives();
  void define_types();
  void define_type(NamedType& type, const Parts& parts);
  void define_fields(NamedType& type, const Definition& part);
  void define_members(NamedType& type, const Definition& part);
  void define_interfaces(NamedType& type, const Definition& part);
  void hide_unused_scalars();
  void find_possible_types();
  void define_roots();
  void define_meta_fields();
  void coerce_defaults();
  bool coerce_default(InputValue& value);
  void apply_directives();
  void apply(NodeList nodes, uint32_t source, std::string_view location,
             std::vector<AppliedDirective>& into);
  void apply_to_type(NamedType& type, const Parts& parts);
  void apply_to_inputs(std::vector<InputValue>& values, NodeList nodes, uint32_t source,
                       std::string_view location);

  std::vector<InputValue> input_values(NodeList nodes, uint32_t source, std::string_view what);
  const Type* type_of(const Node& node, uint32_t source);
  void check_name(const Node& name, uint32_t source);

  Schema& schema_;
  SchemaErrors errors_;
  uint32_t built_in_sources_ = 1;
  std::vector<std::string> type_order_;
  std::map<std::string, Parts, std::less<>> type_parts_;
  std::vector<Definition> directive_parts_;
  std::vector<Definition> schema_parts_;
  std::vector<Definition> type_extensions_;
};

// Section 3's rules for a schema whose types are defined.
void validate_schema(const Schema& schema, SchemaErrors& errors);

}  // namespace firn::graphql
