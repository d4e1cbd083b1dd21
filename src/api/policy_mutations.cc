#include <algorithm>

#include "api/context.h"
#include "api/convert.h"
#include "api/ids.h"
#include "api/roots.h"
#include "api/rows.h"
#include "api/tables.h"

namespace firn::api {
namespace {

using auth::Role;

// The filter has to be a condition that can be asked of the table, which is `table` in SQL.
Status check_row_filter(Services& services, const auth::Principal& who, const std::string& table,
                        const std::string& filter) {
  auto request = request_of(services, who, "firn");
  // Names of functions that only policies have get values to be checked with.
  std::string checked = filter;
  for (const char* name : {"caller_id()", "caller_email()", "caller_role()"}) {
    for (size_t at = checked.find(name); at != std::string::npos; at = checked.find(name, at)) {
      checked.replace(at, std::string_view(name).size(), "''");
    }
  }
  // What closes a parenthesis that it did not open fits one of the two places at most.
  request.statement =
      "SELECT CASE WHEN " + checked + "\nTHEN 1 END FROM " + table + " WHERE (" + checked + "\n)";
  const auto valid = services.engine.validate(request);
  if (valid.ok()) return {};
  return Error(ErrorCode::kInvalidArgument,
               "the row filter does not work: " + valid.error().message());
}

template <typename Input>
auth::TablePolicy policy_of(const Input& input, const Uuid& table) {
  auth::TablePolicy policy;
  policy.table = table;
  policy.name = input.name;
  for (const auto role : input.roles) policy.roles.push_back(from_schema(role));
  policy.row_filter = input.row_filter;
  return policy;
}

Result<schema::Policy> set_table_policy(Services& services, const auth::Principal& who,
                                        const schema::SetPolicyInput& input) {
  const auto found = TRY(find_table_for(services, who, input.table_id, Role::kAdmin));
  const auto& now = found.table->metadata->schema();
  auto policy = policy_of(input, found.table->metadata->table_uuid);
  for (const auto& column : input.columns) {
    const auto* field = now.find(std::string_view(column.column));
    if (field == nullptr) {
      return Error(ErrorCode::kInvalidArgument, "the table has no column '" + column.column + "'");
    }
    policy.columns.push_back(
        {.field_id = field->id, .rule = static_cast<auth::ColumnRule>(column.rule)});
  }
  if (policy.row_filter) {
    TRY(check_row_filter(services, who, sql_name(found.entry, found.table->ident),
                         *policy.row_filter));
  }
  return to_schema(TRY(services.auth.policies().set(who, found.entry.object(), std::move(policy))),
                   now);
}

Result<schema::Policy> set_connected_policy(Services& services, const auth::Principal& who,
                                            const schema::SetConnectionPolicyInput& input) {
  const auto connection =
      TRY(services.federation.connection(who, TRY(local_id("connection", input.connection_id))));
  const auto object = connection.object();
  TRY(auth::authorize(who, Role::kAdmin, object));
  const auto tables = TRY(services.federation.tables_of(connection));
  const auto table = std::find_if(tables.begin(), tables.end(), [&](const auto& known) {
    return known.schema == input.schema && known.name == input.table;
  });
  if (table == tables.end()) {
    return Error(ErrorCode::kNotFound, "the connection has no table " + input.schema + "." +
                                           input.table + "; a refresh lists its tables anew");
  }
  auto policy = policy_of(input, auth::connected_table(connection.id, input.schema, input.table));
  for (const auto& column : input.columns) {
    const auto name = auth::lower_case(column.column);
    const bool known =
        std::any_of(table->columns.begin(), table->columns.end(),
                    [&](const auto& has) { return auth::lower_case(has.name) == name; });
    if (!known) {
      return Error(ErrorCode::kInvalidArgument, "the table has no column '" + column.column + "'");
    }
    policy.columns.push_back(
        {.field_id = 0, .rule = static_cast<auth::ColumnRule>(column.rule), .name = name});
  }
  if (policy.row_filter) {
    TRY(check_row_filter(services, who,
                         query::sql_name(connection.spec.name, input.schema, input.table),
                         *policy.row_filter));
  }
  return to_schema(TRY(services.auth.policies().set(who, object, std::move(policy))), {});
}

// What a policy belongs to; of a table that is gone: whoever manages the organization may tidy up.
Result<auth::Object> object_of(Services& services, const auth::Principal& who, const Uuid& table) {
  const auto found =
      find_table_for(services, who, global_id("table", table.to_string()), Role::kAdmin);
  if (found.ok()) return found->entry.object();
  if (found.error().code() != ErrorCode::kNotFound) return found.error();
  const auto connection = TRY(services.federation.connection_of(who, table));
  return connection ? connection->object() : auth::Object::whole(who);
}

}  // namespace

Field<schema::Policy> MutationRoot::set_policy(Call& call,
                                               const schema::MutationSetPolicyArgs& args) const {
  return changing(call, {args.input.table_id, args.input.name},
                  [&services = services_, input = args.input](const auth::Principal& who) {
                    return set_table_policy(services, who, input);
                  });
}

Field<schema::Policy> MutationRoot::set_connection_policy(
    Call& call, const schema::MutationSetConnectionPolicyArgs& args) const {
  const auto& input = args.input;
  return changing(call, {input.connection_id, input.schema + "." + input.table, input.name},
                  [&services = services_, input](const auth::Principal& who) {
                    return set_connected_policy(services, who, input);
                  });
}

Field<std::string> MutationRoot::remove_policy(Call& call,
                                               const schema::MutationRemovePolicyArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    const std::string id = TRY(local_id("policy", args.id));
                    const auto policy = TRY(services.auth.policies().find(who, id));
                    const auto object = TRY(object_of(services, who, policy.table));
                    TRY(services.auth.policies().remove(who, object, id));
                    return args.id;
                  });
}

}  // namespace firn::api
