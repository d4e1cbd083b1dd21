#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <thread>

#include "graphql/json.h"
#include "graphql/tests/library/library.h"

namespace firn::graphql {
namespace {

using library::Context;
using library::Data;

class Collector final : public SubscriptionSink {
 public:
  void next(std::string response) override {
    std::lock_guard lock(mutex_);
    responses_.push_back(std::move(response));
    changed_.notify_all();
  }
  void complete() override {
    std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }
  std::vector<std::string> wait_for(size_t count, bool done) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10),
                      [&] { return responses_.size() >= count && (done_ || !done); });
    return responses_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> responses_;
  bool done_ = false;
};

class SubscriptionTest : public testing::Test {
 protected:
  SubscriptionTest() {
    ServiceOptions options;
    options.runner = library::make_pool(4);
    options.authorizer = library::make_authorizer();
    service_ = MUST(library::make_library(data_, std::move(options)));
  }
  std::shared_ptr<Subscription> start(const std::string& document,
                                      const std::shared_ptr<Collector>& sink,
                                      Response* refusal = nullptr) {
    Response refused;
    const auto prepared = service_->prepare(document, refused);
    EXPECT_NE(prepared, nullptr) << refused.body;
    GraphqlError error;
    const auto* operation = prepared->operation(std::nullopt, error);
    std::promise<std::shared_ptr<Subscription>> promise;
    service_->subscribe(prepared, *operation, Value(), std::make_shared<Context>(data_), sink,
                        [&](std::shared_ptr<Subscription> subscription, Response response) {
                          if (refusal != nullptr) *refusal = std::move(response);
                          promise.set_value(std::move(subscription));
                        });
    return promise.get_future().get();
  }
  // The source of the only subscriber to bookAdded.
  std::shared_ptr<EventSource<std::shared_ptr<const library::schema::Book>>> source() {
    std::lock_guard lock(data_->mutex);
    return data_->listeners.at(0).lock();
  }

  std::shared_ptr<Data> data_ = Data::make(9);
  std::unique_ptr<Service> service_;
};

TEST_F(SubscriptionTest, events_in_order_then_the_end) {
  auto sink = std::make_shared<Collector>();
  const auto subscription = start("subscription { count(to: 500) }", sink);
  const auto responses = sink->wait_for(500, true);
  ASSERT_EQ(responses.size(), 500u);
  EXPECT_EQ(responses[0], R"({"data":{"count":1}})");
  EXPECT_EQ(responses[499], R"({"data":{"count":500}})");
  EXPECT_EQ(data_->sources_closed, 1);
}

TEST_F(SubscriptionTest, each_event_runs_the_operation_with_fresh_loaders) {
  auto sink = std::make_shared<Collector>();
  const auto subscription = start("subscription { bookAdded { id } }", sink);
  const auto events = source();
  // A null where null is not allowed.
  EXPECT_TRUE(events->push(nullptr));
  const auto responses = sink->wait_for(1, false);
  EXPECT_EQ(responses.at(0).substr(0, 13), R"({"data":null,)");
  subscription->stop();
  EXPECT_FALSE(events->push(nullptr));
  EXPECT_EQ(data_->sources_closed, 1);
}

TEST_F(SubscriptionTest, an_event_for_who_has_left_ends_it) {
  auto sink = std::make_shared<Collector>();
  const auto subscription = start("subscription { bookAdded { id } }", sink);
  const auto events = source();
  EXPECT_TRUE(events->push(nullptr));
  sink->wait_for(1, false);
  data_->gone = true;
  EXPECT_TRUE(events->push(nullptr));
  const auto responses = sink->wait_for(2, true);
  ASSERT_EQ(responses.size(), 2u);
  EXPECT_NE(responses[1].find("the reader has left"), std::string::npos) << responses[1];
  EXPECT_EQ(responses[1].find("data"), std::string::npos) << responses[1];
  EXPECT_FALSE(events->push(nullptr));
  EXPECT_EQ(data_->sources_closed, 1);
}

TEST_F(SubscriptionTest, a_resolver_that_fails_is_a_response) {
  auto sink = std::make_shared<Collector>();
  Response refusal;
  EXPECT_EQ(start("subscription { refused }", sink, &refusal), nullptr);
  EXPECT_EQ(
      refusal.body,
      R"({"errors":[{"message":"not today","locations":[{"line":1,"column":16}],"path":["refused"],)"
      R"("extensions":{"code":"FORBIDDEN"}}]})");
}

TEST_F(SubscriptionTest, pushes_and_stops_from_many_threads) {
  for (int round = 0; round < 20; ++round) {
    auto sink = std::make_shared<Collector>();
    auto subscription = start("subscription { bookAdded { id author { name } } }", sink);
    std::shared_ptr<EventSource<std::shared_ptr<const library::schema::Book>>> events;
    {
      std::lock_guard lock(data_->mutex);
      events = data_->listeners.back().lock();
    }
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([events] {
        for (int i = 0; i < 50; ++i) {
          if (!events->push(nullptr)) return;
        }
      });
    }
    if (round % 2 == 0) subscription->stop();
    for (auto& thread : threads) thread.join();
    if (round % 2 == 1) subscription.reset();
    EXPECT_FALSE(events->push(nullptr));
  }
}

TEST(EventSourceTest, a_full_queue_drops_the_oldest_or_fails) {
  EventSource<int> dropping(nullptr, 2);
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(dropping.push(i));
  EXPECT_EQ(dropping.pop(), 2);
  EXPECT_EQ(dropping.pop(), 3);
  EXPECT_EQ(dropping.pop(), std::nullopt);

  EventSource<int> failing(nullptr, 2, Overflow::kFail);
  for (int i = 1; i <= 3; ++i) failing.push(i);
  EXPECT_FALSE(failing.push(4));
  EXPECT_EQ(failing.pop(), 1);
  EXPECT_EQ(failing.pop(), 2);
  EXPECT_TRUE(failing.ended());
  EXPECT_EQ(failing.error()->code(), ErrorCode::kOverloaded);
}

}  // namespace
}  // namespace firn::graphql
