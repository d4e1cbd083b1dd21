#include "api/connection_object.h"

#include <algorithm>
#include <map>

#include "api/context.h"
#include "api/convert.h"
#include "api/tables.h"

namespace firn::api {
namespace {

using graphql::Call;
using graphql::Field;

static_assert(static_cast<int>(schema::ConnectionKind::kIceberg) ==
              static_cast<int>(federation::ForeignKind::kIceberg));
static_assert(static_cast<int>(schema::ConnectionTls::kVerify) ==
              static_cast<int>(federation::Tls::kVerify));

schema::ConnectionTable to_schema(const std::string& connection,
                                  const federation::ForeignTable& table) {
  std::vector<schema::ConnectionColumn> columns;
  for (const auto& column : table.columns) {
    columns.push_back({.name = column.name, .type = column.type, .required = column.required});
  }
  std::optional<int64_t> rows;
  if (table.row_estimate >= 0) rows = table.row_estimate;
  return {.full_name = query::sql_name(connection, table.schema, table.name),
          .name = table.name,
          .row_estimate = rows,
          .columns = std::move(columns)};
}

class ConnectionObject final : public schema::Connection {
 public:
  ConnectionObject(Services& services, federation::Connection connection)
      : services_(services), connection_(std::move(connection)) {}

  Field<std::string> id(Call&) const override { return global_id("connection", connection_.id); }
  Field<std::string> name(Call&) const override { return spec().name; }
  Field<std::string> description(Call&) const override { return spec().description; }
  Field<schema::ConnectionKind> kind(Call&) const override {
    return static_cast<schema::ConnectionKind>(spec().kind);
  }
  Field<std::string> environment_id(Call&) const override {
    return global_id("environment", connection_.environment);
  }
  Field<std::optional<std::string>> host(Call&) const override { return unless_empty(spec().host); }
  Field<std::optional<int32_t>> port(Call&) const override {
    return spec().port == 0 ? std::nullopt : std::optional<int32_t>(spec().port);
  }
  Field<std::optional<std::string>> database(Call&) const override {
    return unless_empty(spec().database);
  }
  Field<std::optional<std::string>> user(Call&) const override { return unless_empty(spec().user); }
  Field<schema::ConnectionTls> tls(Call&) const override {
    return static_cast<schema::ConnectionTls>(spec().tls);
  }
  Field<std::optional<std::string>> path(Call&) const override { return unless_empty(spec().path); }
  Field<std::optional<std::string>> token_url(Call&) const override {
    return unless_empty(spec().token_url);
  }
  Field<std::optional<std::string>> scope(Call&) const override {
    return unless_empty(spec().scope);
  }
  Field<std::optional<std::string>> storage_endpoint(Call&) const override {
    return unless_empty(spec().storage_endpoint);
  }
  Field<std::optional<std::string>> storage_region(Call&) const override {
    return unless_empty(spec().storage_region);
  }
  Field<std::optional<std::string>> storage_user(Call&) const override {
    return unless_empty(spec().storage_user);
  }
  Field<bool> has_storage_password(Call&) const override { return connection_.has_storage_secret; }
  Field<bool> has_password(Call&) const override { return connection_.has_password; }
  Field<schema::Role> reader_role(Call&) const override {
    return firn::api::to_schema(spec().reader);
  }
  Field<int64_t> rows_max(Call&) const override { return spec().rows_max; }
  Field<int64_t> statement_timeout_ms(Call&) const override { return spec().statement_timeout_ms; }
  Field<schema::ConnectionStatus> status(Call&) const override {
    const auto& status = connection_.status;
    return schema::ConnectionStatus{.ok = status.ok,
                                    .message = unless_empty(status.message),
                                    .version = unless_empty(status.version),
                                    .checked_at = time_of(status.checked_us)};
  }
  Field<graphql::DateTime> created_at(Call&) const override {
    return time_of(connection_.created_us);
  }
  Field<std::string> created_by(Call&) const override { return connection_.created_by; }
  Field<std::optional<graphql::DateTime>> refreshed_at(Call&) const override {
    return time_of(connection_.refreshed_us);
  }
  Field<std::vector<schema::ConnectionSchema>> schemas(
      Call& call, const schema::ConnectionSchemasArgs& args) const override {
    using Schemas = std::vector<schema::ConnectionSchema>;
    return asking(
        call,
        [&services = services_, id = connection_.id, name = spec().name,
         search = args.search.value_or("")](const auth::Principal& who) -> Result<Schemas> {
          const auto tables = TRY(services.federation.connection_tables(who, id));
          std::map<std::string, std::vector<schema::ConnectionTable>> found;
          for (const auto& table : tables) {
            if (table.name.find(search) == std::string::npos) continue;
            found[table.schema].push_back(to_schema(name, table));
          }
          Schemas schemas;
          for (auto& [schema_name, list] : found) {
            schemas.push_back({.name = schema_name, .tables = std::move(list)});
          }
          return schemas;
        });
  }
  Field<std::optional<std::vector<schema::Policy>>> policies(
      Call& call, const schema::ConnectionPoliciesArgs& args) const override {
    using Policies = std::optional<std::vector<schema::Policy>>;
    return asking(
        call,
        [&services = services_, connection = connection_,
         args](const auth::Principal& who) -> Result<Policies> {
          TRY(auth::authorize(who, auth::Role::kAdmin, connection.object()));
          std::vector<schema::Policy> policies;
          const auto table = auth::connected_table(connection.id, args.schema, args.table);
          const auto all = TRY(services.auth.policies().of_table(who.organization, table));
          for (const auto& policy : all) {
            policies.push_back(firn::api::to_schema(policy, {}));
          }
          return Policies(std::move(policies));
        });
  }

 private:
  const federation::ConnectionSpec& spec() const { return connection_.spec; }

  Services& services_;
  const federation::Connection connection_;
};

}  // namespace

std::shared_ptr<const schema::Connection> make_connection(Services& services,
                                                          federation::Connection connection) {
  return std::make_shared<const ConnectionObject>(services, std::move(connection));
}

}  // namespace firn::api
