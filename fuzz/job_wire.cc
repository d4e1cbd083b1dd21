// Lines of the Faktory Work Protocol, as a client that was let in sends them, against a real queue.
#include <cstdlib>

#include "jobs/wire/conversation.h"
#include "platform/file.h"
#include "platform/random.h"
#include "platform/testing.h"

namespace {

using namespace firn;
using namespace firn::jobs;

struct World {
  World() {
    QueueOptions options;
    options.wal.directory = folder.path();
    options.wal.segment_bytes = 1 << 20;
    options.tick_every = std::chrono::milliseconds(0);
    queue =
        MUST(Queue::open(options, platform::local_file_system(), clock, platform::system_random()));
  }
  platform::TemporaryDirectory folder;
  platform::ManualClock clock;
  std::unique_ptr<Queue> queue;
};

class NoWaiter final : public JobWaiter {
 public:
  using JobWaiter::JobWaiter;
  void deliver(Fetched) override {}
};

// One line, and nothing that is no RESP2.
void check_answer(std::string_view out) {
  while (!out.empty()) {
    const size_t end = out.find("\r\n");
    if (end == std::string_view::npos || std::string_view("+-$").find(out[0]) == out.npos) {
      std::abort();
    }
    const std::string_view head = out.substr(0, end);
    out.remove_prefix(end + 2);
    if (head[0] != '$' || head == "$-1") continue;
    const size_t size = std::strtoul(std::string(head.substr(1)).c_str(), nullptr, 10);
    if (out.size() < size + 2 || out.substr(size, 2) != "\r\n") std::abort();
    out.remove_prefix(size + 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  static int inputs = 0;
  wire::WireContext context{*world.queue, world.clock, platform::system_random(), "", 0, {}, {}};
  wire::Conversation conversation(context);
  const auto make_waiter = [](std::vector<std::string> queues, std::string wid) {
    return std::make_shared<NoWaiter>(std::move(queues), std::move(wid));
  };
  std::string out = conversation.greeting();
  conversation.on_line("HELLO {\"v\":2,\"wid\":\"fuzz-worker\"}", make_waiter, out);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::shared_ptr<JobWaiter>> waiters;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const auto answer = conversation.on_line(text.substr(0, end), make_waiter, out);
    if (answer.next == wire::Conversation::Next::kWait) {
      waiters.push_back(conversation.take_waiter());
    }
    text.remove_prefix(std::min(end + 1, text.size()));
    world.clock.advance_us(1'000'000);
  }
  check_answer(out);
  for (const auto& waiter : waiters) world.queue->stop_waiting(waiter);
  (void)world.queue->flush();
  if (++inputs % 64 == 0) world.queue->tick();
  return 0;
}
