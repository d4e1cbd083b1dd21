#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace firn::ingest {

// Turns one JSON array of objects (or one object), coming in pieces of any size, into one object a
// line, so that it can be decoded piece by piece. Looks at strings and brackets only: what is
// inside an element is checked when the line is decoded.
class JsonSplitter {
 public:
  // Appends whole lines, and the part of an unfinished one, to `out`.
  Status feed(std::string_view piece, std::string& out);
  // The value has ended. Errors: InvalidData where it has not.
  Status finish() const;

 private:
  int depth_ = 0;  // brackets inside the element
  bool in_string_ = false;
  bool escaped_ = false;
  enum class State { kStart, kInArray, kInSingle, kDone } state_ = State::kStart;
  bool element_open_ = false;
  bool comma_needed_ = false;
};

}  // namespace firn::ingest
