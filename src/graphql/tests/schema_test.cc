#include "graphql/schema.h"

#include <gtest/gtest.h>

#include "graphql/printer.h"

namespace firn::graphql {
namespace {

std::string problems(const std::string& sdl) {
  const auto schema = Schema::build({{"test.graphql", sdl}});
  return schema.ok() ? "" : schema.error().message();
}

TEST(SchemaTest, what_is_wrong_is_said_with_its_place) {
  EXPECT_EQ(problems("type Query { a: Int }"), "");
  EXPECT_EQ(problems("type Query {\n  a: Nope }"), "test.graphql:2:6: Unknown type \"Nope\".");
  EXPECT_EQ(problems("type Query { a: Int a: Int }"),
            "test.graphql:1:21: Field \"Query.a\" can only be defined once.");
  EXPECT_EQ(problems("type Query {"),
            "test.graphql:1:13: Syntax Error: Expected Name, found <EOF>.");
  EXPECT_NE(problems("type Other { a: Int }"), "");
  EXPECT_EQ(problems("type Query { a(b: Int = \"x\"): Int }"),
            "test.graphql:1:25: Int cannot represent non-integer value: \"x\"");
  EXPECT_EQ(problems("type Query { a: Int @nope }"),
            "test.graphql:1:21: Unknown directive \"@nope\".");
  EXPECT_EQ(problems("interface I { a: Int! } type Query implements I { a: Int }"),
            "test.graphql:1:51: Interface field I.a expects type Int! but Query.a is type Int.");
  EXPECT_EQ(problems("type Query { a(i: I): Int } input I { i: I! }"),
            "test.graphql:1:39: Cannot reference Input Object I within itself through a series of "
            "non-null fields or defaults: I.i.");
  EXPECT_EQ(problems("type Query { a(i: I): Int } input I @oneOf { i: Int! }"),
            "test.graphql:1:46: OneOf input field I.i must be nullable.");
  EXPECT_EQ(problems("extend type Nope { a: Int } type Query { a: Int }"),
            "test.graphql:1:13: Cannot extend type \"Nope\" because it is not defined.");
}

TEST(SchemaTest, extensions_belong_to_their_types) {
  const auto schema =
      MUST(Schema::build({{"a", "type Query { a: Int } enum E { A }"},
                          {"b", "extend type Query { b(e: E = B): E } extend enum E { B }"}}));
  const NamedType* query = schema->root(OperationKind::kQuery);
  ASSERT_EQ(query->fields.size(), 2u);
  EXPECT_EQ(query->fields[1].arguments[0].default_value->text, "B");
}

TEST(SchemaTest, a_document_prints_as_itself) {
  const std::string text =
      "query Q($a: [Int!]! = [1, 2] @x) @y(z: {a: 1, b: \"s\"}) {\n  k: f(a: $a) @skip(if: true) "
      "{\n"
      "    ... on T {\n      id\n    }\n    ...F\n  }\n}\n\nfragment F on T {\n  id\n}";
  const auto parsed = parse(text);
  ASSERT_TRUE(parsed.document);
  EXPECT_EQ(print(parsed.document->root()),
            "query Q($a: [Int!]! = [1, 2] @x) @y(z: { a: 1, b: \"s\" }) {\n  k: f(a: $a) @skip(if: "
            "true) {\n"
            "    ... on T {\n      id\n    }\n    ...F\n  }\n}\n\nfragment F on T {\n  id\n}");
}

TEST(ParserTest, nesting_and_tokens_are_bounded) {
  ParseOptions options;
  options.tokens_max = 5;
  EXPECT_TRUE(parse("{ a b c }", options).document);
  const auto over = parse("{ a b c d }", options);
  EXPECT_FALSE(over.document);
  EXPECT_TRUE(over.over_limit);
  std::string deep;
  for (int i = 0; i < 50'000; ++i) deep += "{a";
  EXPECT_TRUE(parse(deep).over_limit);
  deep = "{a(b:" + std::string(90'000, '[');
  EXPECT_TRUE(parse(deep).over_limit);
}

TEST(ParserTest, an_empty_selection_is_refused_unless_asked_for) {
  EXPECT_FALSE(parse("{ }").document);
  ParseOptions options;
  options.empty_selections = true;
  EXPECT_TRUE(parse("{ }", options).document);
}

}  // namespace
}  // namespace firn::graphql
