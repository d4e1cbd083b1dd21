#include "jobs/job.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/rfc3339.h"

namespace firn::jobs {
namespace {

Error invalid(std::string message) { return Error(ErrorCode::kInvalidData, std::move(message)); }

bool plain_id(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

bool truthy(const JsonField& field) {
  return field.text == "true" || field.text == "1" || field.text == "yes";
}

// What `custom` asks of the server. Members that it does not know are the client's own.
Status read_custom(std::string_view custom, Job& job) {
  for (const JsonField& field : TRY(parse_object(custom))) {
    const auto extras = [&]() -> JobExtras& {
      if (!job.extras) job.extras = std::make_unique<JobExtras>();
      return *job.extras;
    };
    if (field.name == "bid" && field.kind == JsonKind::kString) {
      extras().bid = field.text;
    } else if (field.name == "_bid" && field.kind == JsonKind::kString) {
      extras().callback_of = field.text;
    } else if (field.name == "_cb") {
      extras().callback_on_success = field.text == "success";
    } else if (field.name == "unique_for") {
      const int64_t seconds = TRY(whole_number(field));
      constexpr int64_t kYear = 366 * 86'400;
      if (seconds < 0 || seconds > kYear) return invalid("unique_for has to be 0 to 31622400");
      extras().unique_for_s = seconds;
    } else if (field.name == "unique_until") {
      if (field.text != "start" && field.text != "success") {
        return invalid("unique_until has to be start or success");
      }
      extras().unique_until_start = field.text == "start";
    } else if (field.name == "expires_at") {
      const auto time = parse_rfc3339_us(field.text);
      if (!time.ok()) return invalid("expires_at has to be an RFC 3339 time");
      extras().expires_us = *time;
    } else if (field.name == "track" && truthy(field)) {
      extras().tracked = true;
    } else if (field.name == "limit_key" && field.kind == JsonKind::kString) {
      constexpr size_t kKeyBytesMax = 256;
      if (field.text.size() > kKeyBytesMax) return invalid("limit_key is too long");
      extras().limit_key = field.text;
    }
  }
  return {};
}

// The members that a job is made of, as they were sent.
struct Parts {
  std::string jid;
  std::string queue = "default";
  std::string args;
  std::string created_at;
  std::string at;
  std::string custom;
};

Result<int32_t> bounded(const JsonField& field, int64_t min, int64_t max) {
  const int64_t value = TRY(whole_number(field));
  if (value < min || value > max) {
    return invalid(fmt::format("{} has to be {} to {}", field.name, min, max));
  }
  return static_cast<int32_t>(value);
}

Status read_field(const JsonField& field, Parts& parts, Job& job) {
  constexpr int64_t kRetryMax = 1000;
  constexpr int64_t kBacktraceMax = 1000;
  const std::string& name = field.name;
  if (field.kind == JsonKind::kNull) return {};
  if (name == "args") {
    if (field.kind != JsonKind::kArray) return invalid("args has to be an array");
    parts.args = field.text;
  } else if (name == "custom") {
    if (field.kind != JsonKind::kObject) return invalid("custom has to be an object");
    parts.custom = field.text;
  } else if (name == "retry") {
    job.retry = TRY(bounded(field, -1, kRetryMax));
  } else if (name == "backtrace") {
    job.backtrace = TRY(bounded(field, 0, kBacktraceMax));
  } else if (name == "reserve_for") {
    job.reserve_for_s = TRY(bounded(field, 0, INT32_MAX));
  } else {
    const auto text = [&](std::string& into) -> Status {
      if (field.kind != JsonKind::kString) return invalid(name + " has to be a string");
      into = field.text;
      return {};
    };
    if (name == "jid") return text(parts.jid);
    if (name == "queue") return text(parts.queue);
    if (name == "jobtype") return text(job.type);
    if (name == "created_at") return text(parts.created_at);
    if (name == "at") return text(parts.at);
  }
  return {};
}

Status check(Parts& parts, Job& job) {
  if (parts.jid.size() < kJidBytesMin || parts.jid.size() > kJidBytesMax || !plain_id(parts.jid)) {
    return invalid("jobs must have a reasonable jid parameter");
  }
  if (job.type.empty()) return invalid("jobs must have a jobtype parameter");
  if (job.type.size() > kTypeBytesMax) return invalid("jobtype is too long");
  if (parts.args.empty()) return invalid("jobs must have an args parameter");
  if (parts.queue.empty()) parts.queue = "default";
  if (!valid_queue_name(parts.queue)) {
    return invalid("queue names must match [a-zA-Z0-9._-]+ and have at most 128 characters");
  }
  // 0 is what many clients send for nothing.
  if (job.reserve_for_s == 0) job.reserve_for_s = 1800;
  if (job.reserve_for_s < kReserveSecondsMin || job.reserve_for_s > kReserveSecondsMax) {
    return invalid("reserve_for has to be 60 to 86400 seconds");
  }
  if (!parts.created_at.empty() && !parse_rfc3339_us(parts.created_at).ok()) {
    return invalid("created_at has to be an RFC 3339 time");
  }
  if (!parts.at.empty()) {
    const auto at = parse_rfc3339_us(parts.at);
    if (!at.ok()) return invalid("at has to be an RFC 3339 time");
    job.when_us = *at;
    job.state = JobState::kScheduled;
  }
  return {};
}

void write_body(const Parts& parts, Job& job) {
  std::string& body = job.body;
  body.reserve(parts.jid.size() + parts.queue.size() + job.type.size() + parts.args.size() +
               parts.custom.size() + 160);
  body += "{\"jid\":\"";
  body += parts.jid;
  body += "\",\"queue\":\"";
  body += parts.queue;
  body += "\",\"jobtype\":";
  append_json_string(body, job.type);
  body += ",\"args\":";
  body += parts.args;
  body += ",\"created_at\":\"";
  body += parts.created_at;
  body += '"';
  if (!parts.at.empty()) {
    body += ",\"at\":\"";
    body += parts.at;
    body += '"';
  }
  fmt::format_to(std::back_inserter(body), ",\"reserve_for\":{},\"retry\":{}", job.reserve_for_s,
                 job.retry);
  if (job.backtrace > 0) {
    fmt::format_to(std::back_inserter(body), ",\"backtrace\":{}", job.backtrace);
  }
  if (!parts.custom.empty()) {
    body += ",\"custom\":";
    body += parts.custom;
  }
  body.shrink_to_fit();
  job.jid_bytes = static_cast<uint16_t>(parts.jid.size());
  job.queue_bytes = static_cast<uint16_t>(parts.queue.size());
}

}  // namespace

std::string_view state_name(JobState state) {
  switch (state) {
    case JobState::kWaiting: return "waiting";
    case JobState::kScheduled: return "scheduled";
    case JobState::kRetrying: return "retrying";
    case JobState::kWorking: return "working";
    case JobState::kDead: return "dead";
  }
  return "waiting";
}

bool valid_queue_name(std::string_view name) {
  return !name.empty() && name.size() <= kQueueNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

int64_t retry_delay_s(int32_t count, uint32_t random) {
  // Beyond a month nothing more is learned from waiting, and n^4 leaves the range of times.
  constexpr int64_t kCountMax = 40;
  const int64_t n = std::min<int64_t>(count, kCountMax);
  return n * n * n * n + 15 + static_cast<int64_t>(random % 30) * (n + 1);
}

size_t Job::bytes() const {
  constexpr size_t kNodeBytes = 120;
  size_t bytes = sizeof(Job) + kNodeBytes + body.capacity() + type.capacity() + wid.capacity();
  if (failure) bytes += sizeof(Failure) + failure->json.capacity();
  if (extras) {
    bytes += sizeof(JobExtras) + extras->bid.capacity() + extras->callback_of.capacity() +
             2 * extras->unique_key.capacity() + extras->limit_key.capacity();
  }
  return bytes;
}

std::string Job::to_json() const {
  std::string json;
  json.reserve(body.size() + 64 + (failure ? failure->json.size() + 16 : 0));
  json += body;
  if (enqueued_us != 0) {
    json += ",\"enqueued_at\":\"";
    append_rfc3339(json, enqueued_us, TimeDigits::kMicros);
    json += '"';
  }
  if (failure) {
    json += ",\"failure\":";
    json += failure->json;
  }
  json += '}';
  return json;
}

Result<Job> parse_job(const std::vector<JsonField>& fields, int64_t now_us) {
  Job job;
  Parts parts;
  for (const JsonField& field : fields) TRY(read_field(field, parts, job));
  TRY(check(parts, job));
  if (parts.created_at.empty()) append_rfc3339(parts.created_at, now_us, TimeDigits::kMicros);
  if (!parts.custom.empty()) TRY(read_custom(parts.custom, job));
  if (job.extras && job.extras->unique_for_s > 0) {
    job.extras->unique_key = job.type + '\n' + parts.queue + '\n' + parts.args;
  }
  write_body(parts, job);
  return job;
}

Result<Job> parse_job(std::string_view json, int64_t now_us) {
  return parse_job(TRY(parse_object(json)), now_us);
}

}  // namespace firn::jobs
