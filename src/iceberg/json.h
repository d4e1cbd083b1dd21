#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "iceberg/metadata.h"

// The JSON forms of the table spec's appendix C, which metadata files and the REST catalog share.
// Every reader gives InvalidData for what is not of that form, naming the member.
namespace firn::iceberg {

class JsonWriter;

// Bounded depth; the whole text has to be one value.
Result<boost::json::value> parse_json(std::string_view text);

// Members of an object. `optional_*` take a missing member and null for none.
Result<const boost::json::object*> json_object(const boost::json::value& value,
                                               std::string_view what);
Result<const boost::json::value*> json_member(const boost::json::object& object,
                                              std::string_view name);
const boost::json::value* json_find(const boost::json::object& object, std::string_view name);
Result<int64_t> json_int64(const boost::json::object& object, std::string_view name);
Result<int32_t> json_int32(const boost::json::object& object, std::string_view name);
Result<std::string> json_string(const boost::json::object& object, std::string_view name);
Result<std::optional<int64_t>> optional_int64(const boost::json::object& object,
                                              std::string_view name);
Result<std::optional<int32_t>> optional_int32(const boost::json::object& object,
                                              std::string_view name);
Result<std::optional<std::string>> optional_string(const boost::json::object& object,
                                                   std::string_view name);
Result<const boost::json::array*> json_array(const boost::json::object& object,
                                             std::string_view name);
Result<std::vector<int64_t>> json_int64_list(const boost::json::object& object,
                                             std::string_view name);
// Null where the member is missing or null.
Result<const boost::json::array*> optional_array(const boost::json::object& object,
                                                 std::string_view name);
// Empty where it is missing.
Result<Properties> json_properties(const boost::json::object& object, std::string_view name);
Result<std::vector<std::string>> json_string_list(const boost::json::value& value,
                                                  std::string_view what);

Result<Schema> schema_from_json(const boost::json::value& value);
Result<PartitionSpec> spec_from_json(const boost::json::value& value);
// Of a v1 table: only the array of fields. Missing field ids count up from 1000.
Result<PartitionSpec> spec_fields_from_json(const boost::json::value& value, int32_t spec_id);
Result<SortOrder> sort_order_from_json(const boost::json::value& value);
Result<Snapshot> snapshot_from_json(const boost::json::value& value);
Result<SnapshotRef> ref_from_json(const boost::json::object& object);

void write_schema(JsonWriter& writer, const Schema& schema);
void write_spec(JsonWriter& writer, const PartitionSpec& spec);
void write_spec_fields(JsonWriter& writer, const PartitionSpec& spec);
void write_sort_order(JsonWriter& writer, const SortOrder& order);
void write_snapshot(JsonWriter& writer, const Snapshot& snapshot, int32_t format_version);
void write_ref(JsonWriter& writer, const SnapshotRef& ref);
void write_properties(JsonWriter& writer, const Properties& properties);

// Only the snapshots that a branch or tag names, as REST's `snapshots=refs` asks.
std::string table_metadata_to_json_refs_only(const TableMetadata& metadata);

}  // namespace firn::iceberg
