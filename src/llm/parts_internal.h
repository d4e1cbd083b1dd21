#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llm/model.h"
#include "llm/sse.h"

namespace firn::llm {

// What the wires' JSON is made of and read with.

inline constexpr size_t kPartsMax = 128;  // of one answer: texts, calls

Json text(std::string_view value);
// OpenAI's message of a role.
Json said(std::string_view role, std::string_view content);
// A tool as all providers describe it, but for the name of its parameters' member.
Json described(const ToolDefinition& tool, std::string parameters);
std::vector<std::pair<std::string, std::string>> bearer(const std::string& key);

// The event's data, an object. InvalidData.
Result<Json> read_data(const SseEvent& event);
// Of an object's member: empty where there is none, or it is something else.
std::string text_of(const Json& json, std::string_view member);
const Json* object_of(const Json& json, std::string_view member);
const Json* list_of(const Json& json, std::string_view member);
// 0 to `max`; nothing for anything else.
std::optional<int64_t> count_of(const Json& json, std::string_view member, int64_t max);
// Tokens, bounded so that sums stay sums.
int64_t tokens_of(const Json& json, std::string_view member);

// From what the model wrote as arguments.
ToolCall make_call(std::string id, std::string name, const std::string& arguments);
// The error that a stream reports within itself.
Error reported(std::string_view type, std::string_view message);
// A provider's text, fit to be shown: short, one line.
std::string shown(std::string_view text);

}  // namespace firn::llm
