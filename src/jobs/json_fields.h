#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn::jobs {

enum class JsonKind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

// One member of an object.
struct JsonField {
  std::string name;
  JsonKind kind = JsonKind::kNull;
  std::string text;  // a string's own characters; of anything else its JSON, without white space
};

// The members of the JSON object `text` in their order, nested values minified and checked. RFC
// 8259 strictly, UTF-8, at most 64 levels. Numbers keep their digits. Errors: InvalidData.
Result<std::vector<JsonField>> parse_object(std::string_view text);
// The elements of an array; their names are empty.
Result<std::vector<JsonField>> parse_array(std::string_view text);

// With the quotes. `text` is UTF-8.
void append_json_string(std::string& out, std::string_view text);
// The field as a whole number. Errors: InvalidData "NAME has to be a whole number".
Result<int64_t> whole_number(const JsonField& field);

}  // namespace firn::jobs
