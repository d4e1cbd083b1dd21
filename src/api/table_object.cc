#include "api/table_object.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "api/context.h"
#include "api/convert.h"
#include "api/paging.h"
#include "api/rows.h"
#include "api/table_statistics.h"
#include "http/message.h"
#include "iceberg/type_text.h"

namespace firn::api {
namespace {

using graphql::Call;
using graphql::Field;

// `counts`: whether the reader may know how many rows there are.
schema::Snapshot to_schema(const iceberg::Snapshot& snapshot, bool is_ancestor, bool counts) {
  const auto& summary = snapshot.summary;
  const auto operation = summary.find("operation");
  std::optional<std::string> parent;
  if (snapshot.parent_snapshot_id) parent = std::to_string(*snapshot.parent_snapshot_id);
  const auto count = [&](const char* name) {
    return counts ? summary_number(summary, name) : std::optional<int64_t>();
  };
  return {.id = std::to_string(snapshot.snapshot_id),
          .parent_id = std::move(parent),
          .sequence_number = snapshot.sequence_number,
          .committed_at = time_of(snapshot.timestamp_ms * 1000),
          .operation = operation == summary.end() ? std::string("append") : operation->second,
          .added_rows = count("added-records"),
          .total_rows = count("total-records"),
          .added_files = count("added-data-files"),
          .schema_id = snapshot.schema_id,
          .summary = counts ? properties_json(summary) : graphql::RawJson{"{}"},
          .is_ancestor = is_ancestor};
}

struct Totals {
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t rows = 0;
};

std::string_view content_name(iceberg::FileContent content) {
  switch (content) {
    case iceberg::FileContent::kData: return "data";
    case iceberg::FileContent::kPositionDeletes: return "position deletes";
    case iceberg::FileContent::kEqualityDeletes: return "equality deletes";
  }
  return "data";
}

graphql::RawJson partition_json(const iceberg::TableMetadata& metadata,
                                const iceberg::DataFile& file) {
  const auto* spec = metadata.spec_by_id(file.spec_id);
  if (spec == nullptr) return {"{}"};
  const auto type = partition_type(*spec, metadata.schema());
  std::string text = "{";
  for (size_t i = 0; i < spec->fields.size() && i < file.partition.size(); ++i) {
    if (i > 0) text += ',';
    text += http::json_quote(spec->fields[i].name) + ':';
    const bool null = std::holds_alternative<std::monostate>(file.partition[i]);
    text += null ? "null"
                 : http::json_quote(iceberg::value_text(*type->fields[i].type, file.partition[i]));
  }
  return {text + "}"};
}

class TableImpl final : public schema::Table {
 public:
  TableImpl(Services& services, FoundTable found)
      : services_(services), found_(std::make_shared<const FoundTable>(std::move(found))) {}

  Field<std::string> id(Call&) const override {
    return global_id("table", metadata().table_uuid.to_string());
  }
  Field<std::string> full_name(Call&) const override {
    return found_->entry.name + "." + found_->table->ident.to_string();
  }
  Field<std::string> catalog_name(Call&) const override { return found_->entry.name; }
  Field<std::string> namespace_(Call&) const override {
    return catalog::namespace_text(found_->table->ident.levels);
  }
  Field<std::string> name(Call&) const override { return found_->table->ident.name; }
  Field<std::optional<std::string>> comment(Call&) const override {
    const auto found = metadata().properties.find("comment");
    if (found == metadata().properties.end()) return std::optional<std::string>();
    return std::optional(found->second);
  }
  Field<int32_t> format_version(Call&) const override { return metadata().format_version; }
  Field<std::string> location(Call&) const override { return metadata().location; }
  Field<graphql::RawJson> properties(Call&) const override {
    return properties_json(metadata().properties);
  }
  Field<std::vector<schema::Column>> columns(Call&) const override {
    return visible_columns(*found_);
  }
  Field<std::vector<schema::PartitionField>> partitioning(Call&) const override {
    return partition_fields(metadata());
  }
  Field<std::vector<schema::SortField>> sort_order(Call&) const override {
    std::vector<schema::SortField> fields;
    for (const auto& order : metadata().sort_orders) {
      if (order.order_id != metadata().default_sort_order_id) continue;
      for (const auto& field : order.fields) {
        fields.push_back({.source_column = metadata().schema().path_of(field.source_id),
                          .transform = field.transform.to_string(),
                          .descending = !field.ascending,
                          .nulls_first = field.nulls_first});
      }
    }
    return fields;
  }

  Field<int64_t> row_count(Call& call) const override {
    if (counts_rows()) return committed_rows(metadata());
    // How many rows somebody sees is what a query says.
    return asking(call, [&services = services_, found = found_](const auth::Principal& principal) {
      return visible_rows(services, principal, *found);
    });
  }
  Field<int64_t> hot_row_count(Call&) const override {
    if (!counts_rows()) return int64_t{0};
    return services_.ingest.hot().row_count(metadata().table_uuid,
                                            services_.ingest.committed_lsn(metadata()));
  }
  Field<int64_t> size_bytes(Call& call) const override {
    return totals(call, [](const Totals& totals) { return totals.bytes; });
  }
  Field<int64_t> file_count(Call& call) const override {
    return totals(call, [](const Totals& totals) { return totals.files; });
  }
  Field<std::optional<graphql::DateTime>> last_updated_at(Call&) const override {
    return std::optional(time_of(metadata().last_updated_ms * 1000));
  }
  Field<std::optional<schema::Snapshot>> current_snapshot(Call&) const override {
    const auto* snapshot = metadata().current_snapshot();
    if (snapshot == nullptr) return std::optional<schema::Snapshot>();
    return std::optional(to_schema(*snapshot, true, counts_rows()));
  }
  Field<schema::SnapshotConnection> snapshots(
      Call&, const schema::TableSnapshotsArgs& args) const override {
    std::vector<const iceberg::Snapshot*> all;
    for (const auto& snapshot : metadata().snapshots) all.push_back(&snapshot);
    std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) {
      return std::tie(a->timestamp_ms, a->sequence_number, a->snapshot_id) >
             std::tie(b->timestamp_ms, b->sequence_number, b->snapshot_id);
    });
    const auto main = metadata().ancestry();
    const std::set<const iceberg::Snapshot*> ancestors(main.begin(), main.end());
    return paged<schema::SnapshotConnection, schema::SnapshotEdge>(
        all, args.first, args.after,
        [](const auto* snapshot) { return std::to_string(snapshot->snapshot_id); },
        [&](const auto* snapshot) -> Result<schema::Snapshot> {
          return to_schema(*snapshot, ancestors.contains(snapshot), counts_rows());
        });
  }
  Field<std::vector<schema::SchemaChange>> schema_changes(Call&) const override {
    return changes_of_schema(*found_);
  }
  Field<std::vector<schema::Ref>> refs(Call&) const override {
    std::vector<schema::Ref> refs;
    for (const auto& [name, ref] : metadata().refs) {
      refs.push_back({.name = name,
                      .kind = ref.is_branch ? schema::RefKind::kBranch : schema::RefKind::kTag,
                      .snapshot_id = std::to_string(ref.snapshot_id)});
    }
    return refs;
  }
  Field<schema::DataFileConnection> files(Call& call,
                                          const schema::TableFilesArgs& args) const override {
    return asking(
        call,
        [&services = services_, found = found_,
         args](const auth::Principal&) -> Result<schema::DataFileConnection> {
          if (found->rules.any()) {
            return Error(ErrorCode::kPermissionDenied,
                         "a policy hides rows or columns of this table from you, and with them its "
                         "files");
          }
          std::vector<iceberg::DataFile> all;
          const auto& metadata = *found->table->metadata;
          if (metadata.current_snapshot_id) {
            for_each_file(
                *TRY(services.catalog.snapshot_files(*found->table, *metadata.current_snapshot_id)),
                [&](const iceberg::DataFile& file) { all.push_back(file); });
          }
          return paged<schema::DataFileConnection, schema::DataFileEdge>(
              all, args.first, args.after,
              [](const iceberg::DataFile& file) { return file.file_path; },
              [&](const iceberg::DataFile& file) -> Result<schema::DataFile> {
                return schema::DataFile{.path = file.file_path,
                                        .content = std::string(content_name(file.content)),
                                        .format = file.file_format,
                                        .row_count = file.record_count,
                                        .size_bytes = file.file_size_in_bytes,
                                        .partition = partition_json(metadata, file)};
              });
        });
  }
  Field<schema::ResultPage> sample(Call& call, const schema::TableSampleArgs& args) const override {
    return asking(call,
                  [&services = services_, found = found_,
                   args](const auth::Principal& principal) -> Result<schema::ResultPage> {
                    return read_rows(services, principal,
                                     "FROM " + sql_name(found->entry, found->table->ident),
                                     args.first);
                  });
  }
  Field<std::optional<std::vector<schema::ColumnStatistics>>> statistics(
      Call& call) const override {
    using Statistics = std::optional<std::vector<schema::ColumnStatistics>>;
    if (found_->rules.any()) return Statistics();
    return asking(
        call,
        [&services = services_, found = found_](const auth::Principal&) -> Result<Statistics> {
          return Statistics(TRY(column_statistics(services, *found)));
        });
  }
  Field<std::optional<std::vector<schema::Policy>>> policies(Call& call) const override {
    using Policies = std::optional<std::vector<schema::Policy>>;
    return asking(
        call,
        [&services = services_,
         found = found_](const auth::Principal& principal) -> Result<Policies> {
          if (!auth::authorize(principal, auth::Role::kAdmin, found->entry.object()).ok()) {
            return Policies();
          }
          std::vector<schema::Policy> all;
          for (const auto& policy : TRY(services.auth.policies().of_table(
                   principal.organization, found->table->metadata->table_uuid))) {
            all.push_back(api::to_schema(policy, found->table->metadata->schema()));
          }
          return Policies(std::move(all));
        });
  }
  Field<schema::TablePermissions> permissions(Call&) const override {
    const auto may = [&](auth::Role role) {
      return auth::authorize(found_->principal, role, found_->entry.object()).ok();
    };
    return schema::TablePermissions{.can_write = may(auth::Role::kIngest),
                                    .can_change = may(auth::Role::kEditor),
                                    .can_manage_policies = may(auth::Role::kAdmin)};
  }

 private:
  const iceberg::TableMetadata& metadata() const { return *found_->table->metadata; }
  bool counts_rows() const { return found_->rules.row_filters.empty(); }
  template <typename Pick>
  Field<int64_t> totals(Call& call, Pick pick) const {
    const auto* snapshot = metadata().current_snapshot();
    if (snapshot == nullptr) return int64_t{0};
    return asking(call,
                  [&services = services_, found = found_, pick,
                   id = snapshot->snapshot_id](const auth::Principal&) -> Result<int64_t> {
                    Totals totals;
                    for_each_file(*TRY(services.catalog.snapshot_files(*found->table, id)),
                                  [&](const iceberg::DataFile& file) {
                                    ++totals.files;
                                    totals.bytes += file.file_size_in_bytes;
                                  });
                    return pick(totals);
                  });
  }

  Services& services_;
  const std::shared_ptr<const FoundTable> found_;
};

}  // namespace

graphql::RawJson properties_json(const iceberg::Properties& properties) {
  std::string text = "{";
  for (const auto& [name, value] : properties) {
    if (text.size() > 1) text += ',';
    text += http::json_quote(name) + ':' + http::json_quote(value);
  }
  return {text + "}"};
}

TableObject make_table(Services& services, FoundTable found) {
  return std::make_shared<const TableImpl>(services, std::move(found));
}

}  // namespace firn::api
