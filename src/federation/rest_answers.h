#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "iceberg/metadata.h"

// What Iceberg REST catalogs answer (the Iceberg project's rest-catalog-open-api.yaml). Anybody's
// bytes: InvalidData for what is none of it, counts and lengths bounded. Pure.
namespace firn::federation {

// Of GET /v1/config.
struct RestConfig {
  std::string prefix;              // of paths behind /v1/; empty: none
  std::string separator = "\x1f";  // between the levels of a namespace in a path
  iceberg::Properties properties;  // defaults, and the overrides over them
};
Result<RestConfig> parse_rest_config(std::string_view json);

// Of a token endpoint (RFC 6749, 5.1).
struct RestToken {
  std::string token;
  std::optional<int64_t> lifetime_s;
};
Result<RestToken> parse_rest_token(std::string_view json);

struct NamespacePage {
  std::vector<catalog::Namespace> namespaces;
  std::string next;  // page token; empty: it was the last
};
Result<NamespacePage> parse_namespace_page(std::string_view json);

struct TablePage {
  std::vector<std::string> tables;  // names
  std::string next;
};
Result<TablePage> parse_table_page(std::string_view json);

// A table, and how its files are read.
struct LoadedTable {
  std::string metadata_location;  // empty: it has none yet
  std::shared_ptr<const iceberg::TableMetadata> metadata;
  iceberg::Properties config;
  struct Credential {
    std::string prefix;  // of the locations that it is for
    iceberg::Properties config;
  };
  std::vector<Credential> credentials;
};
Result<LoadedTable> parse_loaded_table(std::string_view json);

// What the catalog says of a call that it refuses, for people; empty where it says nothing.
std::string rest_error_text(std::string_view json);

}  // namespace firn::federation
