#include "api/table_object.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "api/context.h"
#include "api/convert.h"
#include "api/paging.h"
#include "api/rows.h"
#include "http/message.h"
#include "iceberg/type_text.h"

namespace firn::api {
namespace {

using graphql::Call;
using graphql::Field;

std::optional<int64_t> number(const iceberg::Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  if (found == properties.end()) return std::nullopt;
  int64_t value = 0;
  const auto& text = found->second;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc()) return std::nullopt;
  return value;
}

// `counts`: whether the reader may know how many rows there are.
schema::Snapshot to_schema(const iceberg::Snapshot& snapshot, bool is_ancestor, bool counts) {
  const auto& summary = snapshot.summary;
  const auto operation = summary.find("operation");
  std::optional<std::string> parent;
  if (snapshot.parent_snapshot_id) parent = std::to_string(*snapshot.parent_snapshot_id);
  const auto count = [&](const char* name) {
    return counts ? number(summary, name) : std::optional<int64_t>();
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

std::set<int64_t> ancestors_of(const iceberg::TableMetadata& metadata) {
  std::set<int64_t> ids;
  const auto* snapshot = metadata.current_snapshot();
  while (snapshot != nullptr && ids.insert(snapshot->snapshot_id).second) {
    snapshot = snapshot->parent_snapshot_id ? metadata.snapshot_by_id(*snapshot->parent_snapshot_id)
                                            : nullptr;
  }
  return ids;
}

void add_columns(const std::vector<iceberg::Field>& fields, const std::string& prefix,
                 const std::set<int32_t>& sources, const auth::TableRules& rules, bool masked,
                 std::vector<schema::Column>& into) {
  for (const auto& field : fields) {
    const auto rule = rules.columns.find(field.id);
    if (rule != rules.columns.end() && rule->second == auth::ColumnRule::kHidden) continue;
    const bool is_masked = masked || rule != rules.columns.end();
    into.push_back({.field_id = field.id,
                    .name = prefix + field.name,
                    .type = iceberg::type_text(*field.type),
                    .required = field.required,
                    .comment = field.doc,
                    .is_partition_source = sources.contains(field.id),
                    .masked = is_masked});
    if (field.type->id == iceberg::TypeId::kStruct) {
      add_columns(field.type->fields, prefix + field.name + ".", sources, rules, is_masked, into);
    }
  }
}

struct Totals {
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t rows = 0;
};

void for_each_file(const catalog::Catalog::SnapshotFiles& files,
                   const std::function<void(const iceberg::DataFile&)>& take) {
  for (const auto* manifests : {&files.data_manifests, &files.delete_manifests}) {
    for (const auto& entries : *manifests) {
      for (const auto& entry : *entries) take(entry.data_file);
    }
  }
}

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

// Sums over files; a bound or a count that one file lacks is unknown for all.
class ColumnSummary {
 public:
  explicit ColumnSummary(const iceberg::Field& field, std::string name)
      : field_(field), name_(std::move(name)) {}

  void add(const iceberg::DataFile& file) {
    add_count(file.value_counts, values_);
    add_count(file.null_value_counts, nulls_);
    add_count(file.column_sizes, bytes_);
    if (field_.type->is_nested()) return;
    const auto nulls = file.null_value_counts.find(field_.id);
    const bool all_null =
        nulls != file.null_value_counts.end() && nulls->second == file.record_count;
    if (all_null) return;
    widen(file.lower_bounds, lower_, -1);
    widen(file.upper_bounds, upper_, 1);
  }

  schema::ColumnStatistics result() const {
    return {.field_id = field_.id,
            .name = name_,
            .value_count = values_,
            .null_count = nulls_,
            .lower = text(lower_),
            .upper = text(upper_),
            .size_bytes = bytes_};
  }

 private:
  struct Bound {
    std::optional<iceberg::Value> value;
    bool unknown = false;
  };
  void add_count(const std::map<int32_t, int64_t>& counts, std::optional<int64_t>& total) const {
    const auto found = counts.find(field_.id);
    if (found == counts.end() || !total) {
      total.reset();
    } else {
      *total += found->second;
    }
  }
  void widen(const std::map<int32_t, std::string>& bounds, Bound& bound, int direction) const {
    const auto found = bounds.find(field_.id);
    if (found == bounds.end() || bound.unknown) {
      bound.unknown = true;
      return;
    }
    auto value = iceberg::deserialize_value(*field_.type, found->second);
    if (!value.ok()) {
      bound.unknown = true;
    } else if (!bound.value ||
               iceberg::compare_values(*field_.type, *value, *bound.value) == direction) {
      bound.value = *std::move(value);
    }
  }
  std::optional<std::string> text(const Bound& bound) const {
    if (bound.unknown || !bound.value) return std::nullopt;
    constexpr size_t kShown = 200;
    std::string shown = iceberg::value_text(*field_.type, *bound.value);
    if (shown.size() > kShown) {
      size_t end = kShown;
      while (end > 0 && (shown[end] & 0xC0) == 0x80) --end;
      shown.resize(end);
    }
    return shown;
  }

  const iceberg::Field& field_;
  const std::string name_;
  std::optional<int64_t> values_ = 0;
  std::optional<int64_t> nulls_ = 0;
  std::optional<int64_t> bytes_ = 0;
  Bound lower_;
  Bound upper_;
};

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
    return join_namespace(found_->table->ident.levels);
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
    std::set<int32_t> sources;
    for (const auto& field : metadata().spec().fields) sources.insert(field.source_id);
    std::vector<schema::Column> columns;
    add_columns(metadata().schema().fields, "", sources, found_->rules, false, columns);
    return columns;
  }
  Field<std::vector<schema::PartitionField>> partitioning(Call&) const override {
    std::vector<schema::PartitionField> fields;
    for (const auto& field : metadata().spec().fields) {
      fields.push_back({.name = field.name,
                        .source_column = metadata().schema().path_of(field.source_id),
                        .transform = field.transform.to_string()});
    }
    return fields;
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
    if (counts_rows()) return committed_rows();
    // How many rows somebody sees is what a query says.
    return asking(call,
                  [&services = services_,
                   found = found_](const auth::Principal& principal) -> Result<int64_t> {
                    auto page = TRY(read_rows(
                        services, principal,
                        "SELECT count(*) FROM " + sql_name(found->entry, found->table->ident), 1));
                    std::string_view text = page.rows.get().text;  // [[12]]
                    int64_t count = 0;
                    if (text.size() > 2)
                      std::from_chars(text.data() + 2, text.data() + text.size(), count);
                    return count;
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
    const auto ancestors = ancestors_of(metadata());
    return paged<schema::SnapshotConnection, schema::SnapshotEdge>(
        all, args.first, args.after,
        [](const auto* snapshot) { return std::to_string(snapshot->snapshot_id); },
        [&](const auto* snapshot) -> Result<schema::Snapshot> {
          return to_schema(*snapshot, ancestors.contains(snapshot->snapshot_id), counts_rows());
        });
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
          const auto& metadata = *found->table->metadata;
          std::vector<ColumnSummary> columns;
          for (const auto& field : metadata.schema().fields)
            columns.emplace_back(field, field.name);
          if (metadata.current_snapshot_id) {
            const auto files =
                TRY(services.catalog.snapshot_files(*found->table, *metadata.current_snapshot_id));
            for_each_file(*files, [&](const iceberg::DataFile& file) {
              if (file.content != iceberg::FileContent::kData) return;
              for (auto& column : columns) column.add(file);
            });
          }
          std::vector<schema::ColumnStatistics> results;
          for (const auto& column : columns) results.push_back(column.result());
          return Statistics(std::move(results));
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
  int64_t committed_rows() const {
    const auto* snapshot = metadata().current_snapshot();
    if (snapshot == nullptr) return 0;
    return number(snapshot->summary, "total-records").value_or(0) -
           number(snapshot->summary, "total-position-deletes").value_or(0);
  }
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
