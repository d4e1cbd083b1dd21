#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/commit.h"

namespace firn::iceberg {
class JsonWriter;
}

// Bodies of the REST catalog's requests and answers. Readers give InvalidData, which is a 400.
namespace firn::catalog::rest {

Result<Namespace> namespace_from_json(const boost::json::value& value);
void write_namespace(iceberg::JsonWriter& writer, const Namespace& ns);

// {"namespace": [...], "name": ...}
Result<TableIdent> ident_from_json(const std::string& catalog, const boost::json::value& value);
void write_ident(iceberg::JsonWriter& writer, const TableIdent& ident);

// {"requirements": [...], "updates": [...]}
Result<Catalog::TableChange> change_from_json(const TableIdent& ident,
                                              const boost::json::object& object);

// A partition spec whose fields may lack their ids: those are -1, for the catalog to give.
Result<iceberg::PartitionSpec> requested_spec(const boost::json::value& value);

enum class SnapshotsWanted { kAll, kReferenced };
// A LoadTableResult; `metadata-location` is left out where it is empty.
std::string load_table_result(const Table& table, SnapshotsWanted wanted);

}  // namespace firn::catalog::rest
