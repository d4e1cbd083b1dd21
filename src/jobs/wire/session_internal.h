#pragma once

// Boost's headers cost seconds: included by wire_server.cc and session.cc only.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "jobs/wire/conversation.h"
#include "jobs/wire/wire_server.h"
#include "platform/clock.h"

namespace firn::jobs::wire {

class Session;

// What the sessions share; touched on the server's thread only, but for `deliveries`.
struct WireShared {
  WireShared(const WireOptions& options, Queue& queue, platform::Clock& clock,
             platform::Random& random)
      : options(options),
        clock(clock),
        context{queue, clock, random, options.password, clock.now_us(), {}, {}} {}

  int64_t now_ms() const { return clock.monotonic_ns() / 1'000'000; }

  const WireOptions options;
  platform::Clock& clock;
  WireContext context;
  boost::asio::io_context loop{1};
  std::unordered_set<std::shared_ptr<Session>> sessions;
  // Whose answers wait for the disk.
  std::vector<std::shared_ptr<Session>> unsettled;

  // Jobs on their way to those who waited for one. From any thread.
  struct Delivery {
    std::weak_ptr<Session> session;
    Fetched fetched;
  };
  std::mutex deliveries_mutex;
  std::vector<Delivery> deliveries;
};

// One connection. All on the server's thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(WireShared& shared);
  virtual ~Session() = default;

  virtual void start() = 0;
  // No more bytes; whatever is under way is given up.
  void close();
  // After a sync: sends what it let go.
  void settled();
  // The job that it waited for.
  void on_delivered(Fetched fetched);
  // Looks at the deadlines.
  void sweep(int64_t now_ms);
  bool closed() const { return closed_; }

 protected:
  // Transport, of the derived class.
  virtual void read_some() = 0;
  virtual void write_some() = 0;  // everything of sending_, then on_written()
  virtual void shut() = 0;

  void greet();
  void on_read(size_t bytes);
  void on_written();
  char* read_into(size_t& room);

  std::string sending_;

 private:
  enum class Phase { kIdle, kUnsettled, kFetching };
  size_t line_bytes_max() const;
  void run_lines();
  void run_line(std::string_view line);
  void flush();
  void read_on();
  void end_after_writing();

  WireShared& shared_;
  Conversation conversation_;
  std::string in_;  // received; from in_begin_ on not yet run
  size_t in_begin_ = 0;
  size_t in_end_ = 0;
  size_t scanned_ = 0;  // no end of line before it
  std::string out_;     // answers that may go out
  Phase phase_ = Phase::kIdle;
  Ticket ticket_;
  size_t unsettled_from_ = 0;  // in out_
  std::shared_ptr<JobWaiter> waiter_;
  bool reading_ = false;
  bool writing_ = false;
  bool held_ = false;    // runs no more lines until its answers are taken
  bool ending_ = false;  // closes once all is written
  bool closed_ = false;
  int64_t handshake_until_ms_ = 0;
  int64_t fetch_until_ms_ = 0;
  int64_t line_since_ms_ = 0;  // 0: no line has begun
  int64_t active_ms_ = 0;
  int64_t write_since_ms_ = 0;  // 0: nothing is being written
};

}  // namespace firn::jobs::wire
