// The protocol over real sockets: its texts, bounds and times. Time is moved, not waited for.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include <fmt/format.h>

#include "jobs/queue.h"
#include "jobs/wire/conversation.h"
#include "jobs/wire/wire_server.h"
#include "platform/random.h"
#include "platform/testing.h"

namespace firn::jobs::wire {
namespace {

// A client that says lines and reads answers as they are.
class Client {
 public:
  explicit Client(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Or the kernel keeps as much for it as it likes.
    const int buffer_bytes = 64 << 10;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    CHECK(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;  // closed: the answer tells
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }
  // One answer, a bulk string without its length; "closed" at the end.
  std::string answer() {
    const std::string line = read_line();
    if (!line.starts_with('$') || line == "$-1") return line;
    std::string bulk;
    const size_t size = std::strtoul(line.c_str() + 1, nullptr, 10);
    while (bulk.size() < size + 2) {
      if (received_.empty() && receive() <= 0) return "closed";
      const size_t taken = std::min(received_.size(), size + 2 - bulk.size());
      bulk += received_.substr(0, taken);
      received_.remove_prefix(taken);
    }
    bulk.resize(size);
    return bulk;
  }
  std::string ask(const std::string& line) {
    send(line + "\r\n");
    return answer();
  }

 private:
  std::string read_line() {
    std::string line;
    while (true) {
      const ssize_t n = received_.empty() ? receive() : 1;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return "silence";
      if (n <= 0) return "closed";
      const char c = received_.front();
      received_.remove_prefix(1);
      if (c == '\n') break;
      line += c;
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }
  ssize_t receive() {
    const ssize_t n = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (n > 0) received_ = std::string_view(buffer_.data(), static_cast<size_t>(n));
    return n;
  }

  int fd_;
  std::array<char, 4096> buffer_;
  std::string_view received_;  // in buffer_, not yet taken
};

class WireTest : public ::testing::Test {
 protected:
  void start(const std::string& password = "") {
    QueueOptions queue;
    queue.wal.directory = folder_.path() + "/jobs";
    queue.wal.segment_bytes = 4 << 20;
    queue.tick_every = std::chrono::milliseconds(0);
    queue_ = MUST(Queue::open(queue, files_, clock_, platform::system_random()));
    options_.password = password;
    server_ = MUST(WireServer::start(options_, *queue_, clock_, platform::system_random()));
  }
  ~WireTest() override { server_.reset(); }

  std::unique_ptr<Client> stranger() { return std::make_unique<Client>(server_->port()); }
  std::unique_ptr<Client> worker(const std::string& wid = "worker-1") {
    auto client = stranger();
    EXPECT_TRUE(client->answer().starts_with("+HI "));
    EXPECT_EQ(client->ask("HELLO {\"v\":2,\"wid\":\"" + wid + "\",\"labels\":[\"a\"]}"), "+OK");
    return client;
  }
  static std::string job(const std::string& jid, const std::string& more = "") {
    return "{\"jid\":\"" + jid + "\",\"jobtype\":\"t\",\"args\":[]" + more + "}";
  }
  // Until the server has looked at its deadlines.
  void pass(std::chrono::milliseconds time) { clock_.advance_us(time.count() * 1000); }

  platform::TemporaryDirectory folder_;
  platform::ManualClock clock_;
  platform::FaultyFileSystem files_{platform::local_file_system()};
  WireOptions options_;
  std::unique_ptr<Queue> queue_;
  std::unique_ptr<WireServer> server_;
};

TEST_F(WireTest, the_handshake_asks_for_the_password) {
  start("secret");
  const auto client = stranger();
  const std::string hi = client->answer();
  ASSERT_TRUE(hi.starts_with("+HI {\"v\":2,\"i\":")) << hi;
  EXPECT_EQ(hi.find(' ', 4), std::string::npos) << "some clients split at blanks";
  const int iterations = std::atoi(hi.c_str() + 15);
  EXPECT_GE(iterations, 4000);
  const std::string salt = hi.substr(hi.find("\"s\":\"") + 5, 32);
  EXPECT_EQ(client->ask("HELLO {\"v\":2,\"pwdhash\":\"" +
                        password_hash("secret", salt, iterations) + "\"}"),
            "+OK");
  for (const std::string& hash : {password_hash("wrong", salt, iterations), std::string()}) {
    const auto wrong = stranger();
    wrong->answer();
    EXPECT_EQ(wrong->ask("HELLO {\"v\":2,\"pwdhash\":\"" + hash + "\"}"), "-ERR Invalid password");
    EXPECT_EQ(wrong->answer(), "closed");
  }
  // Known from the outside: sha256 of sha256 of "passwordsalt".
  EXPECT_EQ(password_hash("password", "salt", 1),
            "7a37b85c8918eac19a9089c0fa5a2ab4dce3f90528dcdeec108b23ddf3607b99");
}

TEST_F(WireTest, strangers_have_two_seconds_and_one_word) {
  start();
  const auto silent = stranger();
  EXPECT_EQ(silent->answer(), "+HI {\"v\":2}");
  pass(options_.handshake_deadline - std::chrono::milliseconds(1));
  const auto rude = stranger();
  rude->answer();
  EXPECT_EQ(rude->ask("PUSH " + job("12345678")), "-ERR Say HELLO first");
  EXPECT_EQ(rude->answer(), "closed");
  pass(std::chrono::milliseconds(1));
  EXPECT_EQ(silent->answer(), "closed");
  const auto strange = stranger();
  strange->answer();
  EXPECT_EQ(strange->ask("HELLO nothing"), "-ERR this has to be a JSON object");
  const auto modern = stranger();
  modern->answer();
  EXPECT_EQ(modern->ask("HELLO {\"v\":3}"), "-ERR This server speaks version 2 of the protocol");
  const auto talkative = stranger();
  talkative->answer();
  talkative->send("HELLO {\"hostname\":\"" + std::string(40'000, 'x'));
  EXPECT_EQ(talkative->answer(), "-ERR a line has at most 32768 bytes");
}

TEST_F(WireTest, push_fetch_ack_fail_in_their_words) {
  start();
  const auto client = worker();
  EXPECT_EQ(client->ask("PUSH " + job("job-00001")), "+OK");
  EXPECT_EQ(client->ask("push " + job("job-00002")), "+OK");
  EXPECT_TRUE(client->ask("FETCH default").starts_with("{\"jid\":\"job-00001\""));
  EXPECT_EQ(client->ask("ACK {\"jid\":\"job-00001\"}"), "+OK");
  EXPECT_EQ(client->ask("ACK {\"jid\":\"job-00001\"}"), "+OK");  // unknown by now
  EXPECT_EQ(client->ask("ACK {\"jid\":\"never-pushed\"}"), "+OK");
  EXPECT_EQ(client->ask("ACK {}"), "-ERR missing JID");
  EXPECT_TRUE(client->ask("FETCH other default").starts_with("{\"jid\":\"job-00002\""));
  EXPECT_EQ(client->ask("FAIL {\"jid\":\"job-00002\",\"errtype\":\"E\",\"message\":\"m\","
                        "\"backtrace\":[\"x\"]}"),
            "+OK");
  EXPECT_EQ(client->ask("FAIL {\"jid\":\"job-00002\"}"), "-ERR Job not found job-00002");
  EXPECT_EQ(client->ask("FAIL {}"), "-ERR missing JID");
  EXPECT_EQ(client->ask("FETCH"), "-ERR must call fetch with at least one queue");
  EXPECT_EQ(client->ask("FETCH a/b"), "-ERR Invalid queue name");
  EXPECT_EQ(client->ask("PUSH {}"), "-ERR jobs must have a reasonable jid parameter");
  EXPECT_EQ(client->ask("NONSENSE"), "-ERR Unknown command NONSENSE");
  EXPECT_EQ(client->ask(""), "-ERR Unknown command");
  client->send("END\r\n");
  EXPECT_EQ(client->answer(), "closed");
}

TEST_F(WireTest, fetch_answers_nil_after_two_seconds_or_the_next_job) {
  start();
  const auto client = worker();
  client->send("FETCH default\r\n");
  const auto pusher = worker("worker-2");
  pass(options_.fetch_wait - std::chrono::milliseconds(1));
  EXPECT_EQ(pusher->ask("PUSH " + job("job-00001")), "+OK");
  EXPECT_TRUE(client->answer().starts_with("{\"jid\":\"job-00001\""));
  client->send("FETCH default\r\n");
  // The server has it once it answers what came after it, on another connection.
  for (int i = 0; i < 20; ++i) pusher->ask("INFO");
  pass(options_.fetch_wait);
  EXPECT_EQ(client->answer(), "$-1");
  // A client that goes away while it waits gets nothing.
  client->send("FETCH default\r\n");
  {
    const auto leaving = worker("worker-3");
    leaving->send("FETCH gone\r\n");
    for (int i = 0; i < 20; ++i) pusher->ask("INFO");
  }
  EXPECT_EQ(pusher->ask("PUSH " + job("job-00002", ",\"queue\":\"gone\"")), "+OK");
  for (int i = 0; i < 20; ++i) pusher->ask("INFO");
  EXPECT_TRUE(pusher->ask("FETCH gone").starts_with("{\"jid\":\"job-00002\""));
}

TEST_F(WireTest, many_jobs_at_once_with_what_failed_of_them) {
  start();
  const auto client = worker();
  EXPECT_EQ(client->ask("PUSHB [" + job("job-00001") + "," + job("short") + "," +
                        job("job-00002", ",\"queue\":\"a b\"") + ",7]"),
            "{\"short\":\"jobs must have a reasonable jid parameter\",\"job-00002\":\"queue names "
            "must match [a-zA-Z0-9._-]+ and have at most 128 characters\",\"\":\"a job has to be "
            "an object\"}");
  EXPECT_EQ(client->ask("PUSHB []"), "{}");
  EXPECT_EQ(client->ask("PUSHB {}"), "-ERR this has to be a JSON array");
  EXPECT_EQ(queue_->stats().waiting, 1U);
}

TEST_F(WireTest, lines_are_bounded_and_may_come_in_pieces) {
  start();
  const auto client = worker();
  client->send("PUSH " + job("job-00001").substr(0, 10));
  client->send(job("job-00001").substr(10) + "\nINFO\r\nFETCH default\r\n");  // a bare LF
  EXPECT_EQ(client->answer(), "+OK");
  EXPECT_NE(client->answer().find("\"total_enqueued\":1"), std::string::npos);
  EXPECT_TRUE(client->answer().starts_with("{\"jid\":\"job-00001\""));
  const std::string most(options_.line_bytes_max - 100, 'x');
  EXPECT_EQ(
      client->ask("PUSH {\"jid\":\"job-00002\",\"jobtype\":\"t\",\"args\":[\"" + most + "\"]}"),
      "+OK");
  client->send("PUSH {\"args\":[\"" + most + most);
  EXPECT_EQ(client->answer(), "-ERR a line has at most 1048576 bytes");
  EXPECT_EQ(client->answer(), "closed");
}

TEST_F(WireTest, half_a_line_and_silence_end_in_time) {
  start();
  const auto half = worker("worker-1");
  half->send("PUSH {");
  const auto silent = worker("worker-2");
  for (int i = 0; i < 20; ++i) silent->ask("INFO");
  pass(options_.line_deadline);
  EXPECT_EQ(half->answer(), "closed");
  EXPECT_EQ(silent->ask("ACK {\"jid\":\"12345678\"}"), "+OK");
  pass(options_.idle_deadline);
  EXPECT_EQ(silent->answer(), "closed");
}

TEST_F(WireTest, who_takes_no_answers_is_not_asked_on_and_not_waited_for) {
  start();
  const auto greedy = worker("worker-1");
  constexpr uint64_t kAsked = 40'000;  // about 30 MB of answers: more than any socket holds
  std::string lines;
  for (uint64_t i = 0; i < kAsked; ++i) lines += "INFO\n";
  std::thread asking([&] { greedy->send(lines); });
  const auto other = worker("worker-2");
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(other->ask("INFO").starts_with("{"));
  EXPECT_LT(server_->stats().commands, kAsked);
  // Nothing is lost: all come once they are taken.
  for (uint64_t i = 0; i < kAsked; ++i) ASSERT_TRUE(greedy->answer().starts_with("{")) << i;
  asking.join();
  EXPECT_EQ(greedy->ask("ACK {\"jid\":\"12345678\"}"), "+OK");

  std::thread asking_again([&] { greedy->send(lines); });
  for (int i = 0; i < 500; ++i) other->ask("INFO");
  pass(options_.write_deadline);
  for (uint64_t i = 0; i < kAsked && server_->stats().connections > 1; ++i) other->ask("INFO");
  EXPECT_EQ(server_->stats().connections, 1U);
  asking_again.join();
}

TEST_F(WireTest, names_and_counts_are_bounded) {
  start();
  const auto client = worker();
  const auto push = [&](const std::string& more) {
    return client->ask("PUSH " + job("job-00001", more));
  };
  const std::string name(128, 'q');
  EXPECT_EQ(push(",\"queue\":\"" + name + "\""), "+OK");
  EXPECT_EQ(push(",\"queue\":\"" + name + "q\""),
            "-ERR queue names must match [a-zA-Z0-9._-]+ and have at most 128 characters");
  EXPECT_EQ(client->ask("PUSH {\"jid\":\"1234567\",\"jobtype\":\"t\",\"args\":[]}"),
            "-ERR jobs must have a reasonable jid parameter");
  EXPECT_EQ(client->ask("PUSH {\"jid\":\"12345678\",\"args\":[]}"),
            "-ERR jobs must have a jobtype parameter");
  EXPECT_EQ(client->ask("PUSH {\"jid\":\"12345678\",\"jobtype\":\"t\"}"),
            "-ERR jobs must have an args parameter");
  for (const char* seconds : {"59", "86401"}) {
    EXPECT_EQ(push(std::string(",\"reserve_for\":") + seconds),
              "-ERR reserve_for has to be 60 to 86400 seconds");
  }
  for (const char* tries : {"-2", "1001"}) {
    EXPECT_EQ(push(std::string(",\"retry\":") + tries), "-ERR retry has to be -1 to 1000");
  }
  std::string queues;
  for (int i = 0; i < 99; ++i) queues += " q" + std::to_string(i);
  EXPECT_TRUE(client->ask("FETCH" + queues + " " + name).starts_with("{\"jid\":\"job-00001\""));
  EXPECT_EQ(client->ask("FETCH" + queues + " " + name + " more"), "-ERR at most 100 names");
  const auto stranger_with = [&](size_t bytes) {
    const auto strange = stranger();
    strange->answer();
    return strange->ask("HELLO {\"v\":2,\"wid\":\"" + std::string(bytes, 'w') + "\"}");
  };
  EXPECT_EQ(stranger_with(256), "+OK");
  EXPECT_EQ(stranger_with(257), "-ERR wid is too long");
}

TEST_F(WireTest, failures_are_cut_retried_and_die_on_time) {
  start();
  const auto client = worker();
  const auto stats = [&] { return queue_->stats(); };
  // Cut to 100 and 1000 characters and 50 lines.
  EXPECT_EQ(client->ask("PUSH " + job("job-00001", ",\"retry\":1,\"backtrace\":100")), "+OK");
  client->ask("FETCH default");
  std::string backtrace;
  for (int i = 0; i < 60; ++i) backtrace += fmt::format("{}\"line {}\"", i == 0 ? "" : ",", i);
  EXPECT_EQ(client->ask("FAIL {\"jid\":\"job-00001\",\"errtype\":\"" + std::string(101, 'E') +
                        "\",\"message\":\"" + std::string(1001, 'm') + "\",\"backtrace\":[" +
                        backtrace + "]}"),
            "+OK");
  EXPECT_EQ(stats().retries, 1U);
  // The first retry comes after 15 to 44 seconds.
  pass(std::chrono::seconds(14));
  queue_->tick();
  EXPECT_EQ(stats().retries, 1U);
  pass(std::chrono::seconds(31));
  queue_->tick();
  const std::string again = client->ask("FETCH default");
  EXPECT_NE(again.find("\"errtype\":\"" + std::string(100, 'E') + "\""), std::string::npos);
  EXPECT_NE(again.find("\"message\":\"" + std::string(1000, 'm') + "\""), std::string::npos);
  EXPECT_NE(again.find("\"line 49\"]"), std::string::npos);
  // No try is left: it is dead, for 180 days.
  EXPECT_EQ(client->ask("FAIL {\"jid\":\"job-00001\"}"), "+OK");
  EXPECT_EQ(stats().dead, 1U);
  // With 0 it is dropped, with -1 dead at once.
  EXPECT_EQ(client->ask("PUSH " + job("job-00002", ",\"retry\":0")), "+OK");
  client->ask("FETCH default");
  EXPECT_EQ(client->ask("FAIL {\"jid\":\"job-00002\"}"), "+OK");
  EXPECT_EQ(stats().dead + stats().retries, 1U);
  EXPECT_EQ(client->ask("PUSH " + job("job-00003", ",\"retry\":-1")), "+OK");
  client->ask("FETCH default");
  EXPECT_EQ(client->ask("FAIL {\"jid\":\"job-00003\"}"), "+OK");
  EXPECT_EQ(stats().dead, 2U);
  // A reservation that expires goes the way of FAIL.
  EXPECT_EQ(client->ask("PUSH " + job("job-00004", ",\"reserve_for\":60")), "+OK");
  client->ask("FETCH default");
  pass(std::chrono::seconds(59));
  queue_->tick();
  EXPECT_EQ(stats().working, 1U);
  pass(std::chrono::seconds(2));
  queue_->tick();
  EXPECT_EQ(stats().working, 0U);
  EXPECT_EQ(stats().retries, 1U);
  clock_.advance_us(int64_t{179} * 86'400 * 1'000'000);
  queue_->tick();
  EXPECT_EQ(stats().dead, 2U);
  clock_.advance_us(int64_t{1} * 86'400 * 1'000'000);
  queue_->tick();
  EXPECT_EQ(stats().dead, 0U);
}

TEST_F(WireTest, workers_beat_are_told_to_stop_and_are_forgotten) {
  start();
  const auto client = worker("worker-1");
  EXPECT_EQ(client->ask("BEAT {\"wid\":\"worker-1\",\"rss_kb\":5000}"), "+OK");
  EXPECT_EQ(client->ask("BEAT {\"wid\":\"nobody\"}"), "-ERR Unknown worker nobody");
  EXPECT_EQ(client->ask("BEAT {\"wid\":\"worker-1\",\"current_state\":\"asleep\"}"),
            "-ERR current_state has to be quiet or terminate");
  ASSERT_EQ(queue_->workers().list().size(), 1U);
  EXPECT_EQ(queue_->workers().list()[0].rss_kb, 5000);
  EXPECT_EQ(queue_->workers().list()[0].labels, std::vector<std::string>{"a"});
  ASSERT_TRUE(queue_->workers().signal("worker-1", WorkerSignal::kQuiet).ok());
  EXPECT_EQ(client->ask("BEAT {\"wid\":\"worker-1\"}"), "{\"state\":\"quiet\"}");
  EXPECT_EQ(client->ask("PUSH " + job("job-00001")), "+OK");
  client->send("FETCH default\r\n");  // gets nothing while it is quiet
  const auto other = worker("worker-2");
  for (int i = 0; i < 20; ++i) other->ask("INFO");
  pass(options_.fetch_wait);
  EXPECT_EQ(client->answer(), "$-1");
  ASSERT_TRUE(queue_->workers().signal("worker-1", WorkerSignal::kTerminate).ok());
  EXPECT_EQ(client->ask("BEAT {\"wid\":\"worker-1\"}"), "{\"state\":\"terminate\"}");
  pass(std::chrono::seconds(61));
  queue_->tick();
  EXPECT_TRUE(queue_->workers().list().empty());
}

TEST_F(WireTest, queues_are_paused_resumed_removed_and_asked_for_their_latency) {
  start();
  const auto client = worker();
  EXPECT_EQ(client->ask("PUSH " + job("job-00001")), "+OK");
  EXPECT_EQ(client->ask("QUEUE PAUSE default"), "+OK");
  pass(std::chrono::milliseconds(1500));
  EXPECT_EQ(client->ask("QUEUE LATENCY default none"), "{\"default\":1.500000}");
  EXPECT_EQ(client->ask("QUEUE RESUME *"), "+OK");
  EXPECT_EQ(client->ask("QUEUE REMOVE default"), "+OK");
  EXPECT_NE(client->ask("INFO").find("\"queues\":{}"), std::string::npos);
  EXPECT_EQ(client->ask("QUEUE PAUSE"), "-ERR QUEUE PAUSE needs at least one queue");
  EXPECT_EQ(client->ask("QUEUE EAT default"), "-ERR Unknown QUEUE command EAT");
}

TEST_F(WireTest, mutations_name_what_is_wrong_with_them) {
  start();
  const auto client = worker();
  EXPECT_EQ(client->ask("PUSH " + job("job-00001", ",\"at\":\"2030-01-01T00:00:00Z\"")), "+OK");
  EXPECT_EQ(client->ask("MUTATE {\"cmd\":\"kill\",\"target\":\"scheduled\",\"filter\":"
                        "{\"jids\":[\"job-00001\"]}}"),
            "+OK");
  EXPECT_EQ(queue_->stats().dead, 1U);
  EXPECT_EQ(client->ask("MUTATE {\"cmd\":\"requeue\",\"target\":\"dead\",\"filter\":"
                        "{\"jobtype\":\"t\",\"regexp\":\"*job-*\"}}"),
            "+OK");
  EXPECT_TRUE(client->ask("FETCH default").starts_with("{\"jid\":\"job-00001\""));
  EXPECT_EQ(client->ask("MUTATE {\"cmd\":\"clear\",\"target\":\"retries\"}"), "+OK");
  EXPECT_EQ(client->ask("MUTATE {\"cmd\":\"eat\",\"target\":\"dead\"}"),
            "-ERR Invalid mutation command: eat");
  EXPECT_EQ(client->ask("MUTATE {\"cmd\":\"kill\",\"target\":\"all\"}"),
            "-ERR Invalid mutation target: all");
  EXPECT_EQ(client->ask("MUTATE {}"), "-ERR Invalid mutation command: missing");
  EXPECT_EQ(client->ask("FLUSH"), "+OK");
  EXPECT_EQ(queue_->stats().working, 0U);
}

TEST_F(WireTest, unique_jobs_batches_and_tracking) {
  start();
  const auto client = worker();
  const std::string unique = ",\"custom\":{\"unique_for\":60,\"track\":1}";
  EXPECT_EQ(client->ask("PUSH " + job("job-00001", unique)), "+OK");
  EXPECT_EQ(client->ask("PUSH " + job("job-00002", unique)), "-NOTUNIQUE Job not unique");
  EXPECT_EQ(client->ask("TRACK GET job-00009"),
            "{\"jid\":\"job-00009\",\"state\":\"unknown\",\"updated_at\":\"\"}");
  EXPECT_EQ(client->ask("TRACK SET {\"jid\":\"job-00001\",\"percent\":10,\"desc\":\"d\"}"), "+OK");
  EXPECT_EQ(client->ask("TRACK GET job-00001"),
            "{\"jid\":\"job-00001\",\"state\":\"enqueued\",\"updated_at\":"
            "\"2023-11-14T22:13:20.000000Z\",\"percent\":10,\"desc\":\"d\"}");
  EXPECT_EQ(client->ask("TRACK SET {\"jid\":\"job-00001\",\"percent\":101}"),
            "-ERR percent has to be 0 to 100");
  EXPECT_EQ(client->ask("TRACK EAT job-00001"), "-ERR Unknown TRACK command EAT");
  const std::string bid =
      client->ask("BATCH NEW {\"description\":\"d\",\"success\":" + job("callback1") + "}");
  ASSERT_TRUE(bid.starts_with("b-")) << bid;
  EXPECT_EQ(client->ask("PUSH " + job("job-00003", ",\"custom\":{\"bid\":\"" + bid + "\"}")),
            "+OK");
  EXPECT_EQ(client->ask("BATCH COMMIT " + bid), "+OK");
  EXPECT_EQ(client->ask("BATCH COMMIT " + bid), "-ERR Batch has already been committed");
  EXPECT_EQ(client->ask("PUSH " + job("job-00004", ",\"custom\":{\"bid\":\"" + bid + "\"}")),
            "-ERR Batch has already been committed, it must be reopened");
  EXPECT_EQ(client->ask("BATCH STATUS " + bid),
            "{\"bid\":\"" + bid +
                "\",\"description\":\"d\",\"created_at\":\"2023-11-14T22:13:20.000000Z\","
                "\"total\":1,\"pending\":1,\"failed\":0,\"complete_st\":\"\",\"success_st\":\"\"}");
  EXPECT_EQ(client->ask("BATCH OPEN " + bid), bid);
  EXPECT_EQ(client->ask("BATCH OPEN none"), "-ERR No such batch none");
  EXPECT_EQ(client->ask("BATCH NEW {}"), "-ERR Batches must have a success or a complete callback");
}

TEST_F(WireTest, ok_is_not_said_while_the_disk_fails) {
  start();
  const auto client = worker();
  files_.fail_syncs(true);
  EXPECT_EQ(client->ask("PUSH " + job("job-00001")),
            "-ERR the job queue cannot write its log; try again");
  EXPECT_EQ(client->ask("PUSH " + job("job-00002")), "-ERR the job queue cannot write its log");
  files_.fail_syncs(false);
  queue_->tick();
  EXPECT_EQ(client->ask("PUSH " + job("job-00002")), "+OK");
}

TEST_F(WireTest, connections_are_bounded) {
  options_.connections_max = 2;
  start();
  const auto first = worker("worker-1");
  const auto second = worker("worker-2");
  EXPECT_EQ(stranger()->answer(), "closed");
  EXPECT_EQ(first->ask("ACK {\"jid\":\"12345678\"}"), "+OK");
}

TEST_F(WireTest, only_loopback_is_served_without_a_password) {
  start();
  WireOptions open = options_;
  open.address = "0.0.0.0";
  const auto refused = WireServer::start(open, *queue_, clock_, platform::system_random());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  open.tls_certificate = "/nonexistent";
  open.address = "127.0.0.1";
  EXPECT_FALSE(WireServer::start(open, *queue_, clock_, platform::system_random()).ok());
}

TEST_F(WireTest, many_connections_at_once) {
  start();
  constexpr int kClients = 8;
  constexpr int kJobs = 100;
  std::vector<std::thread> threads;
  for (int c = 0; c < kClients; ++c) {
    threads.emplace_back([&, c] {
      const auto client = worker(fmt::format("worker-{}", c));
      for (int i = 0; i < kJobs; ++i) {
        CHECK(client->ask("PUSH " + job(fmt::format("job-{}-{:04}", c, i))) == "+OK");
        const std::string got = client->ask("FETCH default");
        CHECK(got.starts_with("{\"jid\":\""));
        CHECK(client->ask("ACK {" + got.substr(1, got.find(',') - 1) + "}") == "+OK");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(queue_->stats().counters.processed, static_cast<uint64_t>(kClients) * kJobs);
}

}  // namespace
}  // namespace firn::jobs::wire
