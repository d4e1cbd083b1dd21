#pragma once

#include <string>

namespace firn::bench {

// One event of about 210 bytes, as JSON; `i` makes it one of a kind.
std::string make_row(unsigned long i);
// `rows` of them from number `first`, as a JSON array or one a line.
std::string make_body(unsigned long first, int rows, bool lines);

}  // namespace firn::bench
