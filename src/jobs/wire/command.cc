#include "jobs/wire/command.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/rfc3339.h"

namespace firn::jobs::wire {
namespace {

constexpr size_t kNameBytesMax = 256;
constexpr size_t kLabelsMax = 64;
constexpr size_t kJidsMax = 10'000;
constexpr size_t kPatternBytesMax = 1024;

Error invalid(std::string message) { return {ErrorCode::kInvalidData, std::move(message)}; }

// A string of bounded length; null counts as missing.
Status read_text(const JsonField& field, std::string& into, size_t bytes_max = kNameBytesMax) {
  if (field.kind == JsonKind::kNull) return {};
  if (field.kind != JsonKind::kString) return invalid(field.name + " has to be a string");
  if (field.text.size() > bytes_max) return invalid(field.name + " is too long");
  into = field.text;
  return {};
}

// Strings of an array. `elements_max` many are read, others left out or refused.
enum class Beyond { kRefuse, kIgnore };
Status read_texts(const JsonField& field, std::vector<std::string>& into, size_t elements_max,
                  Beyond beyond) {
  if (field.kind == JsonKind::kNull) return {};
  if (field.kind != JsonKind::kArray) return invalid(field.name + " has to be an array");
  for (JsonField& element : TRY(parse_array(field.text))) {
    if (element.kind != JsonKind::kString) {
      return invalid(field.name + " has to be an array of strings");
    }
    if (into.size() == elements_max) {
      return beyond == Beyond::kIgnore ? Status() : Status(invalid(field.name + " is too long"));
    }
    into.push_back(std::move(element.text));
  }
  return {};
}

Result<WorkerSignal> parse_signal(const std::string& name) {
  if (name.empty()) return WorkerSignal::kNone;
  if (name == "quiet") return WorkerSignal::kQuiet;
  if (name == "terminate") return WorkerSignal::kTerminate;
  return invalid("current_state has to be quiet or terminate");
}

Status read_filter(const JsonField& field, JobFilter& filter) {
  if (field.kind == JsonKind::kNull) return {};
  if (field.kind != JsonKind::kObject) return invalid("filter has to be an object");
  for (const JsonField& part : TRY(parse_object(field.text))) {
    if (part.name == "jids") {
      TRY(read_texts(part, filter.jids, kJidsMax, Beyond::kRefuse));
    } else if (part.name == "jobtype") {
      TRY(read_text(part, filter.type, kTypeBytesMax));
    } else if (part.name == "regexp") {
      TRY(read_text(part, filter.pattern, kPatternBytesMax));
    }
  }
  return {};
}

Result<MutateCommand> parse_mutate_command(const std::string& name) {
  if (name == "clear") return MutateCommand::kClear;
  if (name == "kill") return MutateCommand::kKill;
  if (name == "discard") return MutateCommand::kDiscard;
  if (name == "requeue") return MutateCommand::kRequeue;
  return invalid("Invalid mutation command: " + name);
}

Result<JobSet> parse_set(const std::string& name) {
  if (name == "scheduled") return JobSet::kScheduled;
  if (name == "retries") return JobSet::kRetries;
  if (name == "dead") return JobSet::kDead;
  return invalid("Invalid mutation target: " + name);
}

// Whether a callback can be a job, once it has a jid.
Status check_callback(const JsonField& field, int64_t now_us, std::string& into) {
  if (field.kind == JsonKind::kNull) return {};
  if (field.kind != JsonKind::kObject) return invalid(field.name + " has to be a job");
  const auto fields = TRY(parse_object(field.text));
  auto with_jid = fields;
  const bool has_jid = std::any_of(fields.begin(), fields.end(),
                                   [](const JsonField& member) { return member.name == "jid"; });
  if (!has_jid) with_jid.push_back({"jid", JsonKind::kString, "callback"});
  TRY(parse_job(with_jid, now_us));
  into = field.text;
  return {};
}

}  // namespace

Result<Line> parse_line(std::string_view line) {
  constexpr size_t kVerbBytesMax = 32;
  const size_t space = std::min(line.find(' '), line.size());
  Line parsed;
  for (const char c : line.substr(0, std::min(space, kVerbBytesMax))) {
    if (c <= 0x20 || c >= 0x7f) return invalid("Unknown command");
    parsed.verb += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (parsed.verb.empty()) return invalid("Unknown command");
  parsed.rest = line.substr(space);
  while (!parsed.rest.empty() && parsed.rest.front() == ' ') parsed.rest.remove_prefix(1);
  while (!parsed.rest.empty() && parsed.rest.back() == ' ') parsed.rest.remove_suffix(1);
  return parsed;
}

Result<std::vector<std::string>> split_words(std::string_view text, size_t words_max) {
  std::vector<std::string> words;
  size_t at = 0;
  while (at < text.size()) {
    const size_t start = text.find_first_not_of(" \t", at);
    if (start == std::string_view::npos) break;
    const size_t end = std::min(text.find_first_of(" \t", start), text.size());
    if (words.size() == words_max) {
      return Error(ErrorCode::kTooLarge, fmt::format("at most {} names", words_max));
    }
    words.emplace_back(text.substr(start, end - start));
    at = end;
  }
  return words;
}

Result<Hello> parse_hello(std::string_view json) {
  Hello hello;
  for (const JsonField& field : TRY(parse_object(json))) {
    if (field.name == "wid") {
      TRY(read_text(field, hello.worker.wid));
    } else if (field.name == "hostname") {
      TRY(read_text(field, hello.worker.hostname));
    } else if (field.name == "pwdhash") {
      TRY(read_text(field, hello.password_hash));
    } else if (field.name == "pid" && field.kind == JsonKind::kNumber) {
      hello.worker.pid = TRY(whole_number(field));
    } else if (field.name == "v" && field.kind == JsonKind::kNumber) {
      hello.version = TRY(whole_number(field));
    } else if (field.name == "labels") {
      TRY(read_texts(field, hello.worker.labels, kLabelsMax, Beyond::kIgnore));
      for (std::string& label : hello.worker.labels) {
        if (label.size() > kNameBytesMax) return invalid("a label is too long");
      }
    }
  }
  return hello;
}

Result<Beat> parse_beat(std::string_view json) {
  Beat beat;
  for (const JsonField& field : TRY(parse_object(json))) {
    if (field.name == "wid") {
      TRY(read_text(field, beat.wid));
    } else if (field.name == "current_state") {
      std::string state;
      TRY(read_text(field, state));
      beat.state = TRY(parse_signal(state));
    } else if (field.name == "rss_kb" && field.kind == JsonKind::kNumber) {
      beat.rss_kb = TRY(whole_number(field));
    }
  }
  return beat;
}

Result<std::string> parse_ack(std::string_view json) {
  std::string jid;
  for (const JsonField& field : TRY(parse_object(json))) {
    if (field.name == "jid") TRY(read_text(field, jid));
  }
  if (jid.empty()) return invalid("missing JID");
  return jid;
}

Result<Fail> parse_fail(std::string_view json) {
  constexpr size_t kBacktraceMax = 100'000;
  Fail fail;
  for (JsonField& field : TRY(parse_object(json))) {
    if (field.name == "jid") {
      TRY(read_text(field, fail.jid));
    } else if (field.name == "errtype" && field.kind == JsonKind::kString) {
      fail.report.type = std::move(field.text);
    } else if (field.name == "message" && field.kind == JsonKind::kString) {
      fail.report.message = std::move(field.text);
    } else if (field.name == "backtrace") {
      TRY(read_texts(field, fail.report.backtrace, kBacktraceMax, Beyond::kIgnore));
    }
  }
  if (fail.jid.empty()) return invalid("missing JID");
  return fail;
}

Result<Mutation> parse_mutation(std::string_view json) {
  Mutation mutation;
  bool has_command = false;
  bool has_set = false;
  for (const JsonField& field : TRY(parse_object(json))) {
    if (field.name == "cmd") {
      mutation.command = TRY(parse_mutate_command(field.text));
      has_command = true;
    } else if (field.name == "target") {
      mutation.set = TRY(parse_set(field.text));
      has_set = true;
    } else if (field.name == "filter") {
      TRY(read_filter(field, mutation.filter));
    }
  }
  if (!has_command) return invalid("Invalid mutation command: missing");
  if (!has_set) return invalid("Invalid mutation target: missing");
  return mutation;
}

Result<BatchSpec> parse_batch(std::string_view json, int64_t now_us) {
  constexpr size_t kDescriptionBytesMax = 1024;
  BatchSpec spec;
  for (const JsonField& field : TRY(parse_object(json))) {
    if (field.name == "parent_bid") {
      TRY(read_text(field, spec.parent_bid));
    } else if (field.name == "description") {
      TRY(read_text(field, spec.description, kDescriptionBytesMax));
    } else if (field.name == "success") {
      TRY(check_callback(field, now_us, spec.success));
    } else if (field.name == "complete") {
      TRY(check_callback(field, now_us, spec.complete));
    }
  }
  if (spec.success.empty() && spec.complete.empty()) {
    return invalid("Batches must have a success or a complete callback");
  }
  return spec;
}

Result<ProgressUpdate> parse_progress(std::string_view json) {
  constexpr size_t kDescriptionBytesMax = 1024;
  ProgressUpdate update;
  for (const JsonField& field : TRY(parse_object(json))) {
    if (field.name == "jid") {
      TRY(read_text(field, update.jid));
    } else if (field.name == "percent" && field.kind != JsonKind::kNull) {
      const int64_t percent = TRY(whole_number(field));
      if (percent < 0 || percent > 100) return invalid("percent has to be 0 to 100");
      update.percent = static_cast<int32_t>(percent);
    } else if (field.name == "desc" && field.kind != JsonKind::kNull) {
      std::string text;
      TRY(read_text(field, text, kDescriptionBytesMax));
      update.description = std::move(text);
    } else if (field.name == "reserve_until" && field.kind == JsonKind::kString) {
      const auto time = parse_rfc3339_us(field.text);
      if (!time.ok()) return invalid("reserve_until has to be an RFC 3339 time");
      update.reserve_until_us = *time;
    }
  }
  if (update.jid.size() < kJidBytesMin) return invalid("missing JID");
  return update;
}

void append_ok(std::string& out) { out += "+OK\r\n"; }

void append_simple(std::string& out, std::string_view text) {
  out += '+';
  out += text;
  out += "\r\n";
}

void append_bulk(std::string& out, std::string_view text) {
  fmt::format_to(std::back_inserter(out), "${}\r\n", text.size());
  out += text;
  out += "\r\n";
}

void append_nil(std::string& out) { out += "$-1\r\n"; }

void append_error(std::string& out, const Error& error) {
  out += error.code() == ErrorCode::kAlreadyExists ? "-NOTUNIQUE " : "-ERR ";
  for (const char c : error.message()) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  out += "\r\n";
}

std::string batch_json(const Batch& batch) {
  static constexpr std::string_view kStates[] = {"", "1", "2", ""};
  std::string json = "{\"bid\":\"" + batch.bid + "\"";
  if (!batch.parent_bid.empty()) json += ",\"parent_bid\":\"" + batch.parent_bid + "\"";
  if (!batch.description.empty()) {
    json += ",\"description\":";
    append_json_string(json, batch.description);
  }
  json += ",\"created_at\":\"";
  append_rfc3339(json, batch.created_us, TimeDigits::kMicros);
  // Without a callback there is no state to speak of.
  const auto& complete = kStates[batch.complete.empty() ? 0 : batch.complete_state];
  const auto& success = kStates[batch.success.empty() ? 0 : batch.success_state];
  fmt::format_to(std::back_inserter(json),
                 "\",\"total\":{},\"pending\":{},\"failed\":{},\"complete_st\":\"{}\","
                 "\"success_st\":\"{}\"}}",
                 batch.total, batch.pending, batch.failed, complete, success);
  return json;
}

std::string progress_json(const Progress& progress) {
  std::string json = "{\"jid\":";
  append_json_string(json, progress.jid);
  json += ",\"state\":\"" + progress.state + "\",\"updated_at\":\"";
  if (progress.updated_us != 0) append_rfc3339(json, progress.updated_us, TimeDigits::kMicros);
  json += '"';
  if (progress.percent)
    fmt::format_to(std::back_inserter(json), ",\"percent\":{}", *progress.percent);
  if (!progress.description.empty()) {
    json += ",\"desc\":";
    append_json_string(json, progress.description);
  }
  return json + '}';
}

}  // namespace firn::jobs::wire
