#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/wire.h"

namespace firn::query {

struct Frame {
  FrameType type = FrameType::kReady;
  std::string payload;
  std::vector<int> descriptors;  // owned by whoever took the frame
};

// One end of the socket between the server and a worker. One thread may send while another
// receives; each of the two is for one thread at a time.
class Channel {
 public:
  // Owns the descriptor of a connected stream socket. Larger frames than this are not received.
  Channel(int descriptor, size_t receive_bytes_max)
      : descriptor_(descriptor), receive_bytes_max_(receive_bytes_max) {}
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  static Result<std::pair<int, int>> socket_pair();

  // Blocks while the other end does not read. Errors: Unavailable when it is gone.
  Status send(FrameType type, std::string_view payload, std::span<const int> descriptors = {});
  // Errors: Unavailable when the other end is gone, Internal when it breaks the protocol.
  Result<Frame> receive();
  // True when receive() has something to read, or the other end is gone.
  bool readable_within(std::chrono::milliseconds timeout);
  int descriptor() const { return descriptor_; }

  static constexpr size_t kFrameBytesMax = 512u << 20;      // to a worker
  static constexpr size_t kWorkerFrameBytesMax = 8u << 20;  // from one: it may be hostile
  static constexpr size_t kDescriptorsMax = 128;

 private:
  Status read_exactly(char* into, size_t size, std::vector<int>* descriptors);

  const int descriptor_;
  const size_t receive_bytes_max_;
};

}  // namespace firn::query
