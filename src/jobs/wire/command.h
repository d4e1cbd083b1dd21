#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jobs/queue.h"

// Lines of the Faktory Work Protocol, as values. Any bytes are fine.
namespace firn::jobs::wire {

// The first word in upper case, and the rest without white space around it.
struct Line {
  std::string verb;
  std::string_view rest;
};
// Errors: InvalidData for an empty line or one with control characters in its first word.
Result<Line> parse_line(std::string_view line);
// Words between blanks. Errors: TooLarge beyond `words_max`.
Result<std::vector<std::string>> split_words(std::string_view text, size_t words_max);

// What a client says of itself.
struct Hello {
  WorkerInfo worker;  // without a wid it is no consumer
  std::string password_hash;
  int64_t version = 0;
};
Result<Hello> parse_hello(std::string_view json);

struct Beat {
  std::string wid;
  std::optional<WorkerSignal> state;
  int64_t rss_kb = 0;
};
Result<Beat> parse_beat(std::string_view json);

// The jid of ACK. Errors: InvalidData.
Result<std::string> parse_ack(std::string_view json);

struct Fail {
  std::string jid;
  FailReport report;
};
Result<Fail> parse_fail(std::string_view json);

struct Mutation {
  MutateCommand command = MutateCommand::kClear;
  JobSet set = JobSet::kScheduled;
  JobFilter filter;
};
Result<Mutation> parse_mutation(std::string_view json);

Result<BatchSpec> parse_batch(std::string_view json, int64_t now_us);
Result<ProgressUpdate> parse_progress(std::string_view json);

// RESP2.
void append_ok(std::string& out);
void append_simple(std::string& out, std::string_view text);
void append_bulk(std::string& out, std::string_view text);
void append_nil(std::string& out);
// "-ERR message", or "-NOTUNIQUE …" for a job that is not unique; on one line, whatever it says.
void append_error(std::string& out, const Error& error);

std::string batch_json(const Batch& batch);
std::string progress_json(const Progress& progress);

}  // namespace firn::jobs::wire
