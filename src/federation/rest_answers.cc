#include "federation/rest_answers.h"

#include <algorithm>
#include <boost/json.hpp>

#include "http/message.h"
#include "iceberg/json.h"

namespace firn::federation {
namespace {

namespace json = boost::json;

constexpr size_t kNameBytesMax = 1024;
constexpr size_t kTokenBytesMax = 64 << 10;
constexpr size_t kLevelsMax = 16;
constexpr size_t kPageEntriesMax = 100'000;
constexpr size_t kPropertiesMax = 1'000;
constexpr size_t kCredentialsMax = 100;
constexpr size_t kErrorBytesMax = 300;

Error invalid(const std::string& what) { return Error(ErrorCode::kInvalidData, what); }

Result<json::object> object_of(std::string_view text) {
  auto value = TRY(iceberg::parse_json(text));
  if (!value.is_object()) return invalid("the answer is no JSON object");
  return std::move(value.get_object());
}

// Also of null and of what is missing.
Result<iceberg::Properties> properties_of(const json::object& object, std::string_view name) {
  iceberg::Properties properties;
  const auto* value = iceberg::json_find(object, name);
  if (value == nullptr) return properties;
  const auto& entries = *TRY(iceberg::json_object(*value, name));
  if (entries.size() > kPropertiesMax) return invalid("too many properties");
  for (const auto& [key, entry] : entries) {
    if (!entry.is_string()) continue;
    const auto& text = entry.get_string();
    if (text.size() <= kTokenBytesMax) properties[std::string(key)] = std::string(text);
  }
  return properties;
}

Status check_name(std::string_view name) {
  const bool printable =
      std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (!name.empty() && name.size() <= kNameBytesMax && printable) return {};
  return invalid("a name is empty, too long, or has control characters");
}

Result<std::string> next_page(const json::object& object) {
  auto next = TRY(iceberg::optional_string(object, "next-page-token")).value_or("");
  if (next.size() > kTokenBytesMax) return invalid("a page token is too long");
  return next;
}

// As paths have it: what would lead elsewhere is refused.
Status check_prefix(std::string_view prefix) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~%/:@|").find(c) != std::string_view::npos;
  };
  if (prefix.size() > kNameBytesMax || !std::all_of(prefix.begin(), prefix.end(), is_part)) {
    return invalid("a prefix that is no part of a path");
  }
  for (size_t from = 0; from <= prefix.size();) {
    const size_t end = std::min(prefix.find('/', from), prefix.size());
    const auto part = prefix.substr(from, end - from);
    if (part == "." || part == ".." || (part.empty() && !prefix.empty())) {
      return invalid("a prefix that is no part of a path");
    }
    from = end + 1;
  }
  return {};
}

}  // namespace

Result<RestConfig> parse_rest_config(std::string_view text) {
  const auto object = TRY(object_of(text));
  if (!object.contains("defaults") && !object.contains("overrides")) {
    return invalid("neither defaults nor overrides");
  }
  RestConfig config;
  config.properties = TRY(properties_of(object, "overrides"));
  config.properties.merge(TRY(properties_of(object, "defaults")));
  if (const auto prefix = config.properties.find("prefix"); prefix != config.properties.end()) {
    config.prefix = prefix->second;
    while (config.prefix.ends_with('/')) config.prefix.pop_back();
    TRY(check_prefix(config.prefix));
  }
  const auto separator = config.properties.find("namespace-separator");
  if (separator != config.properties.end()) {
    config.separator = TRY(http::percent_decode(separator->second, false));
    if (config.separator.empty() || config.separator.size() > 8) {
      return invalid("a separator of namespaces that is none");
    }
  }
  return config;
}

Result<RestToken> parse_rest_token(std::string_view text) {
  const auto object = TRY(object_of(text));
  RestToken token;
  token.token = TRY(iceberg::json_string(object, "access_token"));
  // It becomes part of a header.
  const bool plain = std::all_of(token.token.begin(), token.token.end(),
                                 [](char c) { return c > ' ' && c < 0x7f; });
  if (token.token.empty() || token.token.size() > kTokenBytesMax || !plain) {
    return invalid("a token that is none");
  }
  const auto* lifetime = iceberg::json_find(object, "expires_in");
  if (lifetime != nullptr && lifetime->is_int64()) {
    token.lifetime_s = std::clamp<int64_t>(lifetime->get_int64(), 0, 365LL * 86'400);
  }
  return token;
}

Result<NamespacePage> parse_namespace_page(std::string_view text) {
  const auto object = TRY(object_of(text));
  NamespacePage page;
  const auto& list = *TRY(iceberg::json_array(object, "namespaces"));
  if (list.size() > kPageEntriesMax) return invalid("too many namespaces");
  for (const auto& entry : list) {
    auto levels = TRY(iceberg::json_string_list(entry, "namespace"));
    if (levels.empty() || levels.size() > kLevelsMax) return invalid("a namespace too deep");
    for (const auto& level : levels) TRY(check_name(level));
    page.namespaces.push_back(std::move(levels));
  }
  page.next = TRY(next_page(object));
  return page;
}

Result<TablePage> parse_table_page(std::string_view text) {
  const auto object = TRY(object_of(text));
  TablePage page;
  const auto& list = *TRY(iceberg::json_array(object, "identifiers"));
  if (list.size() > kPageEntriesMax) return invalid("too many tables");
  for (const auto& entry : list) {
    const auto& identifier = *TRY(iceberg::json_object(entry, "an identifier"));
    auto name = TRY(iceberg::json_string(identifier, "name"));
    TRY(check_name(name));
    page.tables.push_back(std::move(name));
  }
  page.next = TRY(next_page(object));
  return page;
}

Result<LoadedTable> parse_loaded_table(std::string_view text) {
  const auto object = TRY(object_of(text));
  LoadedTable table;
  table.metadata_location = TRY(iceberg::optional_string(object, "metadata-location")).value_or("");
  const auto& metadata = *TRY(iceberg::json_member(object, "metadata"));
  table.metadata = std::make_shared<const iceberg::TableMetadata>(
      TRY(iceberg::parse_table_metadata(json::serialize(metadata))));
  table.config = TRY(properties_of(object, "config"));
  const auto* credentials = TRY(iceberg::optional_array(object, "storage-credentials"));
  if (credentials == nullptr) return table;
  if (credentials->size() > kCredentialsMax) return invalid("too many storage credentials");
  for (const auto& entry : *credentials) {
    const auto& credential = *TRY(iceberg::json_object(entry, "a storage credential"));
    table.credentials.push_back({TRY(iceberg::json_string(credential, "prefix")),
                                 TRY(properties_of(credential, "config"))});
  }
  return table;
}

std::string rest_error_text(std::string_view text) {
  const auto object = object_of(text);
  if (!object.ok()) return {};
  std::string says;
  const auto* error = object->if_contains("error");
  const auto take = [&](const json::object& from, const char* name) {
    const auto* value = from.if_contains(name);
    if (value != nullptr && value->is_string()) says = std::string(value->get_string());
  };
  if (error != nullptr && error->is_object()) {
    take(error->get_object(), "message");
  } else if (error != nullptr) {
    take(*object, "error");  // a token endpoint's (RFC 6749, 5.2)
    if (object->contains("error_description")) take(*object, "error_description");
  }
  if (says.size() > kErrorBytesMax) says.resize(kErrorBytesMax);
  for (char& c : says) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  // A cut in the middle of a letter.
  while (!says.empty() && (static_cast<unsigned char>(says.back()) & 0x80) != 0) says.pop_back();
  return says;
}

}  // namespace firn::federation
