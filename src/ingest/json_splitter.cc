#include "ingest/json_splitter.h"

namespace firn::ingest {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

Error broken(const char* what) {
  return Error(ErrorCode::kInvalidData, std::string("the body is not valid JSON: ") + what);
}

}  // namespace

Status JsonSplitter::feed(std::string_view piece, std::string& out) {
  for (const char c : piece) {
    if (in_string_) {
      out += c == '\n' ? ' ' : c;  // a raw line feed in a string is not JSON; the decoder says so
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
      continue;
    }
    if (state_ == State::kStart) {
      if (is_space(c)) continue;
      if (c != '[' && c != '{') return broken("an object or an array of objects is expected");
      state_ = c == '[' ? State::kInArray : State::kInSingle;
      if (c == '[') continue;
    } else if (state_ == State::kDone) {
      if (!is_space(c)) return broken("there is more behind its end");
      continue;
    }
    if (depth_ == 0 && state_ == State::kInArray) {
      if (is_space(c)) continue;
      if (c == ',' || c == ']') {
        if (c == ',' && !element_open_) return broken("a comma without a value before it");
        if (c == ']' && comma_needed_ && !element_open_) return broken("a comma before the end");
        if (element_open_) out += '\n';
        comma_needed_ = c == ',';
        element_open_ = false;
        if (c == ']') state_ = State::kDone;
        continue;
      }
    }
    element_open_ = true;
    out += c == '\n' ? ' ' : c;
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') {
      if (--depth_ < 0) return broken("a bracket that was not opened");
      if (depth_ == 0 && state_ == State::kInSingle) {
        out += '\n';
        state_ = State::kDone;
      }
    }
  }
  return {};
}

Status JsonSplitter::finish() const {
  if (state_ != State::kDone) return broken("it ends too early");
  return {};
}

}  // namespace firn::ingest
