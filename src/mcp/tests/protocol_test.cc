#include <gtest/gtest.h>

#include "graphql/json.h"
#include "mcp/call.h"
#include "mcp/json_rpc.h"
#include "mcp/listeners.h"
#include "mcp/request_state.h"
#include "mcp/sessions.h"
#include "platform/random.h"
#include "platform/testing.h"

namespace firn::mcp {
namespace {

Result<Message> read(const std::string& text) {
  Json id;
  auto json = graphql::parse_json(text);
  if (!json.ok()) return json.error();
  return read_message(*std::move(json), id);
}

TEST(JsonRpcTest, messages_are_requests_notifications_or_responses) {
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":1,"method":"ping"})")->kind, Message::Kind::kRequest);
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","method":"notifications/x"})")->kind,
            Message::Kind::kNotification);
  EXPECT_EQ(read(R"({"jsonrpc":"2.0","id":"a","result":{}})")->kind, Message::Kind::kResponse);
}

TEST(JsonRpcTest, what_is_no_message_is_refused) {
  for (const char* wrong :
       {"[]", "1", R"({"id":1,"method":"x"})", R"({"jsonrpc":"1.0","id":1,"method":"x"})",
        R"({"jsonrpc":"2.0","id":null,"method":"x"})", R"({"jsonrpc":"2.0","id":1.5,"method":"x"})",
        R"({"jsonrpc":"2.0","id":1,"method":2})",
        R"({"jsonrpc":"2.0","id":1,"method":"x","params":[]})", R"({"jsonrpc":"2.0","id":1})",
        R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})"}) {
    EXPECT_FALSE(read(wrong).ok()) << wrong;
  }
}

TEST(RequestStateTest, a_state_is_whole_of_its_call_and_young) {
  platform::ManualClock clock;
  RequestState states(clock, platform::system_random());
  const std::string sealed = states.seal("round-1:é", "ada\ntools/call\nx\n");
  EXPECT_EQ(*states.open(sealed, "ada\ntools/call\nx\n"), "round-1:é");
  EXPECT_FALSE(states.open(sealed, "eve\ntools/call\nx\n").ok());
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(states.open(changed, "ada\ntools/call\nx\n").ok()) << i;
  }
  EXPECT_FALSE(
      RequestState(clock, platform::system_random()).open(sealed, "ada\ntools/call\nx\n").ok());
  clock.advance_us(RequestState::kLifeUs + 1);
  EXPECT_FALSE(states.open(sealed, "ada\ntools/call\nx\n").ok());
}

TEST(SessionsTest, a_session_is_its_own_principals) {
  Sessions sessions(platform::system_random());
  const auto session = sessions.begin("ada", "2025-11-25", {}, Json::object());
  EXPECT_EQ(sessions.find(session->id, "ada"), session);
  EXPECT_EQ(sessions.find(session->id, "eve"), nullptr);
  sessions.end(session->id);
  EXPECT_EQ(sessions.find(session->id, "ada"), nullptr);
}

TEST(SessionsTest, the_least_used_gives_way) {
  Sessions sessions(platform::system_random());
  const auto first = sessions.begin("ada", "2025-11-25", {}, Json::object());
  first->touch(std::chrono::steady_clock::now() - std::chrono::minutes(1));
  for (size_t i = 0; i < Sessions::kSessionsMax; ++i) {
    sessions.begin("ada", "2025-11-25", {}, Json::object());
  }
  EXPECT_EQ(sessions.find(first->id, "ada"), nullptr);
}

TEST(SessionsTest, one_client_takes_neither_all_sessions_nor_much_room) {
  Sessions sessions(platform::system_random());
  const auto other = sessions.begin("other", "2025-11-25", Json(), Json::object());
  Json capabilities = Json::object();
  Json much = Json::object();
  much.set("a", Json::of_string(std::string(100'000, 'x')));
  capabilities.set("sampling", much);
  capabilities.set("experimental", much);
  Json client = Json::object();
  client.set("name", Json::of_string("one"));
  client.set("icons", much);
  const auto first = sessions.begin("one", "2025-11-25", client, capabilities);
  EXPECT_EQ(first->client.to_json(), R"({"name":"one"})");
  EXPECT_EQ(first->capabilities.to_json(), R"({"sampling":{}})");
  for (size_t i = 0; i < Sessions::kSessionsOfOneMax; ++i) {
    sessions.begin("one", "2025-11-25", client, capabilities);
  }
  EXPECT_EQ(sessions.find(first->id, "one"), nullptr);
  EXPECT_NE(sessions.find(other->id, "other"), nullptr);
}

TEST(SessionsTest, questions_that_wait_when_a_session_ends_get_an_error) {
  Sessions sessions(platform::system_random());
  const auto session = sessions.begin("ada", "2025-11-25", {}, Json::object());
  int failed = 0;
  for (int i = 0; i < 100; ++i) {  // beyond what may wait: refused at once
    session->expect([&](const Result<Json>& answer) { failed += answer.ok() ? 0 : 1; });
  }
  EXPECT_EQ(failed, 36);
  sessions.end(session->id);
  EXPECT_EQ(failed, 100);
}

class Recorder final : public CallChannel {
 public:
  void answer(std::string message, int http_status, const std::string&) override {
    answers.push_back(std::move(message));
    status = http_status;
  }
  void push(std::string message) override { pushed.push_back(std::move(message)); }
  bool takes_stream() const override { return streams; }
  void ask(const InputRequests&, std::function<void(Result<Json>)>) override {}
  std::vector<std::string> answers;
  std::vector<std::string> pushed;
  int status = 0;
  bool streams = true;
};

CallPtr make_call(const std::shared_ptr<Recorder>& recorder, const std::string& params) {
  Message message;
  message.id = Json::of_int(7);
  message.method = "tools/call";
  message.params = *graphql::parse_json(params);
  Call::Origin origin;
  origin.capabilities = Json::object();
  origin.server_info = "{}";
  return std::make_shared<Call>(std::move(message), std::move(origin), recorder);
}

TEST(ListenersTest, who_takes_no_events_is_refused_and_nobody_takes_all) {
  struct One final : Caller {
    std::string identity() const override { return "one"; }
  };
  Listeners listeners;
  const auto listen = [&](const std::shared_ptr<Recorder>& recorder) {
    Message message;
    message.id = Json::of_int(7);
    message.method = "subscriptions/listen";
    message.params = *graphql::parse_json(R"({"notifications":{"toolsListChanged":true}})");
    Call::Origin origin;
    origin.caller = std::make_shared<One>();
    listeners.listen(std::make_shared<Call>(std::move(message), std::move(origin), recorder));
  };
  const auto deaf = std::make_shared<Recorder>();
  deaf->streams = false;
  listen(deaf);
  ASSERT_EQ(deaf->answers.size(), 1u);
  EXPECT_NE(deaf->answers[0].find("accept text/event-stream"), std::string::npos);
  for (size_t i = 0; i < Listeners::kListenersOfOneMax; ++i) {
    const auto one = std::make_shared<Recorder>();
    listen(one);
    EXPECT_TRUE(one->answers.empty());
    EXPECT_EQ(one->pushed.size(), 1u);
  }
  const auto last = std::make_shared<Recorder>();
  listen(last);
  EXPECT_EQ(last->answers.size(), 1u);
}

TEST(CallTest, it_is_answered_once_and_cancelled_at_most_once) {
  const auto recorder = std::make_shared<Recorder>();
  const auto call = make_call(recorder, "{}");
  int cancelled = 0;
  call->on_cancel([&] { ++cancelled; });
  call->cancel();
  call->cancel();
  call->on_cancel([&] { ++cancelled; });  // at once
  EXPECT_EQ(cancelled, 2);
  call->respond("{}");
  call->respond("{}");
  call->fail(Error(ErrorCode::kInternal, "late"));
  EXPECT_EQ(recorder->answers.size(), 1U);
}

TEST(CallTest, progress_and_logs_come_only_where_they_are_wanted) {
  const auto recorder = std::make_shared<Recorder>();
  const auto call = make_call(recorder, "{}");
  call->progress(1, 2);
  call->log("error", "\"x\"");
  EXPECT_TRUE(recorder->pushed.empty());
  make_call(recorder, R"({"_meta":{"progressToken":"p"}})")->progress(1, 2, "half");
  ASSERT_EQ(recorder->pushed.size(), 1U);
  EXPECT_NE(recorder->pushed[0].find(R"("progressToken":"p")"), std::string::npos);
}

TEST(CallTest, a_question_to_a_client_that_cannot_answer_is_an_error) {
  const auto recorder = std::make_shared<Recorder>();
  make_call(recorder, "{}")->require_input({{"a", {"sampling/createMessage", "{}"}}});
  ASSERT_EQ(recorder->answers.size(), 1U);
  EXPECT_EQ(recorder->status, 400);
  EXPECT_NE(recorder->answers[0].find("-32021"), std::string::npos);
}

}  // namespace
}  // namespace firn::mcp
