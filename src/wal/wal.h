#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace firn::platform {
class FileSystem;
class Random;
}  // namespace firn::platform

namespace firn::wal {

struct WalOptions {
  std::string directory;                 // made where missing
  uint64_t segment_bytes = 32ULL << 20;  // a larger frame gets a segment of its own
  uint64_t live_bytes_max = 2ULL << 30;  // segments that still hold needed frames
  int free_segments_max = 4;             // kept for reuse
};

// A log of opaque frames, each with a log sequence number (LSN), counting up by one for ever.
//
// Segments are files of a fixed size that are written over when nothing in them is needed any more:
// syncing bytes that lie within a file costs a tenth of syncing a growing one. A frame carries its
// segment's sequence number and a CRC-32C, so what an earlier use left behind never counts.
//
// After a failed write or sync nothing is known of the segment's tail: the log leaves that segment
// at its last durable byte, and the next append starts another one, whose header says where to stop
// reading the one before.
//
// Not thread-safe, but for live_bytes() and next_lsn().
class Wal {
 public:
  // Called for every durable frame, in order. An error stops the opening.
  using FrameHandler = std::function<Status(uint64_t lsn, std::string_view payload)>;

  // Opens or starts the log and replays it.
  static Result<std::unique_ptr<Wal>> open(const WalOptions& options, platform::FileSystem& files,
                                           platform::Random& random, const FrameHandler& on_frame);
  virtual ~Wal() = default;

  // Writes one frame, the pieces one after another. Durable when this returns its LSN. Errors:
  // Overloaded when live_bytes_max is reached, StorageUnavailable (nothing may be acknowledged).
  virtual Result<uint64_t> append(std::span<const ByteSpan> pieces) = 0;
  // No frame up to `lsn` is needed any more. Never fails: what cannot be reused yet is tried later.
  virtual void release(uint64_t lsn) = 0;
  // Made when the log was started; LSNs mean something only together with it.
  virtual Uuid id() const = 0;
  virtual uint64_t next_lsn() const = 0;
  virtual uint64_t live_bytes() const = 0;
};

// Reads the frames of one segment's bytes that belong to `sequence`, up to the first that is not
// whole. Gives each to `on_frame`; returns the offset behind the last good one. For recovery and
// fuzzing: any bytes are fine.
Result<uint64_t> read_frames(std::string_view segment, uint64_t offset, uint64_t sequence,
                             const Wal::FrameHandler& on_frame);

}  // namespace firn::wal
