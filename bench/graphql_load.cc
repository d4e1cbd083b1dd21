// A closed loop of N connections that send one GraphQL request over and over, in one thread that
// never sleeps, so that the server does not pay for waking it:
// graphql_load PORT CONNECTIONS SECONDS QUERY. Prints one line of JSON.
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

using Clock = std::chrono::steady_clock;

struct Connection {
  int socket = -1;
  std::string answer;
  size_t expected = 0;  // bytes of the whole answer, once its head is there
  Clock::time_point start;
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

// True when the answer is whole.
bool receive(Connection& connection) {
  char buffer[64 << 10];
  const ssize_t n = ::recv(connection.socket, buffer, sizeof buffer, 0);
  if (n <= 0) die("recv");
  connection.answer.append(buffer, static_cast<size_t>(n));
  if (connection.expected == 0) {
    const size_t head = connection.answer.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    size_t field = connection.answer.find("ontent-Length: ");
    if (field == std::string::npos) field = connection.answer.find("ontent-length: ");
    if (field == std::string::npos) die("no length");
    connection.expected =
        head + 4 + std::strtoul(connection.answer.c_str() + field + 15, nullptr, 10);
  }
  return connection.answer.size() >= connection.expected;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: graphql_load PORT CONNECTIONS SECONDS QUERY\n");
    return 2;
  }
  const std::string body = "{\"query\":\"" + json_escape(argv[4]) + "\"}";
  const std::string request = fmt::format(
      "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      body.size(), body);
  std::vector<Connection> connections(static_cast<size_t>(std::atoi(argv[2])));
  const int poll = ::epoll_create1(0);
  const auto send_next = [&](Connection& connection) {
    connection.start = Clock::now();
    connection.answer.clear();
    connection.expected = 0;
    if (::send(connection.socket, request.data(), request.size(), 0) !=
        static_cast<ssize_t>(request.size())) {
      die("send");
    }
  };
  for (size_t i = 0; i < connections.size(); ++i) {
    connections[i].socket = connect_to(std::atoi(argv[1]));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].socket, &event);
    send_next(connections[i]);
  }
  const auto start = Clock::now();
  const auto until = start + std::chrono::duration<double>(std::atof(argv[3]));
  std::vector<double> latencies_ms;
  size_t bytes = 0;
  std::vector<epoll_event> events(connections.size());
  size_t open = connections.size();
  while (open > 0) {
    const int n = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < n; ++i) {
      Connection& connection = connections[events[static_cast<size_t>(i)].data.u64];
      if (!receive(connection)) continue;
      if (latencies_ms.empty() && connection.answer.find(" 200 OK") == std::string::npos) {
        std::fprintf(stderr, "%s\n", connection.answer.c_str());
        return 1;
      }
      bytes = connection.answer.size();
      const auto now = Clock::now();
      latencies_ms.push_back(
          std::chrono::duration<double, std::milli>(now - connection.start).count());
      if (now < until) {
        send_next(connection);
      } else {
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
