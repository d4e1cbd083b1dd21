#include "api/table_statistics.h"

#include <charconv>
#include <set>

#include "api/rows.h"
#include "iceberg/type_text.h"

namespace firn::api {
namespace {

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

}  // namespace

std::optional<int64_t> summary_number(const iceberg::Properties& properties,
                                      const std::string& name) {
  const auto found = properties.find(name);
  if (found == properties.end()) return std::nullopt;
  int64_t value = 0;
  const auto& text = found->second;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc()) return std::nullopt;
  return value;
}

int64_t committed_rows(const iceberg::TableMetadata& metadata) {
  const auto* snapshot = metadata.current_snapshot();
  if (snapshot == nullptr) return 0;
  return summary_number(snapshot->summary, "total-records").value_or(0) -
         summary_number(snapshot->summary, "total-position-deletes").value_or(0);
}

Result<int64_t> visible_rows(Services& services, const auth::Principal& principal,
                             const FoundTable& found) {
  auto page = TRY(read_rows(
      services, principal, "SELECT count(*) FROM " + sql_name(found.entry, found.table->ident), 1));
  const std::string_view text = page.rows.get().text;  // [[12]]
  int64_t count = 0;
  if (text.size() > 2) std::from_chars(text.data() + 2, text.data() + text.size(), count);
  return count;
}

std::vector<schema::Column> visible_columns(const FoundTable& found) {
  const auto& metadata = *found.table->metadata;
  std::set<int32_t> sources;
  for (const auto& field : metadata.spec().fields) sources.insert(field.source_id);
  std::vector<schema::Column> columns;
  add_columns(metadata.schema().fields, "", sources, found.rules, false, columns);
  return columns;
}

std::vector<schema::PartitionField> partition_fields(const iceberg::TableMetadata& metadata) {
  std::vector<schema::PartitionField> fields;
  for (const auto& field : metadata.spec().fields) {
    fields.push_back({.name = field.name,
                      .source_column = metadata.schema().path_of(field.source_id),
                      .transform = field.transform.to_string()});
  }
  return fields;
}

void for_each_file(const catalog::Catalog::SnapshotFiles& files,
                   const std::function<void(const iceberg::DataFile&)>& take) {
  for (const auto* manifests : {&files.data_manifests, &files.delete_manifests}) {
    for (const auto& entries : *manifests) {
      for (const auto& entry : *entries) take(entry.data_file);
    }
  }
}

Result<std::vector<schema::ColumnStatistics>> column_statistics(Services& services,
                                                                const FoundTable& found) {
  const auto& metadata = *found.table->metadata;
  std::vector<ColumnSummary> columns;
  for (const auto& field : metadata.schema().fields) columns.emplace_back(field, field.name);
  if (metadata.current_snapshot_id) {
    const auto files =
        TRY(services.catalog.snapshot_files(*found.table, *metadata.current_snapshot_id));
    for_each_file(*files, [&](const iceberg::DataFile& file) {
      if (file.content != iceberg::FileContent::kData) return;
      for (auto& column : columns) column.add(file);
    });
  }
  std::vector<schema::ColumnStatistics> results;
  for (const auto& column : columns) results.push_back(column.result());
  return results;
}

}  // namespace firn::api
