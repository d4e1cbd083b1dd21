// What the kernel's TCP allows one thread at most: a server that looks at nothing but where a
// request ends, and answers the same bytes. http_limit BYTES prints its port and serves until it
// is killed.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fmt/format.h>

namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

int listen_somewhere() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0) die("bind");
  if (::listen(fd, 128) != 0) die("listen");
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return fd;
}

void watch(int poll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: http_limit BYTES\n");
    return 2;
  }
  const std::string body(static_cast<size_t>(std::atoi(argv[1])), ' ');
  const std::string answer =
      fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
  const int listener = listen_somewhere();
  const int poll = ::epoll_create1(0);
  watch(poll, listener);
  std::array<epoll_event, 64> events{};
  std::array<char, 16 << 10> buffer{};
  for (;;) {
    const int n = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd == listener) {
        fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        const int one = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(poll, fd);
        continue;
      }
      // The load sends a request in one piece, and no other before the answer.
      if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0) {
        ::close(fd);
      } else if (::send(fd, answer.data(), answer.size(), 0) < 0) {
        die("send");
      }
    }
  }
}
