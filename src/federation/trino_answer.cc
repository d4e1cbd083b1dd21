#include "federation/trino_answer.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

namespace firn::federation {
namespace {

namespace json = boost::json;

constexpr int kDepthMax = 256;

Error malformed() { return Error(ErrorCode::kUnavailable, "Trino's answer cannot be read"); }

// Walks over JSON without making anything of it.
class Skipper {
 public:
  explicit Skipper(std::string_view text) : text_(text) {}

  void spaces() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool take(char c) {
    spaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // The text of the string, escapes and all, without its quotes.
  bool string(std::string_view& into) {
    if (!take('"')) return false;
    const size_t from = at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        into = text_.substr(from, at_++ - from);
        return true;
      }
    }
    return false;
  }
  // The text of a value of any kind.
  bool value(std::string_view& into) {
    spaces();
    const size_t from = at_;
    std::string_view ignored;
    int depth = 0;
    do {
      spaces();
      if (at_ >= text_.size()) return false;
      const char c = text_[at_];
      if (c == '"') {
        if (!string(ignored)) return false;
      } else if (c == '{' || c == '[') {
        ++at_;
        if (++depth > kDepthMax) return false;
      } else if (c == '}' || c == ']') {
        ++at_;
        --depth;
      } else if (c == ',' || c == ':') {
        if (depth == 0) return false;
        ++at_;
      } else {
        const size_t word = at_;
        while (at_ < text_.size() &&
               std::string_view(",:{}[]\" \n\r\t").find(text_[at_]) == std::string_view::npos) {
          ++at_;
        }
        if (at_ == word) return false;
      }
    } while (depth > 0);
    into = text_.substr(from, at_ - from);
    return depth == 0;
  }

 private:
  const std::string_view text_;
  size_t at_ = 0;
};

bool path_of(std::string_view quoted, std::string& path) {
  boost::system::error_code failed;
  const auto parsed = json::parse(quoted, failed);
  if (failed || !parsed.is_string()) return false;
  return trino_path({parsed.get_string().data(), parsed.get_string().size()}, path);
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string().data(), value->get_string().size());
}

int64_t number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

ErrorCode code_for(const std::string& name, const std::string& type) {
  if (name == "TABLE_NOT_FOUND" || name == "SCHEMA_NOT_FOUND" || name == "CATALOG_NOT_FOUND") {
    return ErrorCode::kNotFound;
  }
  if (name == "PERMISSION_DENIED") return ErrorCode::kPermissionDenied;
  if (name == "USER_CANCELED") return ErrorCode::kCancelled;
  if (name == "EXCEEDED_TIME_LIMIT") return ErrorCode::kDeadlineExceeded;
  if (name == "NOT_SUPPORTED") return ErrorCode::kUnsupported;
  if (type == "USER_ERROR") return ErrorCode::kInvalidStatement;
  if (type == "INSUFFICIENT_RESOURCES") return ErrorCode::kResourceExhausted;
  return ErrorCode::kUnavailable;
}

// Trino counts lines and characters from 1.
size_t bytes_before(std::string_view text, int64_t line, int64_t column) {
  size_t at = 0;
  for (; line > 1; --line) {
    const size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  for (; column > 1 && at < text.size(); --column) {
    do ++at;
    while (at < text.size() && (text[at] & 0xC0) == 0x80);
  }
  return at;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

Error differs(const std::string& what) {
  return Error(ErrorCode::kUnsupported, what + " is read in another way by Trino");
}

void blank(std::string& text, size_t from, size_t to) {
  for (size_t i = from; i < to; ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

}  // namespace

bool trino_path(std::string_view uri, std::string& path) {
  const size_t scheme = uri.find("://");
  const size_t slash = scheme == std::string_view::npos ? 0 : uri.find('/', scheme + 3);
  if (slash == std::string_view::npos) return false;
  path = std::string(uri.substr(slash));
  return path.starts_with("/v1/") && std::none_of(path.begin(), path.end(), [](unsigned char c) {
           return c <= ' ' || c == 0x7f;
         });
}

Result<TrinoAnswer> parse_trino_answer(std::string_view body) {
  Skipper in(body);
  TrinoAnswer answer;
  if (!in.take('{')) return malformed();
  if (in.take('}')) return answer;
  do {
    std::string_view name, value;
    if (!in.string(name) || !in.take(':') || !in.value(value)) return malformed();
    if (name == "nextUri" && !path_of(value, answer.next_path)) return malformed();
    if (name == "columns" && value.starts_with('[')) answer.columns = value;
    if (name == "data" && value.starts_with('[')) answer.data = value;
    if (name == "data" && value.starts_with('{')) answer.spooled = value;
    if (name == "error" && value.starts_with('{')) answer.error = value;
  } while (in.take(','));
  if (!in.take('}')) return malformed();
  return answer;
}

Error trino_error(std::string_view text, std::string_view statement) {
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  if (failed || !value.is_object()) return malformed();
  const auto& object = value.get_object();
  std::string message = text_of(object, "message");
  if (message.empty()) message = "Trino does not say why it failed";
  Error error(code_for(text_of(object, "errorName"), text_of(object, "errorType")),
              "Trino: " + message, text_of(object, "errorName"));
  const auto* location = object.if_contains("errorLocation");
  if (location == nullptr || !location->is_object()) return error;
  const auto line = number_of(location->get_object(), "lineNumber");
  const auto column = number_of(location->get_object(), "columnNumber");
  if (line < 1 || column < 1) return error;
  return std::move(error).at(bytes_before(statement, line, column));
}

Result<std::string> common_statement(std::string_view statement) {
  std::string text(statement);
  while (!text.empty() &&
         (std::isspace(static_cast<unsigned char>(text.back())) || text.back() == ';')) {
    text.pop_back();
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '"') {
      if (c == '\'' && i > 0 && (is_word(text[i - 1]) || text[i - 1] == '&')) {
        return differs("a string with a prefix");
      }
      const size_t end = text.find(c, i + 1);
      if (end == std::string::npos) return differs("a quote that does not end");
      i = end;
    } else if (text.compare(i, 2, "--") == 0) {
      const size_t end = std::min(text.find_first_of("\r\n", i), text.size());
      blank(text, i, end);
      i = end;
    } else if (text.compare(i, 2, "/*") == 0) {
      const size_t end = text.find("*/", i + 2);
      if (end == std::string::npos ||
          text.substr(i + 2, end - i - 2).find("/*") != std::string::npos) {
        return differs("a comment in a comment");
      }
      blank(text, i, end + 2);
      i = end + 1;
    } else if (c == '$' || c == '`' || c == '\\') {
      return differs(std::string("the character ") + c);
    } else if (c == ';') {
      return differs("a second statement");
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return differs("a character outside of quotes that is not ASCII");
    }
  }
  return text;
}

}  // namespace firn::federation
