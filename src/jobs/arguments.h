#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "jobs/json_fields.h"

// A job's arguments as a C++ struct. Firn's own jobs have one argument: an object. The struct says
// its members once:
//
//   struct SendMail {
//     std::string to;
//     int64_t tries = 3;
//     std::optional<std::string> reply_to;
//     template <typename Visit>
//     static void members(Visit&& visit) {
//       visit("to", &SendMail::to, kRequired);
//       visit("tries", &SendMail::tries);
//       visit("reply_to", &SendMail::reply_to);
//     }
//   };
//
// Members are std::string, int64_t, double, bool, std::vector<std::string>, or std::optional of
// those.
namespace firn::jobs {

struct Required {};
inline constexpr Required kRequired;

Status read_value(const JsonField& field, std::string& into);
Status read_value(const JsonField& field, int64_t& into);
Status read_value(const JsonField& field, double& into);
Status read_value(const JsonField& field, bool& into);
Status read_value(const JsonField& field, std::vector<std::string>& into);
void append_value(std::string& out, const std::string& value);
void append_value(std::string& out, int64_t value);
void append_value(std::string& out, double value);
void append_value(std::string& out, bool value);
void append_value(std::string& out, const std::vector<std::string>& value);

// The object within `args`, a JSON array of one. Errors: InvalidData, naming the member that is
// missing, unknown or of another type.
template <typename T>
Result<T> decode_arguments(std::string_view args) {
  const auto elements = TRY(parse_array(args));
  if (elements.size() != 1 || elements[0].kind != JsonKind::kObject) {
    return Error(ErrorCode::kInvalidData, "this job takes one argument, an object");
  }
  const auto fields = TRY(parse_object(elements[0].text));
  T made;
  Status failed;
  std::set<std::string_view> known;
  const auto visit = [&](std::string_view name, auto member, auto... required) {
    using Member = std::remove_reference_t<decltype(made.*member)>;
    known.insert(name);
    bool found = false;
    for (const JsonField& field : fields) {
      if (field.name != name || field.kind == JsonKind::kNull) continue;
      found = true;
      Status read;
      if constexpr (requires {
                      typename Member::value_type;
                      made.*member = std::nullopt;
                    }) {
        read = read_value(field, (made.*member).emplace());
      } else {
        read = read_value(field, made.*member);
      }
      if (!read.ok()) failed = read;
    }
    if (!found && sizeof...(required) > 0) {
      failed = Error(ErrorCode::kInvalidData, "the argument has no " + std::string(name));
    }
  };
  T::members(visit);
  for (const JsonField& field : fields) {
    if (!known.contains(field.name)) {
      failed = Error(ErrorCode::kInvalidData, "the argument knows no " + field.name);
    }
  }
  if (!failed.ok()) return failed.error();
  return made;
}

// The JSON array that decode_arguments() reads.
template <typename T>
std::string encode_arguments(const T& value) {
  std::string json = "[{";
  const auto visit = [&](std::string_view name, auto member, auto...) {
    using Member = std::remove_cv_t<std::remove_reference_t<decltype(value.*member)>>;
    const auto begin = [&] {
      if (json.size() > 2) json += ',';
      append_json_string(json, name);
      json += ':';
    };
    if constexpr (requires(Member m) { m = std::nullopt; }) {
      if (!(value.*member)) return;
      begin();
      append_value(json, *(value.*member));
    } else {
      begin();
      append_value(json, value.*member);
    }
  };
  T::members(visit);
  return json + "}]";
}

}  // namespace firn::jobs
