#include "iceberg/json.h"

#include <boost/json.hpp>
#include <limits>

namespace firn::iceberg {
namespace {

namespace json = boost::json;

Error wrong(std::string_view name, std::string_view wanted) {
  return Error(ErrorCode::kInvalidData,
               "'" + std::string(name) + "' has to be " + std::string(wanted));
}

Result<int64_t> as_int64(const json::value& value, std::string_view name) {
  if (value.is_int64()) return value.get_int64();
  return wrong(name, "a 64-bit integer");
}

Result<int32_t> narrowed(int64_t value, std::string_view name) {
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    return wrong(name, "a 32-bit integer");
  }
  return static_cast<int32_t>(value);
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  // A level of a nested type takes three of JSON.
  options.max_depth = 256;
  try {
    boost::system::error_code code;
    json::value value = json::parse(text, code, {}, options);
    if (code) return Error(ErrorCode::kInvalidData, "malformed JSON: " + code.message());
    return value;
  } catch (const std::exception& failure) {
    return Error(ErrorCode::kInvalidData, "malformed JSON", failure.what());
  }
}

Result<const json::object*> json_object(const json::value& value, std::string_view what) {
  const json::object* object = value.if_object();
  if (object == nullptr) return wrong(what, "an object");
  return object;
}

const json::value* json_find(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<const json::value*> json_member(const json::object& object, std::string_view name) {
  const json::value* value = json_find(object, name);
  if (value == nullptr) {
    return Error(ErrorCode::kInvalidData, "Cannot parse missing field: " + std::string(name));
  }
  return value;
}

Result<int64_t> json_int64(const json::object& object, std::string_view name) {
  return as_int64(*TRY(json_member(object, name)), name);
}

Result<int32_t> json_int32(const json::object& object, std::string_view name) {
  return narrowed(TRY(json_int64(object, name)), name);
}

Result<std::string> json_string(const json::object& object, std::string_view name) {
  const json::value* value = TRY(json_member(object, name));
  if (!value->is_string()) return wrong(name, "a string");
  return std::string(value->get_string());
}

Result<std::optional<int64_t>> optional_int64(const json::object& object, std::string_view name) {
  const json::value* value = json_find(object, name);
  if (value == nullptr) return std::optional<int64_t>();
  return std::optional<int64_t>(TRY(as_int64(*value, name)));
}

Result<std::optional<int32_t>> optional_int32(const json::object& object, std::string_view name) {
  const auto wide = TRY(optional_int64(object, name));
  if (!wide) return std::optional<int32_t>();
  return std::optional<int32_t>(TRY(narrowed(*wide, name)));
}

Result<std::optional<std::string>> optional_string(const json::object& object,
                                                   std::string_view name) {
  if (json_find(object, name) == nullptr) return std::optional<std::string>();
  return std::optional<std::string>(TRY(json_string(object, name)));
}

Result<const json::array*> optional_array(const json::object& object, std::string_view name) {
  const json::value* value = json_find(object, name);
  if (value == nullptr) return static_cast<const json::array*>(nullptr);
  if (!value->is_array()) return wrong(name, "an array");
  return &value->get_array();
}

Result<const json::array*> json_array(const json::object& object, std::string_view name) {
  TRY(json_member(object, name));
  return optional_array(object, name);
}

Result<std::vector<int64_t>> json_int64_list(const json::object& object, std::string_view name) {
  std::vector<int64_t> values;
  for (const json::value& value : *TRY(json_array(object, name))) {
    values.push_back(TRY(as_int64(value, name)));
  }
  return values;
}

Result<Properties> json_properties(const json::object& object, std::string_view name) {
  Properties properties;
  const json::value* value = json_find(object, name);
  if (value == nullptr) return properties;
  for (const auto& [key, text] : *TRY(json_object(*value, name))) {
    if (!text.is_string()) return wrong(name, "an object of strings");
    properties.emplace(std::string(key), std::string(text.get_string()));
  }
  return properties;
}

Result<std::vector<std::string>> json_string_list(const json::value& value, std::string_view what) {
  if (!value.is_array()) return wrong(what, "an array of strings");
  std::vector<std::string> texts;
  for (const json::value& text : value.get_array()) {
    if (!text.is_string()) return wrong(what, "an array of strings");
    texts.emplace_back(text.get_string());
  }
  return texts;
}

}  // namespace firn::iceberg
