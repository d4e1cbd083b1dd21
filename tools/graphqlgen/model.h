#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "graphql/schema.h"

namespace firn::graphqlgen {

struct Options {
  std::string output_directory;
  std::string include_prefix;  // how the generated headers are included: "api/schema"
  std::string name_space;      // "firn::api::schema"
  std::vector<std::string> includes;
  std::map<std::string, std::string> scalars;  // GraphQL name -> C++ type
  std::vector<std::string> files;
};

// How the schema's types look in C++, and in which order they have to be defined.
class Model {
 public:
  // Errors: InvalidArgument, "file:line:column: what", for whatever has no C++ form, and for root
  // fields without a description or an @auth directive.
  static Result<Model> create(const graphql::Schema& schema, const Options& options);

  const graphql::Schema& schema() const { return *schema_; }
  const Options& options() const { return *options_; }

  // Object types that resolvers implement, and those that are plain structs; built-in ones left
  // out.
  std::vector<const graphql::NamedType*> classes() const { return classes_; }
  // Values and unions, each after what it holds by value.
  std::vector<const graphql::NamedType*> values() const { return values_; }
  std::vector<const graphql::NamedType*> inputs() const { return inputs_; }
  std::vector<const graphql::NamedType*> of_kind(graphql::TypeKind kind) const;
  static bool is_value(const graphql::NamedType& type);
  bool is_root(const graphql::NamedType& type) const;

  std::string output_type(const graphql::Type& type) const;
  std::string input_type(const graphql::InputValue& value) const;
  std::string scalar_type(const graphql::NamedType& type) const;
  static std::string arguments_name(const graphql::FieldDefinition& field);
  // An input object that holds itself, by way of others or not: held by pointer.
  bool is_recursive(const graphql::NamedType& input) const;

 private:
  Model(const graphql::Schema& schema, const Options& options)
      : schema_(&schema), options_(&options) {}
  Status check_scalars() const;
  Status check_roots() const;
  Status check_values() const;
  Status order_values();
  void order_inputs();
  std::string item_type(const graphql::Type& type) const;

  const graphql::Schema* schema_;
  const Options* options_;
  std::vector<const graphql::NamedType*> classes_;
  std::vector<const graphql::NamedType*> values_;
  std::vector<const graphql::NamedType*> inputs_;
};

}  // namespace firn::graphqlgen
