#include "jobs/arguments.h"

#include <cmath>

#include <fmt/format.h>

namespace firn::jobs {
namespace {

Error other_type(const JsonField& field, std::string_view wanted) {
  return {ErrorCode::kInvalidData, fmt::format("{} has to be {}", field.name, wanted)};
}

}  // namespace

Status read_value(const JsonField& field, std::string& into) {
  if (field.kind != JsonKind::kString) return other_type(field, "a string");
  into = field.text;
  return {};
}

Status read_value(const JsonField& field, int64_t& into) {
  into = TRY(whole_number(field));
  return {};
}

Status read_value(const JsonField& field, double& into) {
  const char* end = field.text.data() + field.text.size();
  const auto read = std::from_chars(field.text.data(), end, into);
  if (field.kind != JsonKind::kNumber || read.ec != std::errc() || read.ptr != end) {
    return other_type(field, "a number");
  }
  return {};
}

Status read_value(const JsonField& field, bool& into) {
  if (field.kind != JsonKind::kBool) return other_type(field, "true or false");
  into = field.text == "true";
  return {};
}

Status read_value(const JsonField& field, std::vector<std::string>& into) {
  if (field.kind != JsonKind::kArray) return other_type(field, "an array of strings");
  into.clear();
  for (JsonField& element : TRY(parse_array(field.text))) {
    if (element.kind != JsonKind::kString) return other_type(field, "an array of strings");
    into.push_back(std::move(element.text));
  }
  return {};
}

void append_value(std::string& out, const std::string& value) { append_json_string(out, value); }

void append_value(std::string& out, int64_t value) { out += fmt::format("{}", value); }

void append_value(std::string& out, double value) {
  // JSON has no other numbers.
  out += std::isfinite(value) ? fmt::format("{}", value) : "null";
}

void append_value(std::string& out, bool value) { out += value ? "true" : "false"; }

void append_value(std::string& out, const std::vector<std::string>& value) {
  out += '[';
  for (size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, value[i]);
  }
  out += ']';
}

}  // namespace firn::jobs
