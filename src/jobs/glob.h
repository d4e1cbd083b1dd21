#pragma once

#include <string_view>

namespace firn::jobs {

// Whether the whole text matches a glob as Redis' SCAN MATCH has it: * any characters, ? one,
// [abc], [^a], [a-z] one of a class, and \ before a character for itself. Takes at most
// pattern * text steps.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace firn::jobs
