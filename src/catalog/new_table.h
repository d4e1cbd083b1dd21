#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "catalog/catalog.h"

namespace firn::catalog {

struct NewTable {
  iceberg::Schema schema;
  iceberg::PartitionSpec spec;
  iceberg::SortOrder order;
  iceberg::Properties properties;  // "format-version" (2 or 3) is taken out
  std::string location;
  Uuid uuid;
  int64_t now_ms = 0;
};

// Metadata of an empty table. All ids are given anew: the columns of a struct first, then what is
// inside each of them. Errors: InvalidArgument, IncompatibleSchema for types that the format
// version lacks.
Result<iceberg::TableMetadata> new_table_metadata(NewTable table);

// Gives ids to the fields that have none (0), counting up from `last_column_id`, which is moved.
std::vector<iceberg::Field> with_new_ids(std::vector<iceberg::Field> fields,
                                         int32_t& last_column_id);
// Names are unique in each struct, types known to the format version.
Status check_schema(const iceberg::Schema& schema, int32_t format_version);

}  // namespace firn::catalog
