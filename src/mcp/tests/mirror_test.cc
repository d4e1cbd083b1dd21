#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "graphql/json.h"
#include "mcp/json_rpc.h"
#include "mcp/mirror/answer.h"
#include "mcp/mirror/schema_text.h"
#include "mcp/mirror/selection.h"
#include "mcp/mirror/tool.h"

namespace firn::mcp {
namespace {

// Firn's own schema, with more where a test wants more.
std::shared_ptr<graphql::Schema> schema_with(const std::string& more = "") {
  std::vector<graphql::SchemaSource> sources;
  for (const auto& file : std::filesystem::directory_iterator(FIRN_SOURCE_DIR "/schema")) {
    if (file.path().extension() != ".graphql") continue;
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    sources.push_back({file.path().string(), text.str()});
  }
  if (!more.empty()) sources.push_back({"schema/more.graphql", more});
  auto schema = graphql::Schema::build(sources);
  EXPECT_TRUE(schema.ok()) << (schema.ok() ? "" : schema.error().message());
  return *schema;
}

const Tool* find(const std::vector<Tool>& tools, std::string_view name) {
  const auto found = std::find_if(tools.begin(), tools.end(),
                                  [&](const Tool& tool) { return tool.name() == name; });
  return found == tools.end() ? nullptr : &*found;
}

Json parsed(const std::string& text) {
  auto json = graphql::parse_json(text);
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? *json : Json();
}

TEST(MirrorTest, a_field_that_is_added_to_the_schema_is_a_tool) {
  const auto before = schema_with();
  const auto after = schema_with(R"(
enum Size { SMALL LARGE }
"How many and where."
input Where @oneOf { near: String "In degrees." at: [Float!] }
extend type Mutation {
  "Counts the stars again."
  countStars(size: Size! = LARGE, where: Where, atLeast: Int!): [String!] @auth(role: EDITOR) @tool(idempotent: true)
})");
  const auto old_tools = make_tools(*before);
  const auto tools = make_tools(*after);
  EXPECT_EQ(find(old_tools, "countStars"), nullptr);
  EXPECT_EQ(tools.size(), old_tools.size() + 1);
  const Tool* tool = find(tools, "countStars");
  ASSERT_NE(tool, nullptr);
  EXPECT_EQ(tool->toolset, "more");
  EXPECT_EQ(tool->document,
            "mutation($size: Size, $where: Where, $atLeast: Int!) { countStars(size: $size, where: "
            "$where, atLeast: $atLeast)");
  const Json listed = parsed(tool->listed);
  EXPECT_EQ(listed.field("title")->text, "Count stars");
  EXPECT_EQ(listed.field("description")->text, "Counts the stars again.");
  const Json& input = *listed.field("inputSchema");
  EXPECT_EQ(input.field("required")->to_json(), R"(["atLeast"])");
  EXPECT_EQ(input.field("properties")->field("size")->to_json(),
            R"({"type":"string","enum":["SMALL","LARGE"],"default":"LARGE"})");
  EXPECT_EQ(
      input.field("$defs")->field("Where")->to_json(),
      R"({"type":"object","properties":{"near":{"type":"string"},"at":{"type":"array",)"
      R"("items":{"type":"number"},"description":"In degrees."}},"additionalProperties":false,)"
      R"("minProperties":1,"maxProperties":1,"description":"How many and where."})");
  EXPECT_EQ(listed.field("annotations")->to_json(),
            R"({"readOnlyHint":false,"destructiveHint":false,"idempotentHint":true,)"
            R"("openWorldHint":false})");
}

TEST(MirrorTest, what_is_hidden_is_no_tool) {
  const auto schema = schema_with();
  const auto tools = make_tools(*schema);
  EXPECT_EQ(find(tools, "signIn"), nullptr);
  EXPECT_NE(find(tools, "dropTable"), nullptr);
}

TEST(SelectionTest, a_connection_is_its_nodes_and_its_page) {
  const auto schema = schema_with();
  const std::string selection = default_selection(*schema->type("TableConnection"));
  EXPECT_NE(selection.find("edges { node { id fullName"), std::string::npos) << selection;
  EXPECT_NE(selection.find("pageInfo { hasNextPage endCursor }"), std::string::npos);
  EXPECT_EQ(selection.find("sample"), std::string::npos);
}

TEST(SelectionTest, what_comes_from_rows_is_found) {
  const auto schema = schema_with();
  const auto& table = *schema->type("Table");
  EXPECT_FALSE(selects_untrusted(*schema, table, "{ id name }"));
  EXPECT_TRUE(selects_untrusted(*schema, table, "{ id comment }"));
  EXPECT_TRUE(selects_untrusted(*schema, table, "{ ... on Table { sample { rows } } }"));
  EXPECT_TRUE(selects_untrusted(*schema, table, "{ ...Unknown }"));
}

TEST(SelectionTest, a_selection_is_one_selection) {
  EXPECT_TRUE(check_selection("{ id edges { node { name } } }").ok());
  for (const char* wrong :
       {"{ }", "{ id } { id }", "{ id } } mutation { signOut }", "{ a: id }", "{ x { a: id } }",
        "{ ...F } fragment F on T { id }", "{ ...F }", "{ id # }", "{ id"}) {
    EXPECT_FALSE(check_selection(wrong).ok()) << wrong;
  }
}

graphql::Response response(std::string data) {
  graphql::Response made;
  made.body = "{\"data\":" + std::move(data) + "}";
  return made;
}

TEST(AnswerTest, a_long_list_is_cut_and_its_cursor_gives_the_rest) {
  std::string rows;
  for (int i = 0; i < 500; ++i) {
    rows += (i > 0 ? ",[" : "[") + std::to_string(i) + ",\"" + std::string(90, 'x') + "\"]";
  }
  const auto whole = response("{\"run\":{\"rows\":[" + rows + "],\"n\":500}}");
  AnswerOptions options;
  options.bytes_max = 10'000;
  int64_t next = 0;
  for (int page = 0; page < 100; ++page) {
    const Json result = parsed(tool_result(whole, options));
    const Json& data = *result.field("structuredContent");
    for (const Json& row : data.field("run")->field("rows")->items) {
      EXPECT_EQ(row.items[0].integer, next++);
    }
    EXPECT_LT(data.to_json().size(), 12'000U);
    const Json* cut = data.field("_cut");
    if (cut == nullptr) break;
    EXPECT_EQ(cut->field("of")->integer, 500);
    options.cursor = *read_cursor(cut->field("nextCursor")->text);
  }
  EXPECT_EQ(next, 500);
}

TEST(AnswerTest, a_long_text_is_cut_between_characters) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "é";
  const Json result = parsed(tool_result(response("{\"t\":\"" + text + "\"}"), {}));
  EXPECT_NE(result.field("structuredContent")->field("t")->text.find("more bytes were cut)"),
            std::string::npos);
}

TEST(AnswerTest, errors_without_data_are_text_and_with_data_come_beside_it) {
  graphql::Response failed;
  failed.has_errors = true;
  failed.body =
      R"({"data":{"a":null},"errors":[{"message":"no","extensions":{"code":"NOT_FOUND"}}]})";
  EXPECT_EQ(tool_result(failed, {}), tool_error("no (NOT_FOUND)"));
  failed.body = R"({"errors":[{"message":"syntax"}]})";
  EXPECT_EQ(tool_result(failed, {}), tool_error("syntax"));
  failed.body = R"({"data":{"a":null,"b":1},"errors":[{"message":"no"}]})";
  const Json result = parsed(tool_result(failed, {}));
  EXPECT_EQ(result.field("structuredContent")->to_json(), R"({"a":null,"b":1})");
  EXPECT_EQ(result.field("content")->items.back().field("text")->text, "Errors: no");
}

TEST(AnswerTest, what_is_no_cursor_is_refused) {
  for (const char* wrong : {"", "!!", "YQ==", "YTpi", "YToxeA=="}) {
    EXPECT_FALSE(read_cursor(wrong).ok()) << wrong;
  }
}

TEST(SchemaTextTest, fields_are_found_by_words_and_only_usable_ones) {
  const auto schema = schema_with();
  const auto all = [](const graphql::FieldDefinition&) { return true; };
  const auto none = [](const graphql::FieldDefinition&) { return false; };
  const auto hits = search_names(*schema, "roll back a table", 10, all);
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits[0].name, "rollBackTable");
  for (const auto& hit : search_names(*schema, "roll back a table", 50, none)) {
    EXPECT_TRUE(hit.kind == "type" || hit.kind == "field") << hit.name;
  }
  EXPECT_NE(describe_name(*schema, "Table.snapshots").find("type Snapshot {"), std::string::npos);
  EXPECT_EQ(describe_name(*schema, "Nothing"), "");
}

}  // namespace
}  // namespace firn::mcp
