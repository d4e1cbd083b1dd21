#include "graphql/service.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "graphql/json.h"
#include "graphql/tests/library/library.h"

namespace firn::graphql {
namespace {

using library::Context;
using library::Data;

class ServiceTest : public testing::Test {
 protected:
  void make(ServiceOptions options = {}, int books = 9) {
    data_ = Data::make(books);
    if (options.runner == nullptr) options.runner = library::make_pool(4);
    options.authorizer = library::make_authorizer();
    service_ = MUST(library::make_library(data_, std::move(options)));
  }
  Response run_all(const std::string& document, const std::string& variables = "null",
                   const std::string& role = "LIBRARIAN") {
    if (service_ == nullptr) make();
    std::promise<Response> promise;
    service_->run(document, std::nullopt, MUST(parse_json(variables)),
                  std::make_shared<Context>(data_, role),
                  [&](Response response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }
  std::string run(const std::string& document, const std::string& variables = "null") {
    const Response response = run_all(document, variables);
    EXPECT_TRUE(parse_json(response.body).ok()) << response.body;
    return response.body;
  }

  std::shared_ptr<Data> data_;
  std::unique_ptr<Service> service_;
};

TEST_F(ServiceTest, values_that_are_there_at_once) {
  EXPECT_EQ(run("{ hello }"), R"({"data":{"hello":"world"}})");
  EXPECT_EQ(
      run(R"({ book(id: "b1") { id t: title genre pages weight published copies extra tags inPrint
                     default __typename shelf { room position labels neighbours { room labels keeper { id } } keeper { name } } } })"),
      R"({"data":{"book":{"id":"b1","t":"Book \"1\"","genre":"SCIENCE_FICTION","pages":11,)"
      R"("weight":5.5,"published":"1970-01-12T00:00:00.000Z","copies":1099511627776,)"
      R"("extra":{"pages":11},"tags":["a","b\n"],"inPrint":true,"default":"none",)"
      R"("__typename":"Book","shelf":{"room":"east","position":11,"labels":[],)"
      R"("neighbours":[{"room":"west","labels":["x",null],"keeper":null}],)"
      R"("keeper":{"name":"Author 0"}}}}})");
}

TEST_F(ServiceTest, siblings_load_in_one_batch) {
  EXPECT_EQ(run("{ books(first: 4) { edges { node { id author { name } mustAuthor { id } } } } }"),
            R"({"data":{"books":{"edges":[)"
            R"({"node":{"id":"b0","author":{"name":"Author 0"},"mustAuthor":{"id":"a0"}}},)"
            R"({"node":{"id":"b1","author":{"name":"Author 0"},"mustAuthor":{"id":"a0"}}},)"
            R"({"node":{"id":"b2","author":{"name":"Author 0"},"mustAuthor":{"id":"a0"}}},)"
            R"({"node":{"id":"b3","author":{"name":"Author 1"},"mustAuthor":{"id":"a1"}}}]}}})");
  EXPECT_EQ(data_->author_batches, 1);
  EXPECT_EQ(data_->authors_loaded, 2);
}

TEST_F(ServiceTest, coroutines_wait_for_the_pool) {
  EXPECT_EQ(run(R"({ book(id: "b0") { a: review b: review(stars: 5, words: ["so", "good"]) } })"),
            R"({"data":{"book":{"a":"3 of 5!","b":"5 of 5 so good!"}}})");
}

TEST_F(ServiceTest, null_goes_up_to_what_may_be_null) {
  EXPECT_EQ(
      run("{ hello broken }"),
      R"({"data":{"hello":"world","broken":null},"errors":[{"message":"it is broken",)"
      R"("locations":[{"line":1,"column":9}],"path":["broken"],"extensions":{"code":"NOT_FOUND"}}]})");
  EXPECT_EQ(
      run("{ hello mustBroken }"),
      R"({"data":null,"errors":[{"message":"it is broken","locations":[{"line":1,"column":9}],)"
      R"("path":["mustBroken"],"extensions":{"code":"NOT_FOUND"}}]})");
  EXPECT_EQ(run(R"({ hello book(id: "b0") { id mustReview title } })"),
            R"({"data":{"hello":"world","book":null},"errors":[{"message":"nobody has read it",)"
            R"("locations":[{"line":1,"column":29}],"path":["book","mustReview"],)"
            R"("extensions":{"code":"NOT_FOUND"}}]})");
  // From a list of a list's objects, later, past what had been written around it.
  EXPECT_EQ(
      run(R"({ book(id: "b0") { id similar { id author { id salary } } } hello })"),
      R"({"data":{"book":{"id":"b0","similar":[{"id":"b0","author":null},{"id":"b1","author":null}]},)"
      R"("hello":"world"},"errors":[{"message":"Internal error","locations":[{"line":1,"column":48}],)"
      R"("path":["book","similar",0,"author","salary"],"extensions":{"code":"INTERNAL"}},)"
      R"({"message":"Internal error","locations":[{"line":1,"column":48}],)"
      R"("path":["book","similar",1,"author","salary"],"extensions":{"code":"INTERNAL"}}]})");
  EXPECT_EQ(run(R"({ book(id: "b0") { similar { mustReview } } hello })").substr(0, 42),
            R"({"data":{"book":null,"hello":"world"},"err)");
}

TEST_F(ServiceTest, unions_and_interfaces) {
  EXPECT_EQ(
      run(R"({ search(text: "b0") { __typename ... on Book { title } ... on Node { id } ... on Pamphlet { text } } })"),
      R"({"data":{"search":[{"__typename":"Book","title":"Book \"0\"","id":"b0"},)"
      R"({"__typename":"Author","id":"a0"},{"__typename":"Pamphlet","id":"p","text":"b0"}]}})");
  EXPECT_EQ(
      run(R"({ a: node(id: "a1") { id ... on Author { name } } p: node(id: "p") { id ... on Pamphlet { text } } n: node(id: "?") { id } })"),
      R"({"data":{"a":{"id":"a1","name":"Author 1"},"p":{"id":"p","text":"read me"},"n":null}})");
}

TEST_F(ServiceTest, arguments_absent_null_and_given) {
  EXPECT_EQ(run("{ echo(int: null, string: \"x\", json: {a: [1, $x]}) }").substr(0, 10),
            "{\"errors\":");
  EXPECT_EQ(
      run(R"(query ($x: Int = 7, $l: [Int], $y: Long, $s: String) { echo(int: null, string: $s, id: 5, long: $y, json: {a: [1, $x, E]}, list: $l, filter: {}) })",
          R"({"y": "123456789012", "l": 7})"),
      R"({"data":{"echo":{"int":null,"float":"absent","string":"absent","id":"5","boolean":"absent",)"
      R"("long":123456789012,"time":"absent","json":{"a":[1,7,"E"]},"genre":"NOVEL","list":[7],"minPages":0}}})");
}

TEST_F(ServiceTest, wrong_variables_are_refused) {
  const Response response = run_all("query ($id: ID!) { book(id: $id) { id } }", R"({"id": 1.5})");
  EXPECT_EQ(response.outcome, Outcome::kInvalid);
  EXPECT_EQ(
      response.body,
      R"({"errors":[{"message":"Variable \"$id\" has invalid value: ID cannot represent value: 1.5",)"
      R"("locations":[{"line":1,"column":8}],"extensions":{"code":"BAD_USER_INPUT"}}]})");
}

TEST_F(ServiceTest, skip_and_include_by_variables) {
  const std::string document = R"(query ($yes: Boolean!, $no: Boolean!) {
    a: hello @include(if: $yes) b: hello @include(if: $no) c: hello @skip(if: $no)
    book(id: "b0") @include(if: $no) { id }
    ... @include(if: $yes) { book(id: "b0") { title } d: hello @skip(if: $yes) } })";
  EXPECT_EQ(run(document, R"({"yes": true, "no": false})"),
            R"({"data":{"a":"world","c":"world","book":{"title":"Book \"0\""}}})");
  EXPECT_EQ(run(document, R"({"yes": false, "no": true})"),
            R"({"data":{"b":"world","book":{"id":"b0"}}})");
}

TEST_F(ServiceTest, mutations_run_one_after_another) {
  EXPECT_EQ(
      run(R"(mutation { a: append(text: "1") fail b: append(text: "2") c: append(text: "3") })"),
      R"({"data":{"a":["1"],"fail":null,"b":["1","2"],"c":["1","2","3"]},"errors":[{"message":)"
      R"("it fails","locations":[{"line":1,"column":33}],"path":["fail"],)"
      R"("extensions":{"code":"BAD_USER_INPUT"}}]})");
}

TEST_F(ServiceTest, guarded_fields_ask_the_authorizer) {
  EXPECT_EQ(
      run("{ forbidden hello }"),
      R"({"data":{"forbidden":null,"hello":"world"},"errors":[{"message":"you may not see forbidden",)"
      R"("locations":[{"line":1,"column":3}],"path":["forbidden"],"extensions":{"code":"FORBIDDEN"}}]})");
  EXPECT_FALSE(run_all(R"({ book(id: "b0") { price } })", "null").has_errors);
  EXPECT_TRUE(run_all(R"({ book(id: "b0") { price } })", "null", "READER").has_errors);
}

TEST_F(ServiceTest, a_full_pool_is_an_error_of_the_field) {
  ServiceOptions options;
  options.runner = library::make_pool(1, 0);
  make(std::move(options));
  EXPECT_EQ(run("{ hello a: sleep(ms: 1) }").substr(0, 44),
            R"({"data":null,"errors":[{"message":"the serve)");
}

TEST_F(ServiceTest, run_time_is_limited) {
  ServiceOptions options;
  options.run_time_max = std::chrono::milliseconds(50);
  make(std::move(options));
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(
      run("{ sleep(ms: 400) }"),
      R"({"data":null,"errors":[{"message":"the operation took too long","extensions":{"code":"DEADLINE_EXCEEDED"}}]})");
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(350));
}

TEST_F(ServiceTest, limits_hold_at_n_and_not_at_n_plus_1) {
  ServiceOptions options;
  options.limits = {.tokens_max = 40,
                    .depth_max = 3,
                    .aliases_max = 2,
                    .page_size_max = 5,
                    .page_size_default = 4,
                    .cost_max = 12,
                    .fields_max = 8};
  make(std::move(options));
  const std::pair<std::string, std::string> cases[] = {
      {"{ books(first: 1) { pageInfo { endCursor } } }",
       R"({ book(id: "b0") { shelf { keeper { id } } } })"},
      {"{ a: hello b: hello }", "{ a: hello b: hello c: hello }"},
      {"{ books(first: 5) { totalCount } }", "{ books(first: 6) { totalCount } }"},
      // 1 + 5 * (1 + 1), and a mutation's worth more
      {"{ books(first: 5) { edges { cursor } pageInfo { endCursor } } }",
       "{ books(first: 5) { edges { cursor } pageInfo { endCursor } } allBooks { id } }"},
      {"{ a: hello b: broken hello broken __typename c: __typename d: mustBroken mustBroken }",
       "{ a: hello b: broken hello broken __typename c: __typename d: mustBroken mustBroken e: "
       "echo }"},
  };
  for (const auto& [allowed, refused] : cases) {
    EXPECT_EQ(run_all(allowed).outcome, Outcome::kExecuted) << allowed;
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(run_all(refused).outcome, Outcome::kInvalid) << refused;
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(10));
  }
  std::string tokens = "{ echo(list: [" + std::string(2 * 31, ' ') + "]) }";
  for (size_t i = 0; i < 31; ++i) tokens[14 + 2 * i] = '1';
  EXPECT_EQ(run_all(tokens).outcome, Outcome::kExecuted);
  tokens.insert(14, "1 ");
  EXPECT_EQ(run_all(tokens).outcome, Outcome::kInvalid);
  // By a variable
  const std::string paged = "query ($n: Int) { books(first: $n) { totalCount } }";
  EXPECT_EQ(run_all(paged, R"({"n": 5})").outcome, Outcome::kExecuted);
  EXPECT_EQ(run_all(paged, R"({"n": 6})").outcome, Outcome::kInvalid);
}

TEST_F(ServiceTest, what_grows_exponentially_is_refused_quickly) {
  std::string fragments;
  std::string conflicts;
  for (int i = 0; i < 60; ++i) {
    const std::string next = i == 59 ? "id"
                                     : "similar(first: 1) { ...F" + std::to_string(i + 1) +
                                           " ...F" + std::to_string(i + 1) + " }";
    fragments += " fragment F" + std::to_string(i) + " on Book { a: " + next + " b: " + next + " }";
    conflicts += " fragment G" + std::to_string(i) + " on Book { ...G" +
                 std::to_string((i + 1) % 60) + " title }";
  }
  make();
  for (const std::string& document :
       {"{ book(id: 1) { ...F0 } }" + fragments, "{ book(id: 1) { ...G0 } }" + conflicts}) {
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(run_all(document).outcome, Outcome::kInvalid);
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(200));
  }
}

TEST_F(ServiceTest, introspection_as_clients_ask_for_it) {
  const std::string body = run(
      R"(query IntrospectionQuery { __schema { description queryType { name } mutationType { name }
    subscriptionType { name } types { ...FullType } directives { name description isRepeatable locations
    args(includeDeprecated: true) { ...InputValue } } } }
    fragment FullType on __Type { kind name description specifiedByURL isOneOf fields(includeDeprecated: true) { name description
      args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
      inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
      ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } })");
  EXPECT_NE(body.find(R"("name":"Key","description":null,"specifiedByURL":null,"isOneOf":true)"),
            std::string::npos);
  EXPECT_NE(body.find(R"("specifiedByURL":"https://www.rfc-editor.org/rfc/rfc3339")"),
            std::string::npos);
  EXPECT_NE(body.find(R"("deprecationReason":"say NOVEL")"), std::string::npos);
  EXPECT_EQ(
      run(R"({ __type(name: "Genre") { enumValues { name } } none: __type(name: "?") { name } })"),
      R"({"data":{"__type":{"enumValues":[{"name":"NOVEL"},{"name":"POETRY"}]},"none":null}})");
}

TEST_F(ServiceTest, many_operations_at_once) {
  make({}, 30);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 50; ++i) {
        const Response response = run_all(
            "{ books(first: 5) { edges { node { id review author { name books { id } } mustReview "
            "} } } "
            "node(id: \"a1\") { id ... on Author { mentor { name } } } }");
        EXPECT_TRUE(response.has_errors);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace firn::graphql
