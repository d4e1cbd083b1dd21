#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "llm/model.h"
#include "llm/wire.h"

namespace firn::llm {

struct ClientOptions {
  Provider provider = Provider::kAnthropic;
  std::string url;      // base; empty: the provider's own
  std::string model;    // as the provider names it
  std::string key;      // secret: goes into the request's header and nowhere else; may be empty
  std::string ca_file;  // PEM; empty: the machine's authorities
  std::chrono::milliseconds answer_max{300'000};  // an attempt ends after
  std::chrono::seconds silence_max{60};           // and when nothing has come for so long
  int32_t attempts_max = 5;
  std::chrono::milliseconds backoff_first{500};  // doubles, up to the longest
  std::chrono::milliseconds backoff_max{30'000};
  std::chrono::milliseconds retry_after_max{120'000};  // asked to wait longer, it gives up
  // Waits, or ends sooner; for tests. Null: sleeps.
  std::function<void(std::chrono::milliseconds)> wait;
};

// A model behind HTTP. Attempts that may pass (no connection, 408, 429, 5xx, a stream that breaks,
// falls silent or cannot be read) are made again, each later than the one before, and not before
// the provider's Retry-After. InvalidArgument: the URL is none, or the key would go in the clear to
// another machine; no model is named.
Result<std::unique_ptr<Model>> make_client(ClientOptions options);

}  // namespace firn::llm
