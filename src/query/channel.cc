#include "query/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace firn::query {
namespace {

// length, type, descriptors
constexpr size_t kHeaderBytes = 8;

Error gone() { return Error(ErrorCode::kUnavailable, "the query worker ended unexpectedly"); }

}  // namespace

Channel::~Channel() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::pair<int, int>> Channel::socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return Error(ErrorCode::kInternal, "cannot make a socket pair", std::strerror(errno));
  }
  return std::pair(ends[0], ends[1]);
}

Status Channel::send(FrameType type, std::string_view payload, std::span<const int> descriptors) {
  if (payload.size() > kFrameBytesMax || descriptors.size() > kDescriptorsMax) {
    return Error(ErrorCode::kResourceExhausted, "a message to or from the query is too large");
  }
  std::string header;
  append_le(header, static_cast<uint32_t>(payload.size()));
  append_le(header, static_cast<uint16_t>(type));
  append_le(header, static_cast<uint16_t>(descriptors.size()));

  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kDescriptorsMax)];
  size_t sent = 0;
  const size_t total = kHeaderBytes + payload.size();
  while (sent < total) {
    iovec parts[2];
    msghdr message{};
    message.msg_iov = parts;
    if (sent < kHeaderBytes) {
      parts[0] = {header.data() + sent, kHeaderBytes - sent};
      parts[1] = {const_cast<char*>(payload.data()), payload.size()};
      message.msg_iovlen = 2;
    } else {
      parts[0] = {const_cast<char*>(payload.data()) + (sent - kHeaderBytes), total - sent};
      message.msg_iovlen = 1;
    }
    if (sent == 0 && !descriptors.empty()) {
      message.msg_control = control;
      message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
      cmsghdr* entry = CMSG_FIRSTHDR(&message);
      entry->cmsg_level = SOL_SOCKET;
      entry->cmsg_type = SCM_RIGHTS;
      entry->cmsg_len = CMSG_LEN(descriptors.size_bytes());
      std::memcpy(CMSG_DATA(entry), descriptors.data(), descriptors.size_bytes());
    }
    const ssize_t n = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return gone();
    sent += static_cast<size_t>(n);
  }
  return {};
}

Status Channel::read_exactly(char* into, size_t size, std::vector<int>* descriptors) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kDescriptorsMax)];
  while (size > 0) {
    iovec part{into, size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptors != nullptr) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
    }
    const ssize_t n = ::recvmsg(descriptor_, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return gone();
    for (cmsghdr* entry = descriptors ? CMSG_FIRSTHDR(&message) : nullptr; entry != nullptr;
         entry = CMSG_NXTHDR(&message, entry)) {
      if (entry->cmsg_level != SOL_SOCKET || entry->cmsg_type != SCM_RIGHTS) continue;
      const size_t count = (entry->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      const size_t before = descriptors->size();
      descriptors->resize(before + count);
      std::memcpy(descriptors->data() + before, CMSG_DATA(entry), count * sizeof(int));
    }
    into += n;
    size -= static_cast<size_t>(n);
  }
  return {};
}

Result<Frame> Channel::receive() {
  char header[kHeaderBytes];
  Frame frame;
  TRY(read_exactly(header, sizeof header, &frame.descriptors));
  const auto size = load_le<uint32_t>(header);
  frame.type = static_cast<FrameType>(load_le<uint16_t>(header + 4));
  if (size > receive_bytes_max_ || load_le<uint16_t>(header + 6) != frame.descriptors.size()) {
    for (const int descriptor : frame.descriptors) ::close(descriptor);
    return Error(ErrorCode::kInternal, "the query worker broke the protocol");
  }
  frame.payload.resize(size);
  if (auto status = read_exactly(frame.payload.data(), size, nullptr); !status.ok()) {
    for (const int descriptor : frame.descriptors) ::close(descriptor);
    return std::move(status).error();
  }
  return frame;
}

bool Channel::readable_within(std::chrono::milliseconds timeout) {
  pollfd entry{descriptor_, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(timeout.count())) > 0;
}

}  // namespace firn::query
