#include <algorithm>

#include "api/context.h"
#include "api/ids.h"
#include "api/pins.h"
#include "api/roots.h"
#include "api/rows.h"
#include "api/tables.h"
#include "catalog/table_changes.h"
#include "iceberg/type_text.h"

namespace firn::api {
namespace {

using auth::Role;

Result<auth::CatalogEntry> editable_catalog(Services& services, const auth::Principal& who,
                                            const std::string& name) {
  auto entry = TRY(services.auth.directory().catalog(who, name));
  TRY(auth::authorize(who, Role::kEditor, entry.object()));
  return entry;
}

// Changes a table by id with one of catalog/table_changes.h.
template <typename Change>
Field<TableObject> change_table(Call& call, Services& services, const std::string& id,
                                Change change) {
  return changing(call, {id},
                  [&services, id,
                   change = std::move(change)](const auth::Principal& who) -> Result<TableObject> {
                    const auto found = TRY(find_table_for(services, who, id, Role::kEditor));
                    return make_table(services, changed(found, TRY(change(found.table->ident))));
                  });
}

Result<iceberg::Field> column_of(const schema::ColumnInput& input) {
  iceberg::Field field;
  field.name = input.name;
  field.type = TRY(iceberg::parse_type_text(input.type));
  field.required = input.required;
  field.doc = input.comment;
  return field;
}

// Field ids of a new table are given by the catalog; until then places tell columns apart.
Result<iceberg::PartitionSpec> spec_of(const std::vector<schema::PartitionFieldInput>& inputs,
                                       const iceberg::Schema& schema) {
  iceberg::PartitionSpec spec;
  for (const auto& input : inputs) {
    const auto* source = schema.find(std::string_view(input.source_column));
    if (source == nullptr) {
      return Error(ErrorCode::kInvalidArgument, "the partitioning names the column '" +
                                                    input.source_column + "', which is not there");
    }
    iceberg::PartitionField field;
    field.source_id = source->id;
    field.field_id = 1000 + static_cast<int32_t>(spec.fields.size());
    field.transform = TRY(iceberg::Transform::parse(input.transform));
    if (field.transform.kind == iceberg::TransformKind::kUnknown ||
        !field.transform.accepts(*source->type)) {
      return Error(ErrorCode::kInvalidArgument, "the transform " + input.transform +
                                                    " does not go with the column " +
                                                    input.source_column);
    }
    const bool identity = field.transform.kind == iceberg::TransformKind::kIdentity;
    const std::string transform = input.transform.substr(0, input.transform.find('['));
    field.name =
        input.name.value_or(identity ? input.source_column : input.source_column + "_" + transform);
    spec.fields.push_back(std::move(field));
  }
  return spec;
}

Result<catalog::TablePtr> create_table_of(Services& services, const auth::CatalogEntry& entry,
                                          const schema::CreateTableInput& input) {
  iceberg::Schema schema;
  for (const auto& column : input.columns) {
    auto field = TRY(column_of(column));
    field.id = static_cast<int32_t>(schema.fields.size()) + 1;
    schema.fields.push_back(std::move(field));
  }
  const auto spec = TRY(spec_of(input.partitioning, schema));
  if (input.format_version != 2 && input.format_version != 3) {
    return Error(ErrorCode::kInvalidArgument, "formatVersion is 2 or 3");
  }
  iceberg::Properties properties{{"format-version", std::to_string(input.format_version)}};
  if (input.comment) properties["comment"] = *input.comment;
  return services.catalog.create_table(
      {entry.id, catalog::parse_namespace(input.table.namespace_), input.table.name}, schema, spec,
      {}, properties);
}

}  // namespace

Field<std::shared_ptr<const schema::Catalog>> MutationRoot::create_catalog(
    Call& call, const schema::MutationCreateCatalogArgs& args) const {
  using Object = std::shared_ptr<const schema::Catalog>;
  return changing(call, {args.name},
                  [&services = services_, args](const auth::Principal& who) -> Result<Object> {
                    TRY(auth::authorize_anywhere(who, Role::kAdmin));
                    if (TRY(services.federation.name_is_taken(who.organization, args.name))) {
                      return Error(ErrorCode::kAlreadyExists,
                                   "there is a connection '" + args.name + "' already");
                    }
                    const auto entry = TRY(services.auth.directory().create_catalog(
                        who, TRY(local_id("environment", args.environment_id)), args.name));
                    TRY(services.catalog.ensure_catalog(entry.id));
                    const Status made = services.catalog.create_namespace(entry.id, {"main"}, {});
                    if (!made.ok() && made.error().code() != ErrorCode::kAlreadyExists)
                      return made.error();
                    return make_catalog(services, who, entry);
                  });
}

Field<std::shared_ptr<const schema::Namespace>> MutationRoot::create_namespace(
    Call& call, const schema::MutationCreateNamespaceArgs& args) const {
  using Object = std::shared_ptr<const schema::Namespace>;
  return changing(call, {args.catalog + "." + args.name},
                  [&services = services_, args](const auth::Principal& who) -> Result<Object> {
                    const auto entry = TRY(editable_catalog(services, who, args.catalog));
                    const auto levels = catalog::parse_namespace(args.name);
                    if (std::any_of(levels.begin(), levels.end(),
                                    [](const std::string& level) { return level.empty(); })) {
                      return Error(ErrorCode::kInvalidArgument,
                                   "a namespace's name has an empty level");
                    }
                    TRY(services.catalog.create_namespace(entry.id, levels, {}));
                    return make_namespace(services, who, entry, levels);
                  });
}

Field<std::string> MutationRoot::drop_namespace(
    Call& call, const schema::MutationDropNamespaceArgs& args) const {
  return changing(
      call, {args.catalog + "." + args.name},
      [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
        const auto entry = TRY(editable_catalog(services, who, args.catalog));
        TRY(services.catalog.drop_namespace(entry.id, catalog::parse_namespace(args.name)));
        return global_id("namespace", entry.id + "/" + args.name);
      });
}

Field<TableObject> MutationRoot::create_table(Call& call,
                                              const schema::MutationCreateTableArgs& args) const {
  const auto& name = args.input.table;
  return changing(call, {name.catalog + "." + name.namespace_ + "." + name.name},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<TableObject> {
                    const auto entry = TRY(editable_catalog(services, who, input.table.catalog));
                    TRY(create_table_of(services, entry, input));
                    return make_table(services,
                                      TRY(find_table(services, who, input.table.catalog,
                                                     input.table.namespace_, input.table.name)));
                  });
}

Field<TableObject> MutationRoot::rename_table(Call& call,
                                              const schema::MutationRenameTableArgs& args) const {
  return change_table(
      call, services_, args.id,
      [&services = services_, args](const catalog::TableIdent& from) -> Result<catalog::TablePtr> {
        catalog::TableIdent to = from;
        to.name = args.name;
        if (args.namespace_) to.levels = catalog::parse_namespace(*args.namespace_);
        if (to != from) TRY(services.catalog.rename_table(from, to));
        return services.catalog.load_table(to);
      });
}

Field<std::string> MutationRoot::drop_table(Call& call,
                                            const schema::MutationDropTableArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    const auto found = TRY(find_table_for(services, who, args.id, Role::kEditor));
                    TRY(services.catalog.drop_table(found.table->ident, args.purge));
                    return args.id;
                  });
}

Field<TableObject> MutationRoot::set_table_comment(
    Call& call, const schema::MutationSetTableCommentArgs& args) const {
  return change_table(call, services_, args.id,
                      [&services = services_, args](const catalog::TableIdent& ident) {
                        return catalog::set_table_comment(services.catalog, ident, args.comment);
                      });
}

Field<TableObject> MutationRoot::add_column(Call& call,
                                            const schema::MutationAddColumnArgs& args) const {
  return change_table(
      call, services_, args.table_id,
      [&services = services_, args](const catalog::TableIdent& ident) -> Result<catalog::TablePtr> {
        return catalog::add_column(services.catalog, ident, TRY(column_of(args.column)));
      });
}

Field<TableObject> MutationRoot::rename_column(Call& call,
                                               const schema::MutationRenameColumnArgs& args) const {
  return change_table(call, services_, args.table_id,
                      [&services = services_, args](const catalog::TableIdent& ident) {
                        return catalog::rename_column(services.catalog, ident, args.field_id,
                                                      args.name);
                      });
}

Field<TableObject> MutationRoot::widen_column(Call& call,
                                              const schema::MutationWidenColumnArgs& args) const {
  return change_table(
      call, services_, args.table_id,
      [&services = services_, args](const catalog::TableIdent& ident) -> Result<catalog::TablePtr> {
        return catalog::widen_column(services.catalog, ident, args.field_id,
                                     TRY(iceberg::parse_type_text(args.type)));
      });
}

Field<TableObject> MutationRoot::set_column_comment(
    Call& call, const schema::MutationSetColumnCommentArgs& args) const {
  return change_table(call, services_, args.table_id,
                      [&services = services_, args](const catalog::TableIdent& ident) {
                        return catalog::set_column_comment(services.catalog, ident, args.field_id,
                                                           args.comment);
                      });
}

Field<TableObject> MutationRoot::drop_column(Call& call,
                                             const schema::MutationDropColumnArgs& args) const {
  return change_table(call, services_, args.table_id,
                      [&services = services_, args](const catalog::TableIdent& ident) {
                        return catalog::drop_column(services.catalog, ident, args.field_id);
                      });
}

Field<TableObject> MutationRoot::roll_back_table(
    Call& call, const schema::MutationRollBackTableArgs& args) const {
  return change_table(
      call, services_, args.table_id,
      [&services = services_, args](const catalog::TableIdent& ident) -> Result<catalog::TablePtr> {
        return catalog::roll_back(services.catalog, ident,
                                  TRY(parse_snapshot_id(args.snapshot_id)));
      });
}

namespace {

Field<schema::Ref> make_ref(Call& call, Services& services, const std::string& table_id,
                            const std::string& name, const std::string& snapshot_id,
                            bool is_branch) {
  return changing(call, {table_id, name},
                  [&services, table_id, name, snapshot_id,
                   is_branch](const auth::Principal& who) -> Result<schema::Ref> {
                    const auto found = TRY(find_table_for(services, who, table_id, Role::kEditor));
                    if (is_evidence_tag(name)) {
                      return Error(ErrorCode::kInvalidArgument,
                                   "names of this kind are for the tags of pinned evidence");
                    }
                    TRY(catalog::create_ref(services.catalog, found.table->ident, name,
                                            TRY(parse_snapshot_id(snapshot_id)), is_branch));
                    return schema::Ref{
                        .name = name,
                        .kind = is_branch ? schema::RefKind::kBranch : schema::RefKind::kTag,
                        .snapshot_id = snapshot_id};
                  });
}

}  // namespace

Field<schema::Ref> MutationRoot::create_tag(Call& call,
                                            const schema::MutationCreateTagArgs& args) const {
  return make_ref(call, services_, args.table_id, args.name, args.snapshot_id, false);
}

Field<schema::Ref> MutationRoot::create_branch(Call& call,
                                               const schema::MutationCreateBranchArgs& args) const {
  return make_ref(call, services_, args.table_id, args.name, args.snapshot_id, true);
}

Field<std::string> MutationRoot::drop_ref(Call& call,
                                          const schema::MutationDropRefArgs& args) const {
  return changing(
      call, {args.table_id, args.name},
      [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
        const auto found = TRY(find_table_for(services, who, args.table_id, Role::kEditor));
        if (is_evidence_tag(args.name)) {
          return Error(ErrorCode::kInvalidArgument,
                       "pinned evidence stands on this tag: unpin the evidence instead");
        }
        TRY(catalog::drop_ref(services.catalog, found.table->ident, args.name));
        return args.table_id;
      });
}

}  // namespace firn::api
