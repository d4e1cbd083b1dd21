#include "jobs/json_fields.h"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

namespace firn::jobs {
namespace {

namespace json = boost::json;
constexpr size_t kDepthMax = 64;

// Receives what Boost's parser reads, and writes values below the top level out again.
class FieldHandler {
 public:
  static constexpr size_t max_object_size = SIZE_MAX;
  static constexpr size_t max_array_size = SIZE_MAX;
  static constexpr size_t max_key_size = SIZE_MAX;
  static constexpr size_t max_string_size = SIZE_MAX;
  using Failure = boost::system::error_code;

  std::vector<JsonField> fields;
  bool array = false;  // the top level is one

  bool on_document_begin(Failure&) { return true; }
  bool on_document_end(Failure&) { return true; }
  bool on_object_begin(Failure&) { return open('{', JsonKind::kObject); }
  bool on_object_end(size_t, Failure&) { return close('}'); }
  bool on_array_begin(Failure&) {
    if (depth_ == 0) array = true;
    return open('[', JsonKind::kArray);
  }
  bool on_array_end(size_t, Failure&) { return close(']'); }

  bool on_key_part(json::string_view part, size_t, Failure&) {
    text_ += part;
    return true;
  }
  bool on_key(json::string_view part, size_t, Failure&) {
    text_ += part;
    if (depth_ == 1) {
      fields.emplace_back().name.swap(text_);
    } else {
      separate();
      append_json_string(fields.back().text, text_);
      fields.back().text += ':';
      after_key_ = true;
    }
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, size_t, Failure&) {
    text_ += part;
    return true;
  }
  bool on_string(json::string_view part, size_t, Failure&) {
    text_ += part;
    JsonField* top = begin_value(JsonKind::kString);
    if (top == nullptr) return false;
    if (depth_ == 1) {
      top->text.swap(text_);
    } else {
      append_json_string(top->text, text_);
    }
    text_.clear();
    return true;
  }
  bool on_number_part(json::string_view part, Failure&) {
    text_ += part;
    return true;
  }
  bool on_int64(int64_t, json::string_view part, Failure&) { return number(part); }
  bool on_uint64(uint64_t, json::string_view part, Failure&) { return number(part); }
  bool on_double(double, json::string_view part, Failure&) { return number(part); }
  bool on_bool(bool value, Failure&) { return word(JsonKind::kBool, value ? "true" : "false"); }
  bool on_null(Failure&) { return word(JsonKind::kNull, "null"); }
  bool on_comment_part(json::string_view, Failure&) { return true; }
  bool on_comment(json::string_view, Failure&) { return true; }

 private:
  // Where a value's text goes; null at the top, where only an object or array may stand.
  JsonField* begin_value(JsonKind kind) {
    if (depth_ == 0) return nullptr;
    if (depth_ == 1) {
      if (array) fields.emplace_back();
      fields.back().kind = kind;
    } else {
      separate();
    }
    return &fields.back();
  }
  void separate() {
    if (!after_key_ && !first_) fields.back().text += ',';
    after_key_ = false;
    first_ = false;
  }
  bool open(char bracket, JsonKind kind) {
    if (depth_ > 0) {
      begin_value(kind)->text += bracket;
      first_ = true;
    }
    ++depth_;
    return true;
  }
  bool close(char bracket) {
    --depth_;
    if (depth_ > 0) {
      fields.back().text += bracket;
      first_ = false;
    }
    return true;
  }
  bool number(json::string_view part) {
    text_ += part;
    JsonField* top = begin_value(JsonKind::kNumber);
    if (top == nullptr) return false;
    top->text += text_;
    text_.clear();
    return true;
  }
  bool word(JsonKind kind, std::string_view text) {
    JsonField* top = begin_value(kind);
    if (top == nullptr) return false;
    top->text += text;
    return true;
  }

  std::string text_;
  size_t depth_ = 0;
  bool first_ = false;  // nothing stands in the open bracket yet
  bool after_key_ = false;
};

Result<std::vector<JsonField>> parse(std::string_view text, bool array) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::basic_parser<FieldHandler> parser(options);
  boost::system::error_code failed;
  const size_t used = parser.write_some(false, text.data(), text.size(), failed);
  // White space may follow, nothing else.
  const bool rest = text.find_first_not_of(" \t\r\n", used) != std::string_view::npos;
  if (failed || rest || !parser.done() || parser.handler().array != array) {
    return Error(ErrorCode::kInvalidData,
                 array ? "this has to be a JSON array" : "this has to be a JSON object",
                 failed ? failed.message() : std::string());
  }
  return std::move(parser.handler().fields);
}

}  // namespace

Result<std::vector<JsonField>> parse_object(std::string_view text) { return parse(text, false); }
Result<std::vector<JsonField>> parse_array(std::string_view text) { return parse(text, true); }

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

Result<int64_t> whole_number(const JsonField& field) {
  int64_t value = 0;
  const char* end = field.text.data() + field.text.size();
  const auto read = std::from_chars(field.text.data(), end, value);
  if (field.kind != JsonKind::kNumber || read.ec != std::errc() || read.ptr != end) {
    return Error(ErrorCode::kInvalidData, field.name + " has to be a whole number");
  }
  return value;
}

}  // namespace firn::jobs
