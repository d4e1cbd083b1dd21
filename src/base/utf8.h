#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace firn {

// The text's beginning, at most `bytes_max` bytes of it, and no half character at its end. Any
// bytes are fine.
std::string_view cut_utf8(std::string_view text, size_t bytes_max);

// The text with U+FFFD for each byte that belongs to no character (RFC 3629).
std::string valid_utf8(std::string_view text);

}  // namespace firn
