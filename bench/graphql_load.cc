// A closed loop of N connections that send one GraphQL request over and over, in one thread that
// never sleeps, so that the server does not pay for waking it:
// graphql_load PORT CONNECTIONS PIPELINED SECONDS QUERY. PIPELINED requests of each connection are
// under way at once (1: the next one follows the answer). Prints one line of JSON.
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
#include <deque>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  int socket = -1;
  std::string received;
  size_t at = 0;                       // where in it the answer that is next begins
  size_t expected = 0;                 // bytes of that answer, once its head is there
  std::deque<Clock::time_point> sent;  // when, of those under way
};

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

std::string json_escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// The length of the answer that begins at `at`; 0 when its head is not whole.
size_t answer_length(const std::string& received, size_t at) {
  const size_t head = received.find("\r\n\r\n", at);
  if (head == std::string::npos) return 0;
  size_t field = received.find("ontent-Length: ", at);
  if (field > head) field = received.find("ontent-length: ", at);
  if (field > head) die("no length");
  return head + 4 - at + std::strtoul(received.c_str() + field + 15, nullptr, 10);
}

// Reads what is there. The number of answers that it completes; `bytes` is the last one's length.
size_t receive(Connection& connection, size_t& bytes) {
  char buffer[64 << 10];
  const ssize_t n = ::recv(connection.socket, buffer, sizeof buffer, 0);
  if (n <= 0) die("recv");
  connection.received.append(buffer, static_cast<size_t>(n));
  size_t answers = 0;
  for (;;) {
    if (connection.expected == 0) {
      connection.expected = answer_length(connection.received, connection.at);
    }
    if (connection.expected == 0) break;
    if (connection.received.size() - connection.at < connection.expected) break;
    if (connection.received.compare(connection.at, 12, "HTTP/1.1 200") != 0) {
      std::fprintf(stderr, "%s\n", connection.received.c_str());
      std::exit(1);
    }
    bytes = connection.expected;
    connection.at += connection.expected;
    connection.expected = 0;
    ++answers;
  }
  if (connection.at == connection.received.size()) {
    connection.received.clear();
    connection.at = 0;
  }
  return answers;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: graphql_load PORT CONNECTIONS PIPELINED SECONDS QUERY\n");
    return 2;
  }
  const std::string body = "{\"query\":\"" + json_escape(argv[5]) + "\"}";
  const std::string request = fmt::format(
      "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      body.size(), body);
  const auto pipelined = static_cast<size_t>(std::atoi(argv[3]));
  std::string requests;
  for (size_t i = 0; i < pipelined; ++i) requests += request;
  std::vector<Connection> connections(static_cast<size_t>(std::atoi(argv[2])));
  const int poll = ::epoll_create1(0);
  const auto send_next = [&](Connection& connection, size_t count) {
    connection.sent.insert(connection.sent.end(), count, Clock::now());
    const size_t bytes = count * request.size();
    if (::send(connection.socket, requests.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
      die("send");
    }
  };
  for (size_t i = 0; i < connections.size(); ++i) {
    connections[i].socket = connect_to(std::atoi(argv[1]));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].socket, &event);
    send_next(connections[i], pipelined);
  }
  const auto start = Clock::now();
  const auto until = start + std::chrono::duration<double>(std::atof(argv[4]));
  std::vector<double> latencies_ms;
  size_t bytes = 0;
  std::vector<epoll_event> events(connections.size());
  size_t open = connections.size();
  while (open > 0) {
    const int n = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < n; ++i) {
      Connection& connection = connections[events[static_cast<size_t>(i)].data.u64];
      const size_t answers = receive(connection, bytes);
      const auto now = Clock::now();
      for (size_t k = 0; k < answers; ++k) {
        latencies_ms.push_back(
            std::chrono::duration<double, std::milli>(now - connection.sent.front()).count());
        connection.sent.pop_front();
      }
      if (now < until) {
        if (answers > 0) send_next(connection, answers);
      } else if (connection.sent.empty()) {
        --open;
      }
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::sort(latencies_ms.begin(), latencies_ms.end());
  const auto at = [&](double part) {
    return latencies_ms[static_cast<size_t>(part * static_cast<double>(latencies_ms.size() - 1))];
  };
  fmt::print(
      "{{\"requests_per_second\":{:.0f},\"p50_ms\":{:.3f},\"p99_ms\":{:.3f},\"bytes\":{}}}\n",
      static_cast<double>(latencies_ms.size()) / seconds, at(0.5), at(0.99), bytes);
  return 0;
}
