#include "wal/wal.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "platform/fault.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::wal {
namespace {

constexpr std::string_view kMagic = "FIRNWAL1";
constexpr uint64_t kHeaderBytes = 4096;
constexpr uint32_t kFrameMagic = 0x4d524657;  // "WFRM"
constexpr uint64_t kFrameHeaderBytes = 36;

enum class SegmentState : uint32_t { kFree = 0, kLive = 1 };

struct SegmentHeader {
  Uuid wal;
  uint64_t sequence = 0;
  uint64_t base_lsn = 1;
  uint64_t previous_sequence = 0;     // the segment written before this one; 0: none
  uint64_t previous_valid_bytes = 0;  // where that one ends
  SegmentState state = SegmentState::kFree;
};

std::string encode_header(const SegmentHeader& header) {
  std::string bytes(kMagic);
  bytes.append(as_text(header.wal.bytes));
  append_le(bytes, header.sequence);
  append_le(bytes, header.base_lsn);
  append_le(bytes, header.previous_sequence);
  append_le(bytes, header.previous_valid_bytes);
  append_le(bytes, static_cast<uint32_t>(header.state));
  append_le(bytes, crc32c(as_bytes(bytes)));
  bytes.resize(kHeaderBytes, '\0');
  return bytes;
}

std::optional<SegmentHeader> decode_header(std::string_view bytes) {
  constexpr size_t kSize = 8 + 16 + 8 + 8 + 8 + 8 + 4;
  if (bytes.size() < kHeaderBytes || bytes.substr(0, 8) != kMagic) return std::nullopt;
  if (load_le<uint32_t>(&bytes[kSize]) != crc32c(as_bytes(bytes.substr(0, kSize)))) {
    return std::nullopt;
  }
  SegmentHeader header;
  std::memcpy(header.wal.bytes.data(), &bytes[8], 16);
  header.sequence = load_le<uint64_t>(&bytes[24]);
  header.base_lsn = load_le<uint64_t>(&bytes[32]);
  header.previous_sequence = load_le<uint64_t>(&bytes[40]);
  header.previous_valid_bytes = load_le<uint64_t>(&bytes[48]);
  const auto state = load_le<uint32_t>(&bytes[56]);
  if (state > 1) return std::nullopt;
  header.state = static_cast<SegmentState>(state);
  return header;
}

// magic, payload length, LSN, segment sequence, reserved; then the CRC of those and the payload.
std::string frame_prefix(uint64_t length, uint64_t lsn, uint64_t sequence) {
  std::string bytes;
  append_le(bytes, kFrameMagic);
  append_le(bytes, length);
  append_le(bytes, lsn);
  append_le(bytes, sequence);
  append_le(bytes, uint32_t{0});
  return bytes;
}

struct Segment {
  std::string path;
  std::unique_ptr<platform::File> file;
  uint64_t file_bytes = 0;
  SegmentHeader header;
  uint64_t last_lsn = 0;
};

class WalImpl final : public Wal {
 public:
  WalImpl(const WalOptions& options, platform::FileSystem& files, platform::Random& random)
      : options_(options), files_(files), random_(random) {}

  Status recover(const FrameHandler& on_frame) {
    TRY(files_.create_directories(options_.directory));
    std::map<uint64_t, Segment> live;  // by sequence
    for (const auto& entry : TRY(files_.list(options_.directory))) {
      if (!entry.name.starts_with("segment-") || entry.is_directory) continue;
      Segment segment = TRY(open_segment(platform::join_path(options_.directory, entry.name)));
      if (segment.header.sequence == 0) {
        free_.push_back(std::move(segment));
        continue;
      }
      id_ = segment.header.wal;
      next_sequence_ = std::max(next_sequence_, segment.header.sequence + 1);
      next_lsn_ = std::max<uint64_t>(next_lsn_, segment.header.base_lsn);
      if (segment.header.state == SegmentState::kFree) {
        free_.push_back(std::move(segment));
      } else {
        const uint64_t sequence = segment.header.sequence;
        live.emplace(sequence, std::move(segment));
      }
    }
    if (id_.is_nil()) id_ = random_.uuid();
    std::map<uint64_t, uint64_t> ends;  // by sequence, as the segments after them say
    for (const auto& [sequence, segment] : live) {
      ends[segment.header.previous_sequence] = segment.header.previous_valid_bytes;
    }
    for (auto& [sequence, segment] : live) {
      const auto end = ends.find(sequence);
      TRY(replay(segment, end == ends.end() ? segment.file_bytes : end->second, on_frame));
    }
    for (auto& [sequence, segment] : live) {
      live_bytes_ += segment.file_bytes;
      live_.push_back(std::move(segment));
    }
    if (!live_.empty()) {
      previous_sequence_ = live_.back().header.sequence;
      previous_valid_bytes_ = live_end_;
    }
    return {};
  }

  Result<uint64_t> append(std::span<const ByteSpan> pieces) override {
    uint64_t length = 0;
    for (const ByteSpan piece : pieces) length += piece.size();
    const uint64_t frame_bytes = kFrameHeaderBytes + length;
    if (!active_ || offset_ + frame_bytes > std::max(active_->file_bytes, options_.segment_bytes)) {
      if (!active_ || offset_ > kHeaderBytes) TRY(activate(frame_bytes));
    }
    const uint64_t lsn = next_lsn_;
    std::string prefix = frame_prefix(length, lsn, active_->header.sequence);
    uint32_t crc = crc32c(as_bytes(prefix));
    for (const ByteSpan piece : pieces) crc = crc32c(piece, crc);
    append_le(prefix, crc);
    std::vector<ByteSpan> all{as_bytes(prefix)};
    all.insert(all.end(), pieces.begin(), pieces.end());
    const Status written = active_->file->write_durable(offset_, all);
    KILL_POINT("wal.synced");
    if (!written.ok()) {
      abandon_active();
      return written.error();
    }
    offset_ += frame_bytes;
    if (offset_ > active_->file_bytes) {
      live_bytes_ += offset_ - active_->file_bytes;
      active_->file_bytes = offset_;
    }
    active_->last_lsn = lsn;
    next_lsn_ = lsn + 1;
    return lsn;
  }

  void release(uint64_t lsn) override {
    // The newest one stays, whatever is in it: it says which numbers were given.
    while (live_.size() > 1 && &live_.front() != active_ && live_.front().last_lsn <= lsn) {
      Segment segment = std::move(live_.front());
      live_.pop_front();
      live_bytes_ -= segment.file_bytes;
      segment.header.state = SegmentState::kFree;
      const std::string header = encode_header(segment.header);
      const ByteSpan bytes = as_bytes(header);
      // Only saves reading the segment after a restart: its frames are committed either way.
      const bool marked = segment.file->write_at(0, {&bytes, 1}).ok();
      if (marked && free_.size() < static_cast<size_t>(options_.free_segments_max) &&
          segment.file_bytes <= 2 * options_.segment_bytes) {
        free_.push_back(std::move(segment));
      } else if (const Status removed = files_.remove(segment.path); !removed.ok()) {
        free_.push_back(std::move(segment));
      }
    }
  }

  Uuid id() const override { return id_; }
  uint64_t next_lsn() const override { return next_lsn_; }
  uint64_t live_bytes() const override { return live_bytes_; }

 private:
  Result<Segment> open_segment(const std::string& path) {
    Segment segment;
    segment.path = path;
    segment.file = TRY(files_.open(path, platform::OpenMode::kReadWrite));
    segment.file_bytes = TRY(segment.file->size());
    const auto header = decode_header(TRY(segment.file->read_at(0, kHeaderBytes)));
    // Without a good header it was never activated, or was being activated again: nothing in it
    // counts. Sequence 0 marks it as free.
    if (header) segment.header = *header;
    const size_t dash = path.rfind('-');
    next_file_ =
        std::max<uint64_t>(next_file_, std::strtoull(path.c_str() + dash + 1, nullptr, 10) + 1);
    return segment;
  }

  Status replay(Segment& segment, uint64_t end, const FrameHandler& on_frame) {
    const uint64_t size = std::min(segment.file_bytes, end);
    const std::string bytes = TRY(segment.file->read_at(0, size));
    segment.last_lsn = segment.header.base_lsn - 1;
    live_end_ = TRY(read_frames(bytes, kHeaderBytes, segment.header.sequence,
                                [&](uint64_t lsn, std::string_view payload) -> Status {
                                  segment.last_lsn = lsn;
                                  next_lsn_ = std::max<uint64_t>(next_lsn_, lsn + 1);
                                  return on_frame(lsn, payload);
                                }));
    return {};
  }

  // Nothing is known of the tail; what is durable ends at offset_.
  void abandon_active() {
    previous_sequence_ = active_->header.sequence;
    previous_valid_bytes_ = offset_;
    // Best effort against a crash before the next segment says where this one ends.
    const std::string zeros(kFrameHeaderBytes, '\0');
    const ByteSpan bytes = as_bytes(zeros);
    (void)active_->file->write_at(offset_, {&bytes, 1});
    active_ = nullptr;
  }

  Result<Segment> make_segment(uint64_t bytes) {
    Segment segment;
    segment.path =
        platform::join_path(options_.directory, fmt::format("segment-{:06}.log", next_file_));
    segment.file = TRY(files_.open(segment.path, platform::OpenMode::kCreateNew));
    ++next_file_;
    const std::string zeros(1 << 20, '\0');
    const ByteSpan piece = as_bytes(zeros);
    Status filled;
    for (uint64_t at = 0; at < bytes && filled.ok(); at += zeros.size()) {
      filled = segment.file->write_at(at, {&piece, 1});
    }
    if (filled.ok()) filled = segment.file->sync();
    if (filled.ok()) filled = files_.sync_directory(options_.directory);
    if (!filled.ok()) {
      (void)files_.remove(segment.path);  // the first error is the one to report
      return filled.error();
    }
    segment.file_bytes = TRY(segment.file->size());
    return segment;
  }

  // A segment with room for a frame of this size becomes the one that is written to.
  Status activate(uint64_t frame_bytes) {
    if (active_ != nullptr) {
      previous_sequence_ = active_->header.sequence;
      previous_valid_bytes_ = offset_;
      active_ = nullptr;
    }
    if (live_bytes_ + options_.segment_bytes > options_.live_bytes_max) {
      return Error(ErrorCode::kOverloaded, "the write-ahead log is full; try again soon");
    }
    // One that was made under a smaller segment_bytes, or only half made, may be too small.
    const auto fitting = std::find_if(free_.begin(), free_.end(), [&](const Segment& segment) {
      return segment.file_bytes >= kHeaderBytes + frame_bytes;
    });
    Segment segment;
    if (fitting != free_.end()) {
      segment = std::move(*fitting);
      free_.erase(fitting);
    } else {
      const uint64_t wanted = std::max(options_.segment_bytes, kHeaderBytes + frame_bytes);
      segment = TRY(make_segment(wanted));
    }
    // Counted up even if this fails: a header half on disk must not share its number.
    segment.header = {id_,
                      next_sequence_++,
                      next_lsn_,
                      previous_sequence_,
                      previous_valid_bytes_,
                      SegmentState::kLive};
    const std::string header = encode_header(segment.header);
    const ByteSpan bytes = as_bytes(header);
    Status ready = segment.file->write_at(0, {&bytes, 1});
    if (ready.ok()) ready = segment.file->sync();
    if (!ready.ok()) {
      segment.header.sequence = 0;
      free_.push_back(std::move(segment));
      return ready;
    }
    segment.last_lsn = next_lsn_ - 1;
    live_bytes_ += segment.file_bytes;
    live_.push_back(std::move(segment));
    active_ = &live_.back();
    offset_ = kHeaderBytes;
    return {};
  }

  const WalOptions options_;
  platform::FileSystem& files_;
  platform::Random& random_;
  Uuid id_;
  std::deque<Segment> live_;  // oldest first; references stay valid at both ends
  std::deque<Segment> free_;
  Segment* active_ = nullptr;
  uint64_t offset_ = 0;
  uint64_t live_end_ = 0;
  uint64_t previous_sequence_ = 0;
  uint64_t previous_valid_bytes_ = 0;
  uint64_t next_sequence_ = 1;
  uint64_t next_file_ = 0;
  std::atomic<uint64_t> next_lsn_{1};
  std::atomic<uint64_t> live_bytes_{0};
};

}  // namespace

Result<uint64_t> read_frames(std::string_view segment, uint64_t offset, uint64_t sequence,
                             const Wal::FrameHandler& on_frame) {
  while (offset + kFrameHeaderBytes <= segment.size()) {
    const char* at = segment.data() + offset;
    if (load_le<uint32_t>(at) != kFrameMagic) break;
    const auto length = load_le<uint64_t>(at + 4);
    const auto lsn = load_le<uint64_t>(at + 12);
    if (load_le<uint64_t>(at + 20) != sequence) break;
    if (length > segment.size() - offset - kFrameHeaderBytes) break;
    const std::string_view payload = segment.substr(offset + kFrameHeaderBytes, length);
    uint32_t crc = crc32c(as_bytes(segment.substr(offset, kFrameHeaderBytes - 4)));
    crc = crc32c(as_bytes(payload), crc);
    if (load_le<uint32_t>(at + kFrameHeaderBytes - 4) != crc) break;
    TRY(on_frame(lsn, payload));
    offset += kFrameHeaderBytes + length;
  }
  return offset;
}

Result<std::unique_ptr<Wal>> Wal::open(const WalOptions& options, platform::FileSystem& files,
                                       platform::Random& random, const FrameHandler& on_frame) {
  auto wal = std::make_unique<WalImpl>(options, files, random);
  TRY(wal->recover(on_frame));
  return std::unique_ptr<Wal>(std::move(wal));
}

}  // namespace firn::wal
