#include <gtest/gtest.h>

#include "graphql/json.h"
#include "llm/client.h"
#include "llm/prompts.h"
#include "llm/sse.h"
#include "llm/wire.h"
#include "platform/file.h"

namespace firn::llm {
namespace {

std::vector<SseEvent> events_of(const std::vector<std::string>& pieces) {
  SseReader reader;
  std::vector<SseEvent> events;
  for (const auto& piece : pieces) {
    EXPECT_TRUE(reader
                    .feed(piece,
                          [&](const SseEvent& event) -> Status {
                            events.push_back(event);
                            return {};
                          })
                    .ok());
  }
  return events;
}

TEST(SseReaderTest, events_are_the_same_in_whatever_pieces_and_line_ends_they_come) {
  const std::string stream =
      "\xef\xbb\xbf: a comment\r\nevent: one\r\ndata: a\r\ndata:b\r\n\r\nid: 7\rdata\r\rdata: "
      "{\"x\": 1}\n\nevent: lost\n\ndata: cut";
  for (size_t at = 0; at <= stream.size(); ++at) {
    const auto events = events_of({stream.substr(0, at), stream.substr(at)});
    ASSERT_EQ(events.size(), 3U) << at;
    EXPECT_EQ(events[0].type, "one");
    EXPECT_EQ(events[0].data, "a\nb");
    EXPECT_EQ(events[1].type, "message");
    EXPECT_EQ(events[1].data, "");
    EXPECT_EQ(events[2].data, "{\"x\": 1}");
  }
}

TEST(SseReaderTest, what_is_too_long_is_refused) {
  const auto ignore = [](const SseEvent&) -> Status { return {}; };
  SseReader lines({10, 100, 10});
  EXPECT_FALSE(lines.feed("data: 12345", ignore).ok());
  SseReader events({100, 10, 10});
  EXPECT_TRUE(events.feed("data: 12345\n", ignore).ok());
  EXPECT_FALSE(events.feed("data: 123456\n", ignore).ok());
  SseReader many({100, 100, 2});
  EXPECT_TRUE(many.feed("data:1\n\ndata:2\n\n", ignore).ok());
  EXPECT_FALSE(many.feed("data:3\n\n", ignore).ok());
}

Result<Answer> read_stream(Provider provider, const std::string& stream) {
  const auto reader = make_wire(provider)->reader();
  SseReader events;
  TRY(events.feed(stream, [&](const SseEvent& event) { return reader->take(event); }));
  return reader->finish();
}

constexpr const char* kAnthropicStream =
    R"(event: message_start
data: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":100,"cache_read_input_tokens":20,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"S"}}

event: ping
data: {"type":"ping"}

data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Let me "}}

data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"look."}}

data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"runSql","input":{}}}

data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t2","name":"tables","input":{}}}

data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"statement\": \"SEL"}}

data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"ECT 1\"}"}}

data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":50}}

data: {"type":"message_stop"}

)";

TEST(AnthropicWireTest, parallel_calls_with_their_text_and_thinking_are_put_together) {
  const auto answer = read_stream(Provider::kAnthropic, kAnthropicStream);
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->message.text, "Let me look.");
  ASSERT_EQ(answer->message.calls.size(), 2U);
  EXPECT_EQ(answer->message.calls[0].arguments.to_json(), R"({"statement":"SELECT 1"})");
  EXPECT_EQ(answer->message.calls[1].name, "tables");
  EXPECT_EQ(answer->message.calls[1].arguments.to_json(), "{}");
  EXPECT_EQ(answer->stop, Stop::kCalls);
  EXPECT_EQ(answer->usage.input_tokens, 120);
  EXPECT_EQ(answer->usage.output_tokens, 50);
  // Thinking goes back as it was.
  Request request;
  request.messages.push_back(answer->message);
  const std::string body = make_wire(Provider::kAnthropic)->body(request, "m");
  EXPECT_NE(body.find(R"("thinking":"hm","signature":"S")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("input":{"statement":"SELECT 1"})"), std::string::npos) << body;
}

TEST(AnthropicWireTest, an_answer_that_is_cut_off_is_none) {
  const std::string whole = kAnthropicStream;
  const auto cut = read_stream(Provider::kAnthropic, whole.substr(0, whole.size() - 40));
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code(), ErrorCode::kUnavailable);
}

TEST(AnthropicWireTest, errors_within_the_stream_say_whether_they_may_pass) {
  const auto busy =
      read_stream(Provider::kAnthropic,
                  "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
                  "\"message\":\"Over\\nloaded\"}}\n\n");
  ASSERT_FALSE(busy.ok());
  EXPECT_EQ(busy.error().code(), ErrorCode::kOverloaded);
  EXPECT_EQ(busy.error().message(), "the model's provider reports: overloaded_error: Over loaded");
  for (const char* bad :
       {"data: nonsense\n\n", "data: []\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":5,\"delta\":{}}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":-1,\"content_block\":{}}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":99999999,\"content_block\":{}}\n\n"}) {
    const auto answer = read_stream(Provider::kAnthropic, bad);
    ASSERT_FALSE(answer.ok()) << bad;
    EXPECT_EQ(answer.error().code(), ErrorCode::kInvalidData) << bad;
  }
}

TEST(OpenAiChatWireTest, calls_grow_by_their_index_and_usage_comes_last) {
  const auto answer =
      read_stream(Provider::kOpenAiChat,
                  R"(data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"So"}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"runSql","arguments":""}}]}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"tables","arguments":"[1"}},{"index":0,"function":{"arguments":"{\"limit\":1}"}}]}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}

data: [DONE]

)");
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->message.text, "So");
  ASSERT_EQ(answer->message.calls.size(), 2U);
  EXPECT_EQ(answer->message.calls[0].arguments.to_json(), R"({"limit":1})");
  EXPECT_EQ(answer->message.calls[0].problem, "");
  EXPECT_NE(answer->message.calls[1].problem, "");
  EXPECT_EQ(answer->usage.total(), 10);
  // And back: each result in a message of its own.
  Request request;
  request.system = "S";
  Message results;
  results.results = {{"a", "one", false}, {"b", "two", true}};
  request.messages = {answer->message, results};
  const auto body = graphql::parse_json(make_wire(Provider::kOpenAiChat)->body(request, "m"));
  const Json* messages = body->field("messages");
  ASSERT_EQ(messages->items.size(), 4U);
  EXPECT_EQ(messages->items[3].field("content")->text, "Failed: two");
}

TEST(OpenAiChatWireTest, calls_without_an_index_are_each_one) {
  const auto answer = read_stream(
      Provider::kOpenAiChat,
      R"(data: {"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"x","arguments":"{}"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"id":"b","function":{"name":"y","arguments":"{}"}}]},"finish_reason":"stop"}]}

data: [DONE]

)");
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  ASSERT_EQ(answer->message.calls.size(), 2U);
  EXPECT_EQ(answer->message.calls[1].name, "y");
}

TEST(OpenAiResponsesWireTest, items_make_the_answer) {
  const auto answer = read_stream(Provider::kOpenAiResponses,
                                  R"(event: response.created
data: {"type":"response.created","response":{"id":"r"}}

data: {"type":"response.output_text.delta","output_index":0,"delta":"Hel"}

data: {"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"Hello."}]}}

data: {"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","call_id":"c1","name":"runSql","arguments":"{\"statement\":\"SELECT 1\"}"}}

data: {"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":11,"output_tokens":4}}}

)");
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->message.text, "Hello.");
  ASSERT_EQ(answer->message.calls.size(), 1U);
  EXPECT_EQ(answer->message.calls[0].id, "c1");
  EXPECT_EQ(answer->usage.total(), 15);
  EXPECT_EQ(answer->stop, Stop::kCalls);
  const auto failed =
      read_stream(Provider::kOpenAiResponses,
                  "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":"
                  "\"rate_limit_exceeded\",\"message\":\"slow\"}}}\n\n");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), ErrorCode::kOverloaded);
}

TEST(MessageTest, a_message_is_the_same_as_json_and_back) {
  const auto answer = read_stream(Provider::kAnthropic, kAnthropicStream);
  ASSERT_TRUE(answer.ok());
  const Json json = message_json(answer->message);
  const auto back = read_message(*graphql::parse_json(json.to_json()));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(message_json(*back).to_json(), json.to_json());
  EXPECT_FALSE(read_message(Json::of_int(1)).ok());
}

TEST(ClientTest, addresses_and_keys_that_cannot_be_are_refused) {
  const auto code = [](const std::string& url, const std::string& key, const std::string& model) {
    ClientOptions options;
    options.url = url;
    options.key = key;
    options.model = model;
    const auto made = make_client(std::move(options));
    return made.ok() ? std::string() : made.error().message();
  };
  EXPECT_EQ(code("", "k", "m"), "");
  EXPECT_EQ(code("http://127.0.0.1:1/v1/", "k", "m"), "");
  EXPECT_EQ(code("http://models.example", "", "m"), "");
  EXPECT_NE(code("http://models.example", "k", "m"), "");
  EXPECT_NE(code("https://user:secret@models.example", "k", "m"), "");
  EXPECT_NE(code("file:///etc/passwd", "", "m"), "");
  EXPECT_NE(code("", "k\r\nX-Other: 1", "m"), "");
  EXPECT_NE(code("", "k", ""), "");
}

TEST(PromptsTest, the_newest_version_unless_one_is_named) {
  const std::string directory = ::testing::TempDir() + "/prompts_of_a_test";
  auto& files = platform::local_file_system();
  ASSERT_TRUE(files.remove_all(directory).ok());
  ASSERT_TRUE(files.create_directories(directory).ok());
  for (const char* name : {"agent.v2.md", "agent.v10.md", "ask.v1.md"}) {
    auto file = files.open(directory + "/" + name, platform::OpenMode::kCreateNew);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->append(as_bytes(name)).ok());
  }
  const auto prompts = Prompts::load(directory);
  ASSERT_TRUE(prompts.ok()) << prompts.error().message();
  EXPECT_EQ(prompts->find("agent")->name, "agent.v10");
  EXPECT_EQ(prompts->find("agent.v2")->text, "agent.v2.md");
  EXPECT_FALSE(prompts->find("agent.v3").ok());
  EXPECT_FALSE(prompts->find("nothing").ok());
  EXPECT_TRUE(Prompts::load(std::string(FIRN_SOURCE_DIR) + "/prompts").ok());
  EXPECT_EQ(fill_in("a {{b}} {{c}} {{", {{"b", "{{c}}"}}), "a {{c}} {{c}} {{");
}

}  // namespace
}  // namespace firn::llm
