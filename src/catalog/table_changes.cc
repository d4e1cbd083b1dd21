#include "catalog/table_changes.h"

#include <algorithm>
#include <functional>

#include "catalog/commit.h"

namespace firn::catalog {
namespace {

using iceberg::Field;
using iceberg::Schema;

Error wrong(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

Error no_column(int32_t field_id) {
  return Error(ErrorCode::kNotFound,
               "the table has no column with the id " + std::to_string(field_id));
}

bool is_taken(const std::vector<Field>& fields, const std::string& name, int32_t except = 0) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const Field& field) { return field.name == name && field.id != except; });
}

// Calls `change` with the list that holds the field, and its place in it. False: it is not there.
using FieldChange = std::function<Status(std::vector<Field>&, size_t)>;
Result<bool> change_field(std::vector<Field>& fields, int32_t field_id, const FieldChange& change) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].id == field_id) {
      TRY(change(fields, i));
      return true;
    }
    if (!fields[i].type->is_nested()) continue;
    auto type = std::make_shared<iceberg::Type>(*fields[i].type);
    if (TRY(change_field(type->fields, field_id, change))) {
      fields[i].type = std::move(type);
      return true;
    }
  }
  return false;
}

Result<TablePtr> with_field(
    Catalog& catalog, const TableIdent& ident, int32_t field_id,
    const std::function<Status(const Table&, std::vector<Field>&, size_t)>& change) {
  return catalog.evolve_schema(ident, [&](const Table& table) -> Result<std::optional<Schema>> {
    Schema schema = table.metadata->schema();
    const bool found =
        TRY(change_field(schema.fields, field_id, [&](std::vector<Field>& siblings, size_t place) {
          return change(table, siblings, place);
        }));
    if (!found) return no_column(field_id);
    return std::optional(std::move(schema));
  });
}

Status check_column_name(const std::string& name) {
  if (!name.empty() && name.size() <= 255) return {};
  return wrong("a column's name has 1 to 255 bytes");
}

bool contains(const Field& field, int32_t field_id) {
  if (field.id == field_id) return true;
  return std::any_of(field.type->fields.begin(), field.type->fields.end(),
                     [&](const Field& child) { return contains(child, field_id); });
}

// Whether something of the table's layout stands on a column.
std::optional<std::string> use_of(const iceberg::TableMetadata& metadata, const Field& field) {
  for (const auto& part : metadata.spec().fields) {
    if (part.transform.kind != iceberg::TransformKind::kVoid && contains(field, part.source_id)) {
      return "the table is partitioned by it";
    }
  }
  for (const auto& order : metadata.sort_orders) {
    if (order.order_id != metadata.default_sort_order_id) continue;
    for (const auto& part : order.fields) {
      if (contains(field, part.source_id)) return "the table is sorted by it";
    }
  }
  for (const int32_t id : metadata.schema().identifier_field_ids) {
    if (contains(field, id)) return "it identifies the table's rows";
  }
  return std::nullopt;
}

Result<TablePtr> commit_update(Catalog& catalog, const Table& table,
                               std::vector<TableRequirement> requirements, TableUpdate update) {
  requirements.push_back(table_is(table.metadata->table_uuid));
  Catalog::TableChange change{table.ident, std::move(requirements), {std::move(update)}};
  auto tables = TRY(catalog.commit({std::move(change)}));
  return std::move(tables.front());
}

Error no_snapshot(int64_t snapshot_id) {
  return Error(ErrorCode::kNotFound, "the table has no snapshot " + std::to_string(snapshot_id));
}

}  // namespace

Result<TablePtr> add_column(Catalog& catalog, const TableIdent& ident, Field column) {
  TRY(check_column_name(column.name));
  if (column.required) return wrong("a column that is added is optional: older rows lack it");
  return catalog.evolve_schema(ident, [&](const Table& table) -> Result<std::optional<Schema>> {
    Schema schema = table.metadata->schema();
    if (is_taken(schema.fields, column.name)) {
      return Error(ErrorCode::kAlreadyExists, "the table has a column '" + column.name + "'");
    }
    column.id = 0;
    schema.fields.push_back(column);
    return std::optional(std::move(schema));
  });
}

Result<TablePtr> rename_column(Catalog& catalog, const TableIdent& ident, int32_t field_id,
                               const std::string& name) {
  TRY(check_column_name(name));
  return with_field(catalog, ident, field_id,
                    [&](const Table&, std::vector<Field>& siblings, size_t place) -> Status {
                      if (is_taken(siblings, name, field_id)) {
                        return Error(ErrorCode::kAlreadyExists,
                                     "there is a column '" + name + "' already");
                      }
                      siblings[place].name = name;
                      return {};
                    });
}

Result<TablePtr> widen_column(Catalog& catalog, const TableIdent& ident, int32_t field_id,
                              const iceberg::TypePtr& type) {
  return with_field(catalog, ident, field_id,
                    [&](const Table&, std::vector<Field>& siblings, size_t place) -> Status {
                      auto& now = siblings[place].type;
                      if (*now == *type) return {};
                      if (!may_promote(*now, *type)) {
                        return wrong(iceberg::type_name(*now) + " does not widen to " +
                                     iceberg::type_name(*type));
                      }
                      now = type;
                      return {};
                    });
}

Result<TablePtr> set_column_comment(Catalog& catalog, const TableIdent& ident, int32_t field_id,
                                    const std::optional<std::string>& comment) {
  return with_field(catalog, ident, field_id,
                    [&](const Table&, std::vector<Field>& siblings, size_t place) -> Status {
                      siblings[place].doc = comment;
                      return {};
                    });
}

Result<TablePtr> drop_column(Catalog& catalog, const TableIdent& ident, int32_t field_id) {
  return with_field(catalog, ident, field_id,
                    [&](const Table& table, std::vector<Field>& siblings, size_t place) -> Status {
                      if (siblings.size() == 1) return wrong("a table keeps at least one column");
                      if (const auto use = use_of(*table.metadata, siblings[place])) {
                        return wrong("the column cannot go: " + *use);
                      }
                      siblings.erase(siblings.begin() + static_cast<ptrdiff_t>(place));
                      return {};
                    });
}

Result<TablePtr> set_table_comment(Catalog& catalog, const TableIdent& ident,
                                   const std::optional<std::string>& comment) {
  const auto table = TRY(catalog.load_table(ident));
  if (comment) return commit_update(catalog, *table, {}, {SetProperties{{{"comment", *comment}}}});
  if (!table->metadata->properties.contains("comment")) return table;
  return commit_update(catalog, *table, {}, {RemoveProperties{{"comment"}}});
}

bool is_on_main(const iceberg::TableMetadata& metadata, int64_t snapshot_id) {
  const auto main = metadata.ancestry();
  return std::any_of(main.begin(), main.end(),
                     [&](const auto* at) { return at->snapshot_id == snapshot_id; });
}

namespace {

// By the snapshot log: what a roll-back set aside can be had back, what only a branch has cannot.
bool was_present(const iceberg::TableMetadata& metadata, int64_t snapshot_id) {
  return std::any_of(
      metadata.snapshot_log.begin(), metadata.snapshot_log.end(),
      [&](const iceberg::SnapshotLogEntry& entry) { return entry.snapshot_id == snapshot_id; });
}

}  // namespace

Result<TablePtr> roll_back(Catalog& catalog, const TableIdent& ident, int64_t snapshot_id) {
  const auto table = TRY(catalog.load_table(ident));
  const auto& metadata = *table->metadata;
  if (metadata.snapshot_by_id(snapshot_id) == nullptr) return no_snapshot(snapshot_id);
  if (!is_on_main(metadata, snapshot_id) && !was_present(metadata, snapshot_id)) {
    return wrong("snapshot " + std::to_string(snapshot_id) + " was never the table's present one");
  }
  iceberg::SnapshotRef main;
  if (const auto known = metadata.refs.find("main"); known != metadata.refs.end()) {
    main = known->second;
  }
  main.snapshot_id = snapshot_id;
  return commit_update(catalog, *table, {ref_is("main", metadata.current_snapshot_id)},
                       {SetSnapshotRef{"main", main}});
}

Result<TablePtr> create_ref(Catalog& catalog, const TableIdent& ident, const std::string& name,
                            int64_t snapshot_id, bool is_branch) {
  if (name.empty() || name.size() > 255) return wrong("a name has 1 to 255 bytes");
  const auto table = TRY(catalog.load_table(ident));
  if (table->metadata->snapshot_by_id(snapshot_id) == nullptr) return no_snapshot(snapshot_id);
  if (table->metadata->refs.contains(name)) {
    return Error(ErrorCode::kAlreadyExists, "the table has a branch or tag '" + name + "'");
  }
  iceberg::SnapshotRef ref;
  ref.snapshot_id = snapshot_id;
  ref.is_branch = is_branch;
  return commit_update(catalog, *table, {ref_is(name, std::nullopt)}, {SetSnapshotRef{name, ref}});
}

Result<TablePtr> drop_ref(Catalog& catalog, const TableIdent& ident, const std::string& name) {
  if (name == "main") return wrong("the branch main stays");
  const auto table = TRY(catalog.load_table(ident));
  if (!table->metadata->refs.contains(name)) {
    return Error(ErrorCode::kNotFound, "the table has no branch or tag '" + name + "'");
  }
  return commit_update(catalog, *table, {}, {RemoveSnapshotRef{name}});
}

}  // namespace firn::catalog
