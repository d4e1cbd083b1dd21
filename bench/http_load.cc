// A closed loop of N connections that append rows over HTTP, in one thread, with as little work of
// its own as can be: every body is made beforehand. Prints one line of JSON.
#include <arpa/inet.h>
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

#include "rows.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  int socket = -1;
  size_t request = 0;
  size_t sent = 0;
  std::string answer;
  Clock::time_point start;
};

struct Totals {
  uint64_t requests = 0;
  uint64_t refused = 0;  // 429
  uint64_t failed = 0;
  std::vector<double> latencies_ms;
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
  return fd;
}

class Load {
 public:
  Load(int port, int connections, std::vector<std::string> requests)
      : requests_(std::move(requests)), connections_(static_cast<size_t>(connections)) {
    poll_ = ::epoll_create1(0);
    for (size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].socket = connect_to(port);
      connections_[i].request = i % requests_.size();
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, connections_[i].socket, &event);
    }
  }

  Totals run(double seconds) {
    const auto until = Clock::now() + std::chrono::duration<double>(seconds);
    for (Connection& connection : connections_) send_next(connection);
    size_t open = connections_.size();
    std::vector<epoll_event> events(connections_.size());
    while (open > 0) {
      const int n = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < n; ++i) {
        Connection& connection = connections_[events[static_cast<size_t>(i)].data.u64];
        if (!receive(connection)) continue;
        if (Clock::now() < until)
          send_next(connection);
        else
          --open;
      }
    }
    return std::move(totals_);
  }

 private:
  void send_next(Connection& connection) {
    const std::string& request = requests_[connection.request];
    connection.request = (connection.request + 1) % requests_.size();
    connection.start = Clock::now();
    connection.answer.clear();
    for (size_t sent = 0; sent < request.size();) {
      const ssize_t n = ::send(connection.socket, request.data() + sent, request.size() - sent, 0);
      if (n < 0) die("send");
      sent += static_cast<size_t>(n);
    }
  }

  // True when the answer is whole.
  bool receive(Connection& connection) {
    char buffer[4096];
    const ssize_t n = ::recv(connection.socket, buffer, sizeof buffer, 0);
    if (n <= 0) die("recv");
    connection.answer.append(buffer, static_cast<size_t>(n));
    const size_t head = connection.answer.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const size_t field = connection.answer.find("Content-Length: ");
    const size_t length = std::strtoul(connection.answer.c_str() + field + 16, nullptr, 10);
    if (connection.answer.size() < head + 4 + length) return false;
    const int status = std::atoi(connection.answer.c_str() + 9);
    if (status == 200) {
      ++totals_.requests;
      totals_.latencies_ms.push_back(
          std::chrono::duration<double, std::milli>(Clock::now() - connection.start).count());
    } else if (status == 429) {
      ++totals_.refused;
      ::usleep(1000);
    } else {
      ++totals_.failed;
      if (totals_.failed == 1) std::fprintf(stderr, "%s\n", connection.answer.c_str());
    }
    return true;
  }

  std::vector<std::string> requests_;
  std::vector<Connection> connections_;
  int poll_ = -1;
  Totals totals_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(stderr, "usage: http_load PORT KEY TABLE CONNECTIONS ROWS SECONDS sync|async\n");
    return 2;
  }
  const int connections = std::atoi(argv[4]);
  const int rows = std::atoi(argv[5]);
  const bool sync = std::string(argv[7]) == "sync";
  std::vector<std::string> requests;
  const int distinct = std::max(8, std::min(512, 200000 / rows));
  for (int i = 0; i < distinct; ++i) {
    const std::string body = firn::bench::make_body(
        static_cast<unsigned long>(i) * static_cast<unsigned long>(rows), rows, false);
    requests.push_back(fmt::format(
        "POST /append?catalog=lake&schema=main&table={}{} HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: "
        "{}\r\n\r\n{}",
        argv[3], sync ? "&sync=true" : "", argv[2], body.size(), body));
  }
  Load load(std::atoi(argv[1]), connections, std::move(requests));
  const auto start = Clock::now();
  Totals totals = load.run(std::atof(argv[6]));
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  auto& latencies = totals.latencies_ms;
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double part) {
    return latencies.empty()
               ? 0
               : latencies[static_cast<size_t>(part * static_cast<double>(latencies.size() - 1))];
  };
  fmt::print(
      "{{\"requests\":{},\"rows_per_second\":{:.0f},\"requests_per_second\":{:.0f},\"p50_ms\":{:."
      "2f},"
      "\"p99_ms\":{:.2f},\"refused\":{},\"failed\":{},\"seconds\":{:.2f}}}\n",
      totals.requests, static_cast<double>(totals.requests) * rows / seconds,
      static_cast<double>(totals.requests) / seconds, at(0.5), at(0.99), totals.refused,
      totals.failed, seconds);
  return totals.failed > 0 ? 1 : 0;
}
