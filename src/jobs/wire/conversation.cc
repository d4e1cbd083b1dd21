#include "jobs/wire/conversation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/bytes.h"
#include "base/rfc3339.h"
#include "platform/clock.h"
#include "platform/process.h"
#include "platform/random.h"

namespace firn::jobs::wire {
namespace {

constexpr int64_t kProtocolVersion = 2;
constexpr size_t kFetchQueuesMax = 100;
constexpr size_t kNamesMax = 10'000;

Error invalid(std::string message) { return {ErrorCode::kInvalidData, std::move(message)}; }

Conversation::Answer settled_ok(Ticket ticket, std::string& out) {
  append_ok(out);
  return {Conversation::Next::kSettle, ticket};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// The first word, in upper case, and what stands behind it.
std::pair<std::string, std::string_view> split_verb(std::string_view text) {
  const auto line = parse_line(text);
  return line.ok() ? std::pair(line->verb, line->rest) : std::pair(std::string(), text);
}

}  // namespace

std::string password_hash(std::string_view password, std::string_view salt, int iterations) {
  std::string text(password);
  text += salt;
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest.data());
  for (int i = 1; i < iterations; ++i) {
    std::array<uint8_t, SHA256_DIGEST_LENGTH> next;
    SHA256(digest.data(), digest.size(), next.data());
    digest = next;
  }
  return to_hex(digest);
}

Conversation::~Conversation() {
  if (!worker_.wid.empty()) context_.queue.workers().disconnected(worker_.wid);
}

std::string Conversation::greeting() {
  if (context_.password.empty()) return "+HI {\"v\":2}\r\n";
  constexpr int kIterationsMin = 4000;
  constexpr uint64_t kIterationsSpread = 1000;
  std::array<uint8_t, 16> bytes;
  context_.random.fill(bytes);
  salt_ = to_hex(bytes);
  iterations_ = kIterationsMin + static_cast<int>(context_.random.next_u64() % kIterationsSpread);
  // Without blanks: some clients split it there.
  return fmt::format("+HI {{\"v\":2,\"i\":{},\"s\":\"{}\"}}\r\n", iterations_, salt_);
}

Conversation::Answer Conversation::on_line(std::string_view line, const MakeWaiter& make_waiter,
                                           std::string& out) {
  context_.commands.fetch_add(1, std::memory_order_relaxed);
  const auto parsed = parse_line(line);
  if (!greeted_) {
    if (!parsed.ok() || parsed->verb != "HELLO") {
      append_error(out, invalid("Say HELLO first"));
      return {Next::kClose, {}};
    }
    return hello(parsed->rest, out);
  }
  if (!parsed.ok()) {
    append_error(out, parsed.error());
    return {};
  }
  return command(*parsed, make_waiter, out);
}

Conversation::Answer Conversation::hello(std::string_view json, std::string& out) {
  const auto refuse = [&](const Error& error) {
    append_error(out, error);
    return Answer{Next::kClose, {}};
  };
  auto said = parse_hello(json);
  if (!said.ok()) return refuse(said.error());
  if (said->version > kProtocolVersion) {
    return refuse(invalid("This server speaks version 2 of the protocol"));
  }
  if (!context_.password.empty()) {
    const std::string wanted = password_hash(context_.password, salt_, iterations_);
    if (!equal_in_constant_time(wanted, said->password_hash)) {
      return refuse(Error(ErrorCode::kUnauthenticated, "Invalid password"));
    }
  }
  if (!said->worker.wid.empty()) {
    const Status known = context_.queue.workers().connected(said->worker, context_.clock.now_us());
    if (!known.ok()) return refuse(known.error());
    worker_ = std::move(said->worker);
  }
  greeted_ = true;
  append_ok(out);
  return {};
}

Conversation::Answer Conversation::command(const Line& line, const MakeWaiter& make_waiter,
                                           std::string& out) {
  if (line.verb == "END") return {Next::kClose, {}};
  const size_t before = out.size();
  auto answer = run(line, make_waiter, out);
  if (answer.ok()) return *answer;
  out.resize(before);
  append_error(out, answer.error());
  return {};
}

Result<Conversation::Answer> Conversation::run(const Line& line, const MakeWaiter& make_waiter,
                                               std::string& out) {
  Queue& queue = context_.queue;
  if (line.verb == "PUSH") return push(line.rest, out);
  if (line.verb == "FETCH") return fetch(line.rest, make_waiter, out);
  if (line.verb == "ACK") return settled_ok(TRY(queue.ack(TRY(parse_ack(line.rest)))), out);
  if (line.verb == "FAIL") {
    const Fail fail = TRY(parse_fail(line.rest));
    return settled_ok(TRY(queue.fail(fail.jid, fail.report)), out);
  }
  if (line.verb == "BEAT") return beat(line.rest, out);
  if (line.verb == "PUSHB") return push_bulk(line.rest, out);
  if (line.verb == "INFO") {
    append_bulk(out, info_json());
    return Answer{};
  }
  if (line.verb == "FLUSH") return settled_ok(TRY(queue.flush()), out);
  if (line.verb == "QUEUE") return queue_command(line.rest, out);
  if (line.verb == "MUTATE") {
    const Mutation mutation = TRY(parse_mutation(line.rest));
    return settled_ok(TRY(queue.mutate(mutation.command, mutation.set, mutation.filter)), out);
  }
  if (line.verb == "BATCH") return batch(line.rest, out);
  if (line.verb == "TRACK") return track(line.rest, out);
  return invalid("Unknown command " + line.verb);
}

Result<Conversation::Answer> Conversation::push(std::string_view json, std::string& out) {
  return settled_ok(TRY(context_.queue.push(TRY(parse_job(json, context_.clock.now_us())))), out);
}

Result<Conversation::Answer> Conversation::push_bulk(std::string_view json, std::string& out) {
  const auto jobs = TRY(parse_array(json));
  std::string errors = "{";
  Ticket last;
  for (const JsonField& element : jobs) {
    std::string jid;
    const auto push_one = [&]() -> Status {
      if (element.kind != JsonKind::kObject) return invalid("a job has to be an object");
      const auto fields = TRY(parse_object(element.text));
      for (const JsonField& field : fields) {
        if (field.name == "jid") jid = field.text;
      }
      last = TRY(context_.queue.push(TRY(parse_job(fields, context_.clock.now_us()))));
      return {};
    };
    const Status pushed = push_one();
    if (pushed.ok()) continue;
    if (errors.size() > 1) errors += ',';
    append_json_string(errors, jid);
    errors += ':';
    append_json_string(errors, pushed.error().message());
  }
  append_bulk(out, errors + '}');
  return Answer{Next::kSettle, last};
}

Result<Conversation::Answer> Conversation::fetch(std::string_view rest,
                                                 const MakeWaiter& make_waiter, std::string& out) {
  auto queues = TRY(split_words(rest, kFetchQueuesMax));
  if (queues.empty()) return invalid("must call fetch with at least one queue");
  for (const std::string& queue : queues) {
    if (!valid_queue_name(queue)) return invalid("Invalid queue name");
  }
  auto waiter = make_waiter(std::move(queues), worker_.wid);
  auto fetched = TRY(context_.queue.fetch(waiter, true));
  if (!fetched) {
    waiter_ = std::move(waiter);
    return Answer{Next::kWait, {}};
  }
  append_bulk(out, fetched->json);
  return Answer{fetched->ticket.lsn == 0 ? Next::kReply : Next::kSettle, fetched->ticket};
}

Result<Conversation::Answer> Conversation::beat(std::string_view json, std::string& out) {
  const Beat beat = TRY(parse_beat(json));
  WorkerRegistry& workers = context_.queue.workers();
  const int64_t now_us = context_.clock.now_us();
  auto signal = workers.beat(beat.wid, beat.state, beat.rss_kb, now_us);
  if (!signal.ok() && !worker_.wid.empty() && beat.wid == worker_.wid) {
    // It was silent for long, and is there again.
    TRY(workers.connected(worker_, now_us));
    signal = workers.beat(beat.wid, beat.state, beat.rss_kb, now_us);
  }
  switch (TRY(std::move(signal))) {
    case WorkerSignal::kNone: append_ok(out); break;
    case WorkerSignal::kQuiet: append_bulk(out, "{\"state\":\"quiet\"}"); break;
    case WorkerSignal::kTerminate: append_bulk(out, "{\"state\":\"terminate\"}"); break;
  }
  return Answer{};
}

Result<Conversation::Answer> Conversation::queue_command(std::string_view rest, std::string& out) {
  const auto [verb, names_text] = split_verb(rest);
  const auto names = TRY(split_words(names_text, kNamesMax));
  if (verb != "PAUSE" && verb != "RESUME" && verb != "UNPAUSE" && verb != "REMOVE" &&
      verb != "LATENCY") {
    return invalid("Unknown QUEUE command " + verb);
  }
  if (names.empty()) return invalid("QUEUE " + verb + " needs at least one queue");
  Queue& queue = context_.queue;
  if (verb == "LATENCY") {
    append_bulk(out, latency_json(names));
    return Answer{};
  }
  if (verb == "REMOVE") return settled_ok(TRY(queue.remove_queues(names)), out);
  return settled_ok(TRY(queue.set_paused(names, verb == "PAUSE")), out);
}

std::string Conversation::latency_json(const std::vector<std::string>& names) const {
  std::string json = "{";
  for (const QueueInfo& info : context_.queue.queues()) {
    const bool asked = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return name == "*" || name == info.name;
    });
    if (!asked) continue;
    fmt::format_to(std::back_inserter(json), "{}\"{}\":{:.6f}", json.size() > 1 ? "," : "",
                   info.name, static_cast<double>(info.latency_us) / 1e6);
  }
  return json + '}';
}

Result<Conversation::Answer> Conversation::batch(std::string_view rest, std::string& out) {
  const auto [verb, argument] = split_verb(rest);
  Queue& queue = context_.queue;
  if (verb == "NEW") {
    auto made = TRY(queue.new_batch(TRY(parse_batch(argument, context_.clock.now_us()))));
    append_bulk(out, made.first);
    return Answer{Next::kSettle, made.second};
  }
  if (verb == "OPEN") {
    const Ticket ticket = TRY(queue.open_batch(argument));
    append_bulk(out, argument);
    return Answer{Next::kSettle, ticket};
  }
  if (verb == "COMMIT") return settled_ok(TRY(queue.commit_batch(argument)), out);
  if (verb == "STATUS") {
    append_bulk(out, batch_json(TRY(queue.batch(argument))));
    return Answer{};
  }
  return invalid("Unknown BATCH command " + verb);
}

Result<Conversation::Answer> Conversation::track(std::string_view rest, std::string& out) {
  const auto [verb, argument] = split_verb(rest);
  if (verb == "GET") {
    if (argument.size() < kJidBytesMin || argument.size() > kJidBytesMax) {
      return invalid("missing JID");
    }
    append_bulk(out, progress_json(context_.queue.progress(argument)));
    return Answer{};
  }
  if (verb == "SET") {
    return settled_ok(TRY(context_.queue.set_progress(TRY(parse_progress(argument)))), out);
  }
  return invalid("Unknown TRACK command " + verb);
}

std::string Conversation::info_json() const {
  const QueueStats stats = context_.queue.stats();
  const auto queues = context_.queue.queues();
  const int64_t now_us = context_.clock.now_us();
  std::string now;
  append_rfc3339(now, now_us, TimeDigits::kMicros);
  std::string json = fmt::format("{{\"now\":\"{}\",\"server_utc_time\":\"{} UTC\",", now,
                                 std::string_view(now).substr(11, 8));
  size_t default_size = 0;
  std::string sizes;
  for (const QueueInfo& queue : queues) {
    if (queue.name == "default") default_size = queue.waiting;
    fmt::format_to(std::back_inserter(sizes), "{}\"{}\":{}", sizes.empty() ? "" : ",", queue.name,
                   queue.waiting);
  }
  fmt::format_to(std::back_inserter(json),
                 "\"faktory\":{{\"default_size\":{},\"total_enqueued\":{},\"total_failures\":{},"
                 "\"total_processed\":{},\"total_queues\":{},\"queues\":{{{}}},",
                 default_size, stats.waiting, stats.counters.failures, stats.counters.processed,
                 queues.size(), sizes);
  fmt::format_to(std::back_inserter(json),
                 "\"tasks\":{{\"Scheduled\":{{\"size\":{}}},\"Retries\":{{\"size\":{}}},"
                 "\"Dead\":{{\"size\":{}}},\"Working\":{{\"size\":{}}},"
                 "\"Workers\":{{\"size\":{}}}}}}},",
                 stats.scheduled, stats.retries, stats.dead, stats.working,
                 context_.queue.workers().list().size());
  fmt::format_to(std::back_inserter(json),
                 "\"server\":{{\"description\":\"Firn\",\"faktory_version\":\"1.9.0\","
                 "\"firn_version\":\"{}\",\"uptime\":{},\"connections\":{},\"command_count\":{},"
                 "\"used_memory_mb\":{}}}}}",
                 FIRN_VERSION, (now_us - context_.started_us) / 1'000'000,
                 context_.connections.load(), context_.commands.load(),
                 platform::resident_bytes() >> 20);
  return json;
}

}  // namespace firn::jobs::wire
