// Load on the job queue: connections that push, fetch and acknowledge over several queues, as a
// client would, one command in flight each; latencies of each command. One thread.
//
//   job_load PORT CONNECTIONS SECONDS QUEUES
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace {

using Time = std::chrono::steady_clock;
enum Command { kPush, kFetch, kAck, kCommands };
constexpr const char* kNames[] = {"push", "fetch", "ack"};

[[noreturn]] void fail(const std::string& why) {
  fmt::print(stderr, "job_load: {}\n", why);
  std::exit(1);
}

struct Connection {
  int fd = -1;
  int number = 0;
  uint64_t serial = 0;
  Command command = kPush;
  std::string jid;
  std::string in;
  Time::time_point sent;
};

std::vector<double> latencies[kCommands];
uint64_t done = 0;
int queues = 5;

void send_line(Connection& connection, const std::string& line) {
  connection.sent = Time::now();
  if (::send(connection.fd, line.data(), line.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(line.size())) {
    fail("cannot send");
  }
}

void send_command(Connection& connection) {
  const int queue = static_cast<int>((connection.number + connection.serial) % queues);
  switch (connection.command) {
    case kPush:
      ++connection.serial;
      send_line(connection,
                fmt::format("PUSH {{\"jid\":\"job-{:06}-{:012}\",\"queue\":\"q{}\",\"jobtype\":"
                            "\"bench\",\"args\":[{},\"some text of an argument\",{{\"a\":1.5}}],"
                            "\"created_at\":\"2026-01-31T12:00:00.000Z\",\"retry\":3}}\r\n",
                            connection.number, connection.serial, queue, connection.serial));
      break;
    case kFetch: {
      // All queues, beginning with another one each time.
      std::string line = "FETCH";
      for (int i = 0; i < queues; ++i) line += fmt::format(" q{}", (queue + i) % queues);
      send_line(connection, line + "\r\n");
      break;
    }
    default: send_line(connection, "ACK {\"jid\":\"" + connection.jid + "\"}\r\n");
  }
}

// True once the answer is whole.
bool take_answer(Connection& connection) {
  const size_t end = connection.in.find("\r\n");
  if (end == std::string::npos) return false;
  const char kind = connection.in[0];
  if (kind == '-') fail(connection.in);
  if (kind == '$') {
    const long size = std::strtol(connection.in.c_str() + 1, nullptr, 10);
    if (size < 0) fail("a fetch came back empty");
    if (connection.in.size() < end + 2 + static_cast<size_t>(size) + 2) return false;
    const size_t jid = connection.in.find("\"jid\":\"") + 7;
    connection.jid = connection.in.substr(jid, connection.in.find('"', jid) - jid);
  }
  connection.in.clear();
  const std::chrono::duration<double, std::milli> took = Time::now() - connection.sent;
  latencies[connection.command].push_back(took.count());
  return true;
}

std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (::recv(fd, &c, 1, 0) == 1 && c != '\n') line += c;
  return line;
}

Connection open_connection(uint16_t port, int number) {
  Connection connection;
  connection.number = number;
  connection.fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail("cannot connect");
  }
  const int on = 1;
  ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  read_line(connection.fd);
  send_line(connection, fmt::format("HELLO {{\"v\":2,\"wid\":\"bench-{:06}\"}}\r\n", number));
  if (!read_line(connection.fd).starts_with("+OK")) fail("no OK to HELLO");
  return connection;
}

double percentile(std::vector<double>& values, double of) {
  if (values.empty()) return 0;
  const auto at = static_cast<size_t>(of * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(at), values.end());
  return values[at];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) fail("usage: job_load PORT CONNECTIONS SECONDS QUEUES");
  const auto port = static_cast<uint16_t>(std::atoi(argv[1]));
  const int count = std::atoi(argv[2]);
  const double seconds = std::atof(argv[3]);
  queues = std::atoi(argv[4]);
  const int epoll = ::epoll_create1(0);
  std::vector<Connection> connections;
  for (int i = 0; i < count; ++i) connections.push_back(open_connection(port, i));
  for (int i = 0; i < count; ++i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<uint32_t>(i);
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, connections[static_cast<size_t>(i)].fd, &event);
  }
  const auto started = Time::now();
  const auto until = started + std::chrono::duration<double>(seconds);
  for (Connection& connection : connections) send_command(connection);
  size_t open = connections.size();
  while (open > 0) {
    epoll_event events[64];
    const int ready = ::epoll_wait(epoll, events, 64, 10'000);
    if (ready <= 0) fail("the server is silent");
    const bool over = Time::now() >= until;
    for (int i = 0; i < ready; ++i) {
      Connection& connection = connections[events[i].data.u32];
      char buffer[4096];
      const ssize_t n = ::recv(connection.fd, buffer, sizeof buffer, 0);
      if (n <= 0) fail("the connection was closed");
      connection.in.append(buffer, static_cast<size_t>(n));
      if (!take_answer(connection)) continue;
      if (connection.command == kAck) {
        ++done;
        if (over) {
          // Ends with nothing of its own left.
          ::close(connection.fd);
          --open;
          continue;
        }
      }
      connection.command = static_cast<Command>((connection.command + 1) % kCommands);
      send_command(connection);
    }
  }
  const std::chrono::duration<double> took = Time::now() - started;
  fmt::print("{{\"jobs_per_second\": {:.0f}, \"seconds\": {:.2f}", done / took.count(),
             took.count());
  for (int command = 0; command < kCommands; ++command) {
    fmt::print(", \"{0}_p50_ms\": {1:.3f}, \"{0}_p99_ms\": {2:.3f}", kNames[command],
               percentile(latencies[command], 0.5), percentile(latencies[command], 0.99));
  }
  fmt::print("}}\n");
}
