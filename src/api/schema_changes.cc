#include <algorithm>
#include <map>

#include "api/convert.h"
#include "api/table_statistics.h"
#include "iceberg/type_text.h"

namespace firn::api {
namespace {

constexpr size_t kChangesMax = 100;

using Columns = std::map<int32_t, const iceberg::Field*>;

// Top-level columns by field id, but for those that the reader must not know of.
Columns columns_of(const iceberg::Schema& schema, const auth::TableRules& rules) {
  Columns columns;
  for (const auto& field : schema.fields) {
    const auto rule = rules.columns.find(field.id);
    if (rule != rules.columns.end() && rule->second == auth::ColumnRule::kHidden) continue;
    columns[field.id] = &field;
  }
  return columns;
}

std::string described(const iceberg::Field& field) {
  return field.name + ": " + iceberg::type_name(*field.type);
}

struct Difference {
  std::vector<std::string> added;
  std::vector<std::string> dropped;
  std::vector<std::string> changed;
  bool any() const { return !added.empty() || !dropped.empty() || !changed.empty(); }
};

Difference difference_of(const Columns& before, const Columns& after) {
  Difference change;
  for (const auto& [id, field] : after) {
    const auto old = before.find(id);
    if (old == before.end()) {
      change.added.push_back(field->name);
    } else if (old->second->name != field->name || !(*old->second->type == *field->type)) {
      change.changed.push_back(described(*old->second) + ", now " + described(*field));
    }
  }
  for (const auto& [id, field] : before) {
    if (!after.contains(id)) change.dropped.push_back(field->name);
  }
  return change;
}

}  // namespace

std::vector<schema::SchemaChange> changes_of_schema(const FoundTable& found) {
  const auto& metadata = *found.table->metadata;
  const auto main = metadata.ancestry();
  std::vector<schema::SchemaChange> changes;
  const iceberg::Schema* last = nullptr;
  for (auto at = main.rbegin(); at != main.rend(); ++at) {
    const auto* schema = (*at)->schema_id ? metadata.schema_by_id(*(*at)->schema_id) : nullptr;
    if (schema == nullptr || schema == last) continue;
    if (last != nullptr) {
      auto change = difference_of(columns_of(*last, found.rules), columns_of(*schema, found.rules));
      if (change.any()) {
        changes.push_back({.at = time_of((*at)->timestamp_ms * 1000),
                           .schema_id = schema->schema_id,
                           .added = std::move(change.added),
                           .dropped = std::move(change.dropped),
                           .changed = std::move(change.changed)});
      }
    }
    last = schema;
  }
  if (changes.size() > kChangesMax) {
    changes.erase(changes.begin(), changes.end() - static_cast<ptrdiff_t>(kChangesMax));
  }
  return changes;
}

}  // namespace firn::api
