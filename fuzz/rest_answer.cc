#include "federation/rest_answers.h"
#include "federation/table_files.h"

// Answers of other Iceberg catalogs, which are anybody's: no input breaks a reader, and what one
// takes leads to no file but an object.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace federation = firn::federation;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = federation::parse_rest_config(text);
  if (config.ok() && ("/" + config->prefix + "/").find("/../") != std::string::npos) {
    __builtin_trap();
  }
  const auto token = federation::parse_rest_token(text);
  if (token.ok() && token->token.find_first_of("\r\n ") != std::string::npos) __builtin_trap();
  const auto namespaces = federation::parse_namespace_page(text);
  if (namespaces.ok()) {
    for (const auto& levels : namespaces->namespaces) {
      if (levels.empty()) __builtin_trap();
    }
  }
  const auto tables = federation::parse_table_page(text);
  if (tables.ok()) {
    for (const auto& name : tables->tables) {
      if (name.empty()) __builtin_trap();
    }
  }
  if (federation::rest_error_text(text).size() > 300) __builtin_trap();
  const auto table = federation::parse_loaded_table(text);
  if (!table.ok()) return 0;
  for (const auto& snapshot : table->metadata->snapshots) {
    const auto place =
        federation::place_of(snapshot.manifest_list, *table, {}, federation::Tls::kDisable);
    if (place.ok() && !federation::is_object(snapshot.manifest_list)) __builtin_trap();
  }
  return 0;
}
