#pragma once

#include <optional>
#include <string>

#include "catalog/catalog.h"

// Changes of tables as people ask for them, each one commit. All give the table afterwards.
//
// Errors: InvalidArgument where the change makes no sense for the table, NotFound for a column,
// snapshot or ref that is not there, AlreadyExists for a name that is taken; and the catalog's own.
namespace firn::catalog {

// An optional column at the end.
Result<TablePtr> add_column(Catalog& catalog, const TableIdent& ident, iceberg::Field column);
// A field at any depth keeps its id and its data.
Result<TablePtr> rename_column(Catalog& catalog, const TableIdent& ident, int32_t field_id,
                               const std::string& name);
// int to long, float to double, a decimal to more digits.
Result<TablePtr> widen_column(Catalog& catalog, const TableIdent& ident, int32_t field_id,
                              const iceberg::TypePtr& type);
Result<TablePtr> set_column_comment(Catalog& catalog, const TableIdent& ident, int32_t field_id,
                                    const std::optional<std::string>& comment);
// Not the last one, and none that the partitioning, the sort order or the identifier stands on.
Result<TablePtr> drop_column(Catalog& catalog, const TableIdent& ident, int32_t field_id);

Result<TablePtr> set_table_comment(Catalog& catalog, const TableIdent& ident,
                                   const std::optional<std::string>& comment);
// Whether a snapshot is the present one, or on the way from it back.
bool is_on_main(const iceberg::TableMetadata& metadata, int64_t snapshot_id);
// Makes an ancestor of the present snapshot, or one that was the present one before, the present
// one.
Result<TablePtr> roll_back(Catalog& catalog, const TableIdent& ident, int64_t snapshot_id);
// A new branch or tag; AlreadyExists where the name is taken.
Result<TablePtr> create_ref(Catalog& catalog, const TableIdent& ident, const std::string& name,
                            int64_t snapshot_id, bool is_branch);
// Not main.
Result<TablePtr> drop_ref(Catalog& catalog, const TableIdent& ident, const std::string& name);

}  // namespace firn::catalog
