#include "auth/policies.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>

#include "auth/auth_internal.h"
#include "auth/directory.h"
#include "base/bytes.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::auth {
namespace {

constexpr size_t kRowFilterMax = 10'000;
constexpr size_t kColumnsMax = 1'000;
constexpr char kNamedPrefix = '@';  // before a column's name, in base64

std::string encode_roles(const std::vector<Role>& roles) {
  std::string text;
  for (const Role role : roles) {
    if (!text.empty()) text += ',';
    text += role_name(role);
  }
  return text;
}

std::string encode_columns(const std::vector<ColumnPolicy>& columns) {
  std::string text;
  for (const auto& column : columns) {
    if (!text.empty()) text += ',';
    text += column.name.empty() ? std::to_string(column.field_id)
                                : kNamedPrefix + base64_encode(as_bytes(column.name));
    text += ':' + std::to_string(static_cast<int>(column.rule));
  }
  return text;
}

template <typename Take>
void each_part(std::string_view text, Take&& take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// False where the row is not one that this file wrote: such a policy hides everything.
bool decode(const store::Statement& row, TablePolicy& policy) {
  bool ok = true;
  policy.id = row.column_text(0);
  policy.organization = row.column_text(1);
  const auto table = Uuid::parse(row.column_text(2));
  if (!table.ok()) return false;
  policy.table = *table;
  policy.name = row.column_text(3);
  each_part(row.column_text(4), [&](std::string_view part) {
    const auto role = parse_role(part);
    if (role) policy.roles.push_back(*role);
    ok = ok && role.has_value();
  });
  if (!row.column_is_null(5)) policy.row_filter = row.column_text(5);
  each_part(row.column_text(6), [&](std::string_view part) {
    ColumnPolicy column;
    int rule = -1;
    const auto colon = part.find(':');
    const auto end = part.data() + part.size();
    if (colon != std::string_view::npos) {
      const auto key = part.substr(0, colon);
      if (key.starts_with(kNamedPrefix)) {
        ok = ok && base64_decode(key.substr(1), column.name);
      } else {
        std::from_chars(key.data(), key.data() + key.size(), column.field_id);
      }
      std::from_chars(part.data() + colon + 1, end, rule);
    }
    ok = ok && rule >= 0 && rule <= static_cast<int>(ColumnRule::kHashed);
    column.rule = static_cast<ColumnRule>(rule);
    policy.columns.push_back(column);
  });
  policy.created_us = row.column_int(7);
  policy.created_by = row.column_text(8);
  return ok;
}

// The enumeration runs from strict to lax.
template <typename Key>
void keep_stricter(std::map<Key, ColumnRule>& rules, const Key& key, ColumnRule rule) {
  const auto [slot, is_new] = rules.emplace(key, rule);
  if (!is_new) slot->second = std::min(slot->second, rule);
}

}  // namespace

std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

Uuid connected_table(std::string_view connection_id, std::string_view schema,
                     std::string_view table) {
  // Lengths keep ("a", "bc") and ("ab", "c") apart.
  const std::string text = std::to_string(connection_id.size()) + ":" +
                           std::to_string(schema.size()) + ":" + std::string(connection_id) +
                           lower_case(schema) + lower_case(table);
  Uuid id;
  crypto_generichash(id.bytes.data(), id.bytes.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  return id;
}

Result<std::shared_ptr<const Policies::All>> Policies::all() {
  std::lock_guard lock(mutex_);
  if (all_) return all_;
  auto read = std::make_shared<All>();
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT id, organization, table_uuid, name, roles, row_filter, columns, created_us, "
        "created_by FROM policies ORDER BY name"));
    while (TRY(row.step())) {
      TablePolicy policy;
      if (!decode(row, policy)) {
        return Error(ErrorCode::kInternal, "the table's policies cannot be read",
                     "policy " + policy.id + " is malformed");
      }
      read->push_back(std::move(policy));
    }
    return {};
  }));
  all_ = std::move(read);
  return all_;
}

Result<TablePolicy> Policies::set(const Principal& principal, const Object& object,
                                  TablePolicy policy) {
  TRY(authorize(principal, Role::kAdmin, object));
  policy.id = random_.uuid().to_string();
  policy.organization = principal.organization;
  policy.name = TRY(check_name("a policy's name", policy.name));
  policy.created_us = clock_.now_us();
  policy.created_by = principal.name;
  if (policy.roles.empty()) {
    return Error(ErrorCode::kInvalidArgument, "a policy names the roles that it holds for");
  }
  if (std::count(policy.roles.begin(), policy.roles.end(), Role::kEngine) > 0) {
    return Error(ErrorCode::kInvalidArgument, "an engine applies policies, and is under none");
  }
  if (!policy.row_filter && policy.columns.empty()) {
    return Error(ErrorCode::kInvalidArgument, "a policy has a row filter or rules for columns");
  }
  if ((policy.row_filter && policy.row_filter->size() > kRowFilterMax) ||
      policy.columns.size() > kColumnsMax) {
    return Error(ErrorCode::kTooLarge, "the policy is too long");
  }
  std::lock_guard lock(mutex_);
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "INSERT INTO policies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (table_uuid, name) DO "
        "UPDATE SET roles = excluded.roles, row_filter = excluded.row_filter, columns = "
        "excluded.columns, created_us = excluded.created_us, created_by = excluded.created_by "
        "RETURNING id"));
    row.bind(1, policy.id)
        .bind(2, policy.organization)
        .bind(3, policy.table.to_string())
        .bind(4, policy.name)
        .bind(5, encode_roles(policy.roles));
    if (policy.row_filter) {
      row.bind(6, *policy.row_filter);
    } else {
      row.bind_null(6);
    }
    row.bind(7, encode_columns(policy.columns))
        .bind(8, policy.created_us)
        .bind(9, policy.created_by);
    if (TRY(row.step())) policy.id = row.column_text(0);
    return {};
  }));
  all_.reset();
  return policy;
}

Result<TablePolicy> Policies::find(const Principal& principal, const std::string& id) {
  for (const auto& policy : *TRY(all())) {
    if (policy.id == id && policy.organization == principal.organization) return policy;
  }
  return Error(ErrorCode::kNotFound, "there is no such policy");
}

Status Policies::remove(const Principal& principal, const Object& object, const std::string& id) {
  TRY(authorize(principal, Role::kAdmin, object));
  TRY(find(principal, id));
  std::lock_guard lock(mutex_);
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("DELETE FROM policies WHERE id = ? AND organization = ?"));
    return row.bind(1, id).bind(2, principal.organization).run();
  }));
  all_.reset();
  return {};
}

Result<std::vector<TablePolicy>> Policies::of_table(const std::string& organization,
                                                    const Uuid& table) {
  std::vector<TablePolicy> found;
  for (const auto& policy : *TRY(all())) {
    if (policy.table == table && policy.organization == organization) found.push_back(policy);
  }
  return found;
}

Result<bool> Policies::sees_as_much(const Principal& reader, Role other) {
  if (!reader.role || !role_covers(*reader.role, Role::kViewer)) return false;
  const auto holds_for = [](const TablePolicy& policy, Role role) {
    return std::find(policy.roles.begin(), policy.roles.end(), role) != policy.roles.end();
  };
  for (const auto& policy : *TRY(all())) {
    if (policy.organization != reader.organization || !holds_for(policy, *reader.role)) continue;
    // A filter may ask who reads.
    if (policy.row_filter || !holds_for(policy, other)) return false;
  }
  return true;
}

Result<TableRules> Policies::rules_for(const Principal& principal, const Object& object,
                                       const Uuid& table) {
  TableRules rules;
  const auto role = role_on(principal, object);
  for (const auto& policy : *TRY(all())) {
    if (policy.table != table || policy.organization != object.organization) continue;
    const bool holds =
        role && std::find(policy.roles.begin(), policy.roles.end(), *role) != policy.roles.end();
    if (!holds) continue;
    if (policy.row_filter) rules.row_filters.push_back(*policy.row_filter);
    for (const auto& column : policy.columns) {
      if (column.name.empty()) {
        keep_stricter(rules.columns, column.field_id, column.rule);
      } else {
        keep_stricter(rules.named_columns, column.name, column.rule);
      }
    }
  }
  return rules;
}

}  // namespace firn::auth
