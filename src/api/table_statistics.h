#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/tables.h"

// What can be said of a table without reading its rows.
namespace firn::api {

// A number of a snapshot's summary.
std::optional<int64_t> summary_number(const iceberg::Properties& summary, const std::string& name);
// Of the present snapshot, deletes taken off.
int64_t committed_rows(const iceberg::TableMetadata& metadata);
// How many rows the principal sees: asks a query. Blocks.
Result<int64_t> visible_rows(Services& services, const auth::Principal& principal,
                             const FoundTable& found);

// Those that the reader may see; fields of structs with dotted names.
std::vector<schema::Column> visible_columns(const FoundTable& found);
// How the columns of main's snapshots changed, as the reader may see them.
std::vector<schema::SchemaChange> changes_of_schema(const FoundTable& found);
std::vector<schema::PartitionField> partition_fields(const iceberg::TableMetadata& metadata);

void for_each_file(const catalog::Catalog::SnapshotFiles& files,
                   const std::function<void(const iceberg::DataFile&)>& take);
// Of the top-level columns, from the statistics of the present snapshot's files. For readers whom
// no policy holds. Blocks.
Result<std::vector<schema::ColumnStatistics>> column_statistics(Services& services,
                                                                const FoundTable& found);

}  // namespace firn::api
