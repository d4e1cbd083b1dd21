#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace firn::iceberg {

// `text` as a JSON string with its quotes. Invalid UTF-8 is passed on as it is.
void append_json_string(std::string& out, std::string_view text);

// Appends JSON to a string; places the commas. The caller balances begin and end. A metadata file
// with hundreds of snapshots is written at each commit, hence no tree in between.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    first_ = true;
  }
  void string(std::string_view text) {
    separate();
    append_json_string(out_, text);
  }
  void number(int64_t value) {
    separate();
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  void boolean(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }
  // JSON that is ready.
  void raw(std::string_view json) {
    separate();
    out_ += json;
  }

  void field(std::string_view name, std::string_view text) { key(name), string(text); }
  void field(std::string_view name, const char* text) { key(name), string(text); }
  void field(std::string_view name, int64_t value) { key(name), number(value); }
  void field(std::string_view name, int32_t value) { key(name), number(value); }
  void field(std::string_view name, bool value) { key(name), boolean(value); }
  void raw_field(std::string_view name, std::string_view json) { key(name), raw(json); }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace firn::iceberg
