#include "graphql/http/event_stream.h"

#include <mutex>

namespace firn::graphql {
namespace {

// One response as a stream of events, from whichever thread has them.
class EventStreamSink final : public SubscriptionSink,
                              public std::enable_shared_from_this<EventStreamSink> {
 public:
  explicit EventStreamSink(GraphqlHttp& http) : http_(http) {}

  void begin(std::shared_ptr<http::PushStream> stream) {
    {
      std::lock_guard lock(mutex_);
      stream_ = std::move(stream);
    }
    ping_later();
  }
  // The response is one line of JSON: no line breaks to be split.
  void next(std::string response) override { write("event: next\ndata: " + response + "\n\n"); }
  void complete() override {
    write("event: complete\ndata: \n\n");
    std::lock_guard lock(mutex_);
    if (stream_ != nullptr) stream_->finish();
    stream_.reset();
  }
  // Keeps what has to end with the client.
  void hold(std::shared_ptr<Subscription> subscription, std::shared_ptr<Service::Running> running) {
    std::unique_lock lock(mutex_);
    if (!closed_) {
      subscription_ = std::move(subscription);
      running_ = std::move(running);
      return;
    }
    lock.unlock();
    end(std::move(subscription), std::move(running));
  }
  void closed() {
    std::shared_ptr<Subscription> subscription;
    std::shared_ptr<Service::Running> running;
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
      stream_.reset();
      subscription = std::move(subscription_);
      running = std::move(running_);
    }
    end(std::move(subscription), std::move(running));
  }

 private:
  static void end(std::shared_ptr<Subscription> subscription,
                  std::shared_ptr<Service::Running> running) {
    if (subscription != nullptr) subscription->stop();
    if (running != nullptr) running->cancel(Error(ErrorCode::kCancelled, "the client went away"));
  }
  void write(std::string text) {
    std::lock_guard lock(mutex_);
    if (stream_ != nullptr && !stream_->write(std::move(text))) stream_.reset();
  }
  void ping_later() {
    http_.timers().after(http_.options().event_stream_ping, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      self->write(":\n\n");
      {
        std::lock_guard lock(self->mutex_);
        if (self->stream_ == nullptr) return;
      }
      self->ping_later();
    });
  }

  GraphqlHttp& http_;
  std::mutex mutex_;
  std::shared_ptr<http::PushStream> stream_;
  std::shared_ptr<Subscription> subscription_;
  std::shared_ptr<Service::Running> running_;
  bool closed_ = false;
};

}  // namespace

void serve_events(GraphqlHttp& http, const std::shared_ptr<http::Exchange>& exchange,
                  const GraphqlHttp::Prepared* prepared, const Value& variables,
                  std::shared_ptr<RequestContext> context, Response refused) {
  auto sink = std::make_shared<EventStreamSink>(http);
  http::Response head = http::Response::text(200, "", content_type_of(AnswerType::kEventStream));
  head.headers.add("Cache-Control", "no-cache");
  head.headers.add("X-Accel-Buffering", "no");
  auto stream = exchange->push(std::move(head), [sink] { sink->closed(); });
  if (stream == nullptr) return;
  sink->begin(std::move(stream));
  if (prepared == nullptr) {
    sink->next(std::move(refused.body));
    return sink->complete();
  }
  if (prepared->is_subscription()) {
    return http.service().subscribe(
        prepared->document, *prepared->operation, variables, std::move(context), sink,
        [sink](std::shared_ptr<Subscription> subscription, Response response) {
          if (subscription != nullptr) return sink->hold(std::move(subscription), nullptr);
          sink->next(std::move(response.body));
          sink->complete();
        });
  }
  auto running = http.service().execute(prepared->document, *prepared->operation, variables,
                                        std::move(context), [sink](Response response) {
                                          sink->next(std::move(response.body));
                                          sink->complete();
                                        });
  if (running != nullptr) sink->hold(nullptr, std::move(running));
}

}  // namespace firn::graphql
