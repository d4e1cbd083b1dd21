#pragma once

#include <string>
#include <vector>

#include "graphql/json.h"

namespace firn::agents {

// A list of texts as JSON, and back.
inline std::string list_json(const std::vector<std::string>& texts) {
  graphql::Value list = graphql::Value::list();
  for (const auto& text : texts) list.items.push_back(graphql::Value::of_string(text));
  return list.to_json();
}

inline Result<std::vector<std::string>> read_list(const std::string& json) {
  std::vector<std::string> texts;
  for (const auto& item : TRY(graphql::parse_json(json)).items) texts.push_back(item.text);
  return texts;
}

}  // namespace firn::agents
