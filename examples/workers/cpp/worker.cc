// Counts words, in C++, with Firn's own worker pool.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

#include "base/bytes.h"
#include "jobs/wire/remote_source.h"
#include "jobs/worker_pool.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace {

using namespace firn;

struct CountWords {
  std::string text;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("text", &CountWords::text, jobs::kRequired);
  }
};

struct Counted {
  std::string language;
  int64_t words = 0;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("language", &Counted::language);
    visit("words", &Counted::words);
  }
};

Status count_words(const CountWords& arguments, jobs::JobContext& context) {
  Counted counted{"c++", 0};
  std::istringstream text(arguments.text);
  for (std::string word; text >> word;) ++counted.words;
  context.progress(50, "counted");
  // Its id is made of this job's: done again, it pushes the same one.
  return context.push(
      fmt::format(R"({{"jid":"{}-counted","jobtype":"counted","queue":"counted","args":{}}})",
                  context.jid, jobs::encode_arguments(counted)));
}

}  // namespace

int main() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const char* url = std::getenv("FAKTORY_URL");
  jobs::WorkerInfo worker;
  worker.wid = platform::system_random().uuid().to_string();
  worker.hostname = "example";
  worker.pid = ::getpid();
  auto sources = jobs::wire::remote_sources(url != nullptr ? url : "tcp://127.0.0.1:7419", worker);
  if (!sources.ok()) {
    fmt::print(stderr, "example_worker: {}\n", sources.error().message());
    return 2;
  }
  jobs::Handlers handlers;
  handlers.add<CountWords>("count_words", count_words);
  jobs::WorkerPoolOptions options;
  options.threads = 1;
  options.queues = {{"examples", 1}};
  jobs::WorkerPool pool(options, std::move(*sources), std::move(handlers), platform::system_clock(),
                        platform::system_random());
  int received = 0;
  ::sigwait(&signals, &received);
  pool.stop(std::chrono::seconds(10));
  return 0;
}
