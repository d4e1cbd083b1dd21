#include "graphql/built_in_types.h"

namespace firn::graphql {

const std::string_view kBuiltInTypes = R"(
"A signed whole number of 32 bits."
scalar Int
"A signed double-precision fractional number, as IEEE 754 has it."
scalar Float
"Text, as UTF-8."
scalar String
"`true` or `false`."
scalar Boolean
"A unique identifier. It is written as a string and means nothing to people; in input a string or a whole number."
scalar ID

"Leaves the field or fragment out when `if` is true."
directive @skip("Left out when true." if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"Takes the field or fragment in only when `if` is true."
directive @include("Taken in when true." if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"Marks what should no longer be used."
directive @deprecated("Why, and what to use instead, in Markdown." reason: String! = "No longer supported") on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE | DIRECTIVE_DEFINITION
"Says where the behavior of a custom scalar is specified."
directive @specifiedBy("The address of the specification." url: String!) on SCALAR
"Exactly one field of the input object has to be given, and not null."
directive @oneOf on INPUT_OBJECT

"The types and directives of this service."
type __Schema {
  description: String
  "All types."
  types: [__Type!]!
  "The type at which queries begin."
  queryType: __Type!
  "The type at which mutations begin, where there are any."
  mutationType: __Type
  "The type at which subscriptions begin, where there are any."
  subscriptionType: __Type
  "All directives."
  directives(includeDeprecated: Boolean! = false): [__Directive!]!
}

"A type, or a list or non-null of one (`ofType`). Which fields have a value depends on `kind`."
type __Type {
  kind: __TypeKind!
  name: String
  description: String
  specifiedByURL: String
  fields(includeDeprecated: Boolean! = false): [__Field!]
  interfaces: [__Type!]
  possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean! = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean! = false): [__InputValue!]
  ofType: __Type
  isOneOf: Boolean
}

"What a type is."
enum __TypeKind {
  "A scalar."
  SCALAR
  "An object; it has `fields` and `interfaces`."
  OBJECT
  "An interface; it has `fields`, `interfaces` and `possibleTypes`."
  INTERFACE
  "A union; it has `possibleTypes`."
  UNION
  "An enum; it has `enumValues`."
  ENUM
  "An input object; it has `inputFields`."
  INPUT_OBJECT
  "A list of `ofType`."
  LIST
  "`ofType`, but not null."
  NON_NULL
}

"A field of an object or interface."
type __Field {
  name: String!
  description: String
  args(includeDeprecated: Boolean! = false): [__InputValue!]!
  type: __Type!
  isDeprecated: Boolean!
  deprecationReason: String
}

"An argument, or a field of an input object."
type __InputValue {
  name: String!
  description: String
  type: __Type!
  "As it would be written in a document."
  defaultValue: String
  isDeprecated: Boolean!
  deprecationReason: String
}

"One value of an enum."
type __EnumValue {
  name: String!
  description: String
  isDeprecated: Boolean!
  deprecationReason: String
}

"A directive."
type __Directive {
  name: String!
  description: String
  isRepeatable: Boolean!
  locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean! = false): [__InputValue!]!
  isDeprecated: Boolean!
  deprecationReason: String
}

"Where a directive may stand."
enum __DirectiveLocation {
  "On a query."
  QUERY
  "On a mutation."
  MUTATION
  "On a subscription."
  SUBSCRIPTION
  "On a field."
  FIELD
  "On a fragment definition."
  FRAGMENT_DEFINITION
  "On a fragment spread."
  FRAGMENT_SPREAD
  "On an inline fragment."
  INLINE_FRAGMENT
  "On a variable definition."
  VARIABLE_DEFINITION
  "On a schema."
  SCHEMA
  "On a scalar."
  SCALAR
  "On an object type."
  OBJECT
  "On a field definition."
  FIELD_DEFINITION
  "On an argument definition."
  ARGUMENT_DEFINITION
  "On an interface."
  INTERFACE
  "On a union."
  UNION
  "On an enum."
  ENUM
  "On an enum value."
  ENUM_VALUE
  "On an input object type."
  INPUT_OBJECT
  "On a field of an input object type."
  INPUT_FIELD_DEFINITION
  "On a directive definition."
  DIRECTIVE_DEFINITION
}
)";

}  // namespace firn::graphql
