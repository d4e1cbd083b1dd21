// A streamed answer of a model's provider. In one piece or cut anywhere, its events are the same;
// what they make is bounded, and survives being kept as JSON.
#include <cstdint>
#include <string_view>

#include "graphql/json.h"
#include "llm/wire.h"

namespace {

using firn::Status;
using firn::llm::SseEvent;

std::vector<SseEvent> read_events(std::string_view text, size_t piece, bool& ok) {
  firn::llm::SseReader reader({1 << 16, 1 << 17, 1000});
  std::vector<SseEvent> events;
  ok = true;
  for (size_t at = 0; ok && at < text.size(); at += piece) {
    ok = reader
             .feed(text.substr(at, piece),
                   [&](const SseEvent& event) -> Status {
                     events.push_back(event);
                     return {};
                   })
             .ok();
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto provider = static_cast<firn::llm::Provider>(data[0] % 3);
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  bool whole_ok = false;
  bool pieces_ok = false;
  const auto whole = read_events(text, text.size() + 1, whole_ok);
  const auto pieces = read_events(text, 1 + data[1] % 16, pieces_ok);
  if (whole_ok != pieces_ok || whole.size() != pieces.size()) __builtin_trap();
  for (size_t i = 0; i < whole.size(); ++i) {
    if (whole[i].type != pieces[i].type || whole[i].data != pieces[i].data) __builtin_trap();
  }
  const auto reader = firn::llm::make_wire(provider)->reader();
  for (const auto& event : whole) {
    if (!reader->take(event).ok()) return 0;
  }
  const auto answer = reader->finish();
  if (!answer.ok()) return 0;
  const auto kept = firn::llm::message_json(answer->message).to_json();
  const auto read = firn::graphql::parse_json(kept);
  if (!read.ok()) __builtin_trap();
  const auto back = firn::llm::read_message(*read);
  if (!back.ok() || firn::llm::message_json(*back).to_json() != kept) __builtin_trap();
  return 0;
}
