#include "jobs/record.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace firn::jobs {
namespace {

enum class Kind : uint8_t {
  kPut = 1,
  kReserve = 2,
  kRemove = 3,
  kSetting = 4,
  kBatch = 5,
  kBatchRemoval = 6,
  kDropQueue = 7,
  kClear = 8,
  kFlush = 9,
  kCounters = 10,
};

// One record at the end of `out`; its length is filled in when it is whole.
class Writer {
 public:
  Writer(std::string& out, Kind kind) : out_(out) {
    append_le(out_, static_cast<uint8_t>(kind));
    length_at_ = out_.size();
    append_le(out_, uint32_t{0});
  }
  ~Writer() {
    const auto length = static_cast<uint32_t>(out_.size() - length_at_ - sizeof(uint32_t));
    std::memcpy(&out_[length_at_], &length, sizeof length);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  template <typename T>
  Writer& number(T value) {
    append_le(out_, value);
    return *this;
  }
  Writer& text(std::string_view value) {
    append_le(out_, static_cast<uint32_t>(value.size()));
    out_ += value;
    return *this;
  }

 private:
  std::string& out_;
  size_t length_at_;
};

// Fields of one record; ok() tells whether all were there, and nothing more.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <typename T>
  T number() {
    if (bytes_.size() < sizeof(T)) {
      ok_ = false;
      return T{};
    }
    const T value = load_le<T>(bytes_.data());
    bytes_.remove_prefix(sizeof(T));
    return value;
  }
  std::string_view text() {
    const auto size = number<uint32_t>();
    if (!ok_ || bytes_.size() < size) {
      ok_ = false;
      return {};
    }
    const std::string_view value = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return value;
  }
  bool ok() const { return ok_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

Error broken() { return {ErrorCode::kInvalidData, "the job queue's log holds no such record"}; }

constexpr auto kCauseLast = static_cast<uint8_t>(Cause::kDiscarded);

std::string unreadable_failure(int32_t count) {
  return fmt::format(
      R"({{"retry_count":{},"errtype":"unknown","message":"what it said cannot be read"}})", count);
}

Status read_put(Reader& in, RecordHandler& handler) {
  const auto cause = in.number<uint8_t>();
  const auto state = in.number<uint8_t>();
  const auto when_us = in.number<int64_t>();
  const auto enqueued_us = in.number<int64_t>();
  const auto sequence = in.number<uint64_t>();
  const auto unique_until_us = in.number<int64_t>();
  const auto failures = in.number<int32_t>();
  const std::string_view failure = in.text();
  const std::string_view wid = in.text();
  const std::string_view body = in.text();
  if (!in.ok() || cause > kCauseLast || state > static_cast<uint8_t>(JobState::kDead)) {
    return broken();
  }
  Job job = TRY(parse_job(std::string(body) + '}', 0));
  job.state = static_cast<JobState>(state);
  job.when_us = when_us;
  job.enqueued_us = enqueued_us;
  job.sequence = sequence;
  job.wid = wid;
  if (!failure.empty()) {
    job.failure = std::make_unique<Failure>(Failure{failures, std::string(failure)});
    // It says what went wrong, no more: the job is worth more than its wording.
    if (!parse_object(failure).ok()) job.failure->json = unreadable_failure(failures);
  }
  if (job.extras) job.extras->unique_until_us = unique_until_us;
  handler.on_put(std::move(job), static_cast<Cause>(cause));
  return {};
}

Status read_batch(Reader& in, RecordHandler& handler) {
  Batch batch;
  batch.bid = in.text();
  batch.parent_bid = in.text();
  batch.description = in.text();
  batch.success = in.text();
  batch.complete = in.text();
  batch.created_us = in.number<int64_t>();
  batch.ended_us = in.number<int64_t>();
  batch.total = in.number<uint64_t>();
  batch.pending = in.number<uint64_t>();
  batch.failed = in.number<uint64_t>();
  batch.committed = in.number<uint8_t>() != 0;
  batch.complete_state = in.number<uint8_t>();
  batch.success_state = in.number<uint8_t>();
  if (!in.ok() || batch.bid.empty() || batch.complete_state > Batch::kDone ||
      batch.success_state > Batch::kNever) {
    return broken();
  }
  handler.on_batch(std::move(batch));
  return {};
}

Status read_small(Kind kind, Reader& in, RecordHandler& handler) {
  if (kind == Kind::kReserve) {
    const std::string_view jid = in.text();
    const std::string_view wid = in.text();
    const auto deadline_us = in.number<int64_t>();
    if (!in.ok()) return broken();
    handler.on_reserve(jid, wid, deadline_us);
  } else if (kind == Kind::kRemove) {
    const std::string_view jid = in.text();
    const auto cause = in.number<uint8_t>();
    if (!in.ok() || cause > kCauseLast) return broken();
    handler.on_remove(jid, static_cast<Cause>(cause));
  } else if (kind == Kind::kSetting) {
    const std::string_view key = in.text();
    const std::string_view value = in.text();
    if (!in.ok()) return broken();
    handler.on_setting(key, value);
  } else if (kind == Kind::kBatchRemoval || kind == Kind::kDropQueue) {
    const std::string_view name = in.text();
    if (!in.ok()) return broken();
    if (kind == Kind::kDropQueue) {
      handler.on_drop_queue(name);
    } else {
      handler.on_batch_removal(name);
    }
  } else if (kind == Kind::kClear) {
    const auto set = in.number<uint8_t>();
    if (!in.ok() || set > static_cast<uint8_t>(JobSet::kDead)) return broken();
    handler.on_clear(static_cast<JobSet>(set));
  } else if (kind == Kind::kFlush) {
    if (!in.ok()) return broken();
    handler.on_flush();
  } else if (kind == Kind::kCounters) {
    const auto processed = in.number<uint64_t>();
    const auto failures = in.number<uint64_t>();
    const auto enqueued = in.number<uint64_t>();
    if (!in.ok()) return broken();
    handler.on_counters(processed, failures, enqueued);
  } else {
    return broken();
  }
  return {};
}

}  // namespace

void append_put(std::string& out, const Job& job, Cause cause) {
  Writer(out, Kind::kPut)
      .number(static_cast<uint8_t>(cause))
      .number(static_cast<uint8_t>(job.state))
      .number(job.when_us)
      .number(job.enqueued_us)
      .number(job.sequence)
      .number(job.extras ? job.extras->unique_until_us : int64_t{0})
      .number(job.failure ? job.failure->count : int32_t{0})
      .text(job.failure ? std::string_view(job.failure->json) : std::string_view())
      .text(job.wid)
      .text(job.body);
}

void append_reserve(std::string& out, std::string_view jid, std::string_view wid,
                    int64_t deadline_us) {
  Writer(out, Kind::kReserve).text(jid).text(wid).number(deadline_us);
}

void append_remove(std::string& out, std::string_view jid, Cause cause) {
  Writer(out, Kind::kRemove).text(jid).number(static_cast<uint8_t>(cause));
}

void append_setting(std::string& out, std::string_view key, std::string_view value) {
  Writer(out, Kind::kSetting).text(key).text(value);
}

void append_batch(std::string& out, const Batch& batch) {
  Writer(out, Kind::kBatch)
      .text(batch.bid)
      .text(batch.parent_bid)
      .text(batch.description)
      .text(batch.success)
      .text(batch.complete)
      .number(batch.created_us)
      .number(batch.ended_us)
      .number(batch.total)
      .number(batch.pending)
      .number(batch.failed)
      .number(static_cast<uint8_t>(batch.committed))
      .number(batch.complete_state)
      .number(batch.success_state);
}

void append_batch_removal(std::string& out, std::string_view bid) {
  Writer(out, Kind::kBatchRemoval).text(bid);
}

void append_drop_queue(std::string& out, std::string_view queue) {
  Writer(out, Kind::kDropQueue).text(queue);
}

void append_clear(std::string& out, JobSet set) {
  Writer(out, Kind::kClear).number(static_cast<uint8_t>(set));
}

void append_flush(std::string& out) { Writer(out, Kind::kFlush); }

void append_counters(std::string& out, uint64_t processed, uint64_t failures, uint64_t enqueued) {
  Writer(out, Kind::kCounters).number(processed).number(failures).number(enqueued);
}

Status read_records(std::string_view frame, RecordHandler& handler) {
  constexpr size_t kHead = 5;
  while (!frame.empty()) {
    if (frame.size() < kHead) return broken();
    const auto kind = static_cast<Kind>(frame[0]);
    const auto length = load_le<uint32_t>(frame.data() + 1);
    frame.remove_prefix(kHead);
    if (length > frame.size()) return broken();
    Reader in(frame.substr(0, length));
    frame.remove_prefix(length);
    if (kind == Kind::kPut) {
      TRY(read_put(in, handler));
    } else if (kind == Kind::kBatch) {
      TRY(read_batch(in, handler));
    } else {
      TRY(read_small(kind, in, handler));
    }
  }
  return {};
}

}  // namespace firn::jobs
