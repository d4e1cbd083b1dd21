#include "federation/federation.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "auth/auth.h"
#include "federation/remote_tables.h"
#include "federation/tables_json.h"
#include "platform/clock.h"
#include "query/engine.h"

namespace firn::federation {
namespace {

using query::Engine;
using query::TableEvidence;

constexpr std::chrono::milliseconds kLookAtMost{30'000};
constexpr std::chrono::milliseconds kStopAtMost{10'000};

query::QueryRequest request_of(const auth::Principal& principal, auth::Authenticator& authenticator,
                               std::chrono::milliseconds at_most) {
  query::QueryRequest request;
  request.organization = principal.organization;
  request.account = principal.account;
  request.access = query::access_of(principal, authenticator);
  request.requested_by = "firn";
  request.visible = false;
  request.deadline = at_most;
  return request;
}

// One connection and nothing else.
class OneSource final : public query::TableView {
 public:
  explicit OneSource(SourceView sources) : sources_(std::move(sources)) {}

  Result<std::vector<std::string>> list_catalogs() override { return std::vector<std::string>(); }
  Result<std::vector<std::string>> list_connections() override { return sources_.names(); }
  Result<std::vector<std::string>> list_schemas(const std::string&) override { return none(); }
  Result<std::vector<std::string>> list_tables(const std::string&, const std::string&) override {
    return none();
  }
  Result<query::ResolvedTable> resolve(const std::string&, const std::string&, const std::string&,
                                       const query::TableVersion&) override {
    return none();
  }
  Result<query::ScanPlan> plan(uint64_t, const std::vector<query::Conjunct>&) override {
    return none();
  }
  Result<query::ForeignSource> foreign_source(const std::string& name) override {
    return sources_.source(name);
  }
  Result<std::unique_ptr<query::OwnedDescriptor>> foreign_socket(const std::string& address,
                                                                 uint16_t port) override {
    return sources_.socket(address, port);
  }
  std::vector<TableEvidence> evidence() const override { return {}; }
  bool saw_snapshot(int64_t) const override { return false; }

 private:
  static Error none() { return Error(ErrorCode::kNotFound, "there are no tables of the lake"); }
  SourceView sources_;
};

// The lake's tables, and those of the connections that the reader may use.
class FederatedView final : public query::TableView {
 public:
  using Abandoned = std::function<void(const SourceView& sources)>;

  // `remote` has the tables of the catalogs among the connections.
  FederatedView(std::unique_ptr<query::TableView> lake, std::unique_ptr<query::TableView> remote,
                SourceView sources, bool as_of, Abandoned abandoned)
      : lake_(std::move(lake)),
        remote_(std::move(remote)),
        sources_(std::move(sources)),
        as_of_(as_of),
        abandoned_(std::move(abandoned)) {}

  Result<std::vector<std::string>> list_catalogs() override { return lake_->list_catalogs(); }
  Result<std::vector<std::string>> list_remote_catalogs() override {
    return remote_->list_catalogs();
  }
  Result<std::vector<std::string>> list_schemas(const std::string& catalog) override {
    return TRY(view_of(catalog))->list_schemas(catalog);
  }
  Result<std::vector<std::string>> list_tables(const std::string& catalog,
                                               const std::string& schema) override {
    return TRY(view_of(catalog))->list_tables(catalog, schema);
  }
  Result<query::ResolvedTable> resolve(const std::string& catalog, const std::string& schema,
                                       const std::string& name,
                                       const query::TableVersion& version) override {
    auto* const view = TRY(view_of(catalog));
    auto table = TRY(view->resolve(catalog, schema, name, version));
    if (view == remote_.get()) table.handle += kRemoteHandles;
    return table;
  }
  Result<query::ScanPlan> plan(uint64_t handle,
                               const std::vector<query::Conjunct>& conjuncts) override {
    return handle < kRemoteHandles ? lake_->plan(handle, conjuncts)
                                   : remote_->plan(handle - kRemoteHandles, conjuncts);
  }
  Result<std::shared_ptr<query::OwnedDescriptor>> planned_file(const std::string& path) override {
    return remote_->planned_file(path);
  }
  bool saw_snapshot(int64_t snapshot_id) const override {
    return lake_->saw_snapshot(snapshot_id) || remote_->saw_snapshot(snapshot_id);
  }

  Result<std::vector<std::string>> list_connections() override { return sources_.names(); }
  Result<query::ForeignSource> foreign_source(const std::string& name) override {
    return sources_.source(name);
  }
  Result<std::vector<ForeignTable>> foreign_tables(const std::string& name) override {
    return sources_.tables(name);
  }
  Result<query::ForeignAccess> foreign_read(const std::string& name, const std::string& schema,
                                            const std::string& table) override {
    if (as_of_) {
      return Error(ErrorCode::kUnsupported,
                   "the connection " + name + " has no snapshots: its tables are as they are now");
    }
    return sources_.read(name, schema, table);
  }
  Result<std::unique_ptr<query::OwnedDescriptor>> foreign_socket(const std::string& address,
                                                                 uint16_t port) override {
    return sources_.socket(address, port);
  }
  std::vector<TableEvidence> evidence() const override {
    auto all = lake_->evidence();
    for (auto& entry : remote_->evidence()) {
      entry.foreign = true;
      all.push_back(std::move(entry));
    }
    all.insert(all.end(), sources_.evidence().begin(), sources_.evidence().end());
    return all;
  }
  int64_t rows_estimate() const override {
    return lake_->rows_estimate() + remote_->rows_estimate() + sources_.rows_estimate();
  }
  Status free_of_policies() const override {
    TRY(lake_->free_of_policies());
    TRY(remote_->free_of_policies());
    return sources_.free_of_policies();
  }
  Result<bool> commit_hot_rows() override { return lake_->commit_hot_rows(); }
  void ended(bool complete) override {
    lake_->ended(complete);
    if (!complete) abandoned_(sources_);
  }

 private:
  // Where the other view's handles begin.
  static constexpr uint64_t kRemoteHandles = 1ULL << 32;

  Result<query::TableView*> view_of(const std::string& catalog) const {
    const auto remote = TRY(remote_->list_catalogs());
    const bool is_remote = std::find(remote.begin(), remote.end(), catalog) != remote.end();
    return is_remote ? remote_.get() : lake_.get();
  }

  const std::unique_ptr<query::TableView> lake_;
  const std::unique_ptr<query::TableView> remote_;
  SourceView sources_;
  const bool as_of_;  // or pinned: what is not as it is now
  const Abandoned abandoned_;
};

}  // namespace

struct Federation::Impl final : query::TableProvider {
  Impl(const FederationOptions& given, AllowedHosts allowed, query::TableProvider& lake_tables,
       std::unique_ptr<Connections> stored, std::unique_ptr<ObjectCache> cache,
       auth::Authenticator& auth)
      : options(given),
        hosts(std::move(allowed)),
        lake(lake_tables),
        connections(std::move(stored)),
        objects(std::move(cache)),
        catalogs(hosts, *objects, given.sources.files_directory),
        authenticator(auth) {}

  std::unique_ptr<query::TableView> open_view(
      const query::TableVersion& as_of, std::shared_ptr<const query::Access> access,
      std::shared_ptr<const std::vector<TableEvidence>> pins) override {
    std::vector<Connection> usable;
    if (const auto* principal = access ? access->principal() : nullptr) {
      auto listed = connections->list(*principal);
      if (listed.ok()) {
        usable = std::move(*listed);
      } else {
        spdlog::error("no connections for this query: {}", listed.error().to_log());
      }
    }
    const bool is_now = as_of.kind == query::TableVersion::Kind::kCurrent || as_of.is_staged();
    const bool is_past = pins != nullptr || !is_now;
    auto remote = remote_view(usable, access, as_of, pins);
    return std::make_unique<FederatedView>(
        lake.open_view(as_of, access, std::move(pins)), std::move(remote),
        view_of(std::move(usable), access), is_past,
        [this, access](const SourceView& sources) { stop(*access, sources); });
  }

  std::unique_ptr<query::TableView> remote_view(
      std::vector<Connection> usable, const std::shared_ptr<const query::Access>& access,
      query::TableVersion as_of, const std::shared_ptr<const std::vector<TableEvidence>>& pins) {
    std::erase_if(usable, [](const Connection& connection) {
      return connection.spec.kind != ForeignKind::kIceberg;
    });
    // Changes are staged on branches of the lake's tables only.
    if (as_of.is_staged()) as_of = {};
    return query::make_snapshot_view(
        std::make_unique<RemoteTables>(std::move(usable), *connections, catalogs, rules_of(access)),
        nullptr, as_of, pins);
  }

  SourceView::Rules rules_of(const std::shared_ptr<const query::Access>& access) {
    return [this, access](const Connection& connection, const std::string& schema,
                          const std::string& table) -> Result<query::ForeignAccess> {
      const auto* principal = access ? access->principal() : nullptr;
      if (principal != nullptr) return access_to(*principal, connection, schema, table);
      return Error(ErrorCode::kPermissionDenied, "nobody asks");
    };
  }

  SourceView view_of(std::vector<Connection> usable,
                     const std::shared_ptr<const query::Access>& access) {
    return SourceView(std::move(usable), *connections, hosts, options.sources, *objects,
                      rules_of(access));
  }

  // For looks at the database itself, which reads no table.
  SourceView view_of_one(const Connection& connection) { return view_of({connection}, nullptr); }

  Result<query::ForeignAccess> access_to(const auth::Principal& principal,
                                         const Connection& connection, const std::string& schema,
                                         const std::string& table) {
    TRY(connection.authorize_reading(principal));
    const auto object = connection.object();
    query::ForeignAccess access;
    access.rules = TRY(authenticator.policies().rules_for(
        principal, object, auth::connected_table(connection.id, schema, table)));
    access.caller = {principal.account, principal.email, {}};
    if (const auto role = auth::role_on(principal, object)) {
      access.caller.role = auth::role_name(*role);
    }
    return access;
  }

  // Some databases do not notice that nobody waits for an answer any more.
  void stop(const query::Access& access, const SourceView& sources) {
    const auto* principal = access.principal();
    if (engine == nullptr || principal == nullptr) return;
    for (auto& [connection, ports] : sources.conversations()) {
      if (connection.spec.kind != ForeignKind::kMySql) continue;
      OneSource view(view_of_one(connection));
      const auto stopped =
          engine->stop_at_source(request_of(*principal, authenticator, kStopAtMost), view, ports);
      if (!stopped.ok()) {
        spdlog::warn("a statement may run on at the connection {}: {}", connection.spec.name,
                     stopped.error().to_log());
      }
    }
  }

  Result<BrowsedDatabase> browse(const auth::Principal& principal, const Connection& connection,
                                 const std::optional<std::string>& password) {
    if (connection.spec.kind == ForeignKind::kIceberg) {
      const auto secret = password ? *password : TRY(connections->password(connection));
      auto browsed = browse_catalog(*catalogs.open(connection, secret, "").rest,
                                    std::chrono::steady_clock::now() + kLookAtMost);
      return browsed.ok() ? std::move(browsed)
                          : browsed.error().with_context("the connection " + connection.spec.name);
    }
    auto sources = view_of_one(connection);
    if (password) sources.use_password(*password);
    OneSource view(std::move(sources));
    const auto text = TRY(engine->browse(request_of(principal, authenticator, kLookAtMost), view));
    return parse_browsed(text);
  }

  Status record(const Connection& connection, const Result<BrowsedDatabase>& browsed) {
    ConnectionStatus status;
    status.ok = browsed.ok();
    status.message = browsed.ok() ? "" : browsed.error().message();
    status.version = browsed.ok() ? browsed->version : "";
    status.checked_us = platform::system_clock().now_us();
    TRY(connections->record_status(connection.id, status));
    if (browsed.ok()) TRY(connections->record_tables(connection.id, browsed->tables));
    return {};
  }

  Result<Connection> look(const auth::Principal& principal, const std::string& id,
                          auth::Role needed, bool must_work) {
    const auto connection = TRY(connections->find(principal, id));
    TRY(auth::authorize(principal, needed, connection.object()));
    const auto browsed = browse(principal, connection, {});
    TRY(record(connection, browsed));
    if (must_work && !browsed.ok()) return browsed.error();
    return connections->find(principal, id);
  }

  const FederationOptions options;
  const AllowedHosts hosts;
  query::TableProvider& lake;
  const std::unique_ptr<Connections> connections;
  const std::unique_ptr<ObjectCache> objects;
  RemoteCatalogs catalogs;
  auth::Authenticator& authenticator;
  Engine* engine = nullptr;
};

Federation::Federation(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Federation::~Federation() = default;

Result<std::unique_ptr<Federation>> Federation::create(const FederationOptions& options,
                                                       query::TableProvider& lake,
                                                       std::unique_ptr<Connections> connections,
                                                       auth::Authenticator& authenticator) {
  auto hosts = TRY(AllowedHosts::create(options.hosts_allowed));
  auto objects = TRY(
      ObjectCache::create(options.sources.objects_directory, options.sources.objects_bytes_max));
  auto impl = std::make_unique<Impl>(options, std::move(hosts), lake, std::move(connections),
                                     std::move(objects), authenticator);
  return std::unique_ptr<Federation>(new Federation(std::move(impl)));
}

query::TableProvider& Federation::tables() { return *impl_; }

void Federation::use_engine(query::Engine& engine) { impl_->engine = &engine; }

Result<Connection> Federation::create_connection(const auth::Principal& principal,
                                                 const std::string& environment,
                                                 ConnectionSpec spec, const Secrets& secrets) {
  Connection tried;
  tried.organization = principal.organization;
  tried.environment = environment;
  TRY(auth::authorize(principal, auth::Role::kAdmin, tried.object()));
  spec = TRY(checked(std::move(spec)));
  auto& directory = impl_->authenticator.directory();
  const auto environments = TRY(directory.environments(principal.organization));
  const bool is_ours = std::any_of(environments.begin(), environments.end(),
                                   [&](const auto& known) { return known.id == environment; });
  if (!is_ours) return Error(ErrorCode::kNotFound, "there is no such environment");
  const auto catalogs = TRY(directory.catalogs(principal));
  for (const auto& catalog : catalogs) {
    if (catalog.name != spec.name) continue;
    return Error(ErrorCode::kAlreadyExists, "there is a catalog '" + spec.name + "' already");
  }
  if (TRY(name_is_taken(principal.organization, spec.name))) {
    return Error(ErrorCode::kAlreadyExists, "there is a connection '" + spec.name + "' already");
  }
  tried.spec = spec;
  const Result<BrowsedDatabase> browsed =
      impl_->browse(principal, tried, secrets.password.value_or(""));
  if (!browsed.ok()) return browsed.error();
  const auto made = TRY(impl_->connections->insert(principal, environment, spec, secrets));
  TRY(impl_->record(made, browsed));
  return impl_->connections->find(principal, made.id);
}

Result<Connection> Federation::update_connection(const auth::Principal& principal,
                                                 const std::string& id, ConnectionSpec spec,
                                                 const Secrets& secrets) {
  auto tried = TRY(impl_->connections->find(principal, id));
  TRY(auth::authorize(principal, auth::Role::kAdmin, tried.object()));
  spec = TRY(checked(std::move(spec)));
  // The stored password is tried at the stored place only; Connections::update says so, too.
  const bool elsewhere = needs_password(tried.spec, spec);
  tried.spec = spec;
  if (!elsewhere || secrets.password || !tried.has_password) {
    const Result<BrowsedDatabase> browsed = impl_->browse(principal, tried, secrets.password);
    if (!browsed.ok()) return browsed.error();
    const auto changed = TRY(impl_->connections->update(principal, id, spec, secrets));
    TRY(impl_->record(changed, browsed));
    return impl_->connections->find(principal, id);
  }
  return impl_->connections->update(principal, id, spec, secrets);
}

Status Federation::delete_connection(const auth::Principal& principal, const std::string& id) {
  return impl_->connections->remove(principal, id);
}

Result<Connection> Federation::test_connection(const auth::Principal& principal,
                                               const std::string& id) {
  return impl_->look(principal, id, auth::Role::kAdmin, false);
}

Result<Connection> Federation::refresh_connection(const auth::Principal& principal,
                                                  const std::string& id) {
  return impl_->look(principal, id, auth::Role::kEditor, true);
}

Result<std::vector<Connection>> Federation::connections(const auth::Principal& principal) {
  return impl_->connections->list(principal);
}

Result<Connection> Federation::connection(const auth::Principal& principal, const std::string& id) {
  return impl_->connections->find(principal, id);
}

Result<std::vector<ForeignTable>> Federation::connection_tables(const auth::Principal& principal,
                                                                const std::string& id) {
  const auto connection = TRY(impl_->connections->find(principal, id));
  auto tables = TRY(impl_->connections->tables(connection));
  for (auto& table : tables) {
    const auto access = TRY(impl_->access_to(principal, connection, table.schema, table.name));
    hide(access.rules, table);
  }
  return tables;
}

Result<query::ForeignAccess> Federation::access_to(const auth::Principal& principal,
                                                   const Connection& connection,
                                                   const std::string& schema,
                                                   const std::string& table) {
  return impl_->access_to(principal, connection, schema, table);
}

Result<Federation::RemoteSight> Federation::remote_sight(const auth::Principal& principal,
                                                         const Connection& connection,
                                                         const std::string& schema,
                                                         const std::string& table) {
  RemoteTables tables({connection}, *impl_->connections, impl_->catalogs,
                      impl_->rules_of(query::access_of(principal, impl_->authenticator)));
  RemoteSight sight;
  sight.table = TRY(tables.load_table({connection.id, catalog::parse_namespace(schema), table}));
  sight.access = TRY(tables.access_to(*sight.table));
  return sight;
}

Result<std::vector<Connection>> Federation::connections_for(const auth::Principal& engine) {
  return impl_->connections->list_for_engine(engine);
}

Result<std::string> Federation::password_for(const auth::Principal& engine,
                                             const Connection& connection) {
  TRY(auth::authorize_engine(engine));
  if (connection.organization != engine.organization) {
    return Error(ErrorCode::kNotFound, "there is no such connection");
  }
  return impl_->connections->password(connection);
}

Result<std::string> Federation::storage_secret_for(const auth::Principal& engine,
                                                   const Connection& connection) {
  TRY(auth::authorize_engine(engine));
  if (connection.organization != engine.organization) {
    return Error(ErrorCode::kNotFound, "there is no such connection");
  }
  return impl_->connections->storage_secret(connection);
}

Result<std::optional<Connection>> Federation::connection_of(const auth::Principal& principal,
                                                            const Uuid& table) {
  for (const auto& connection : TRY(impl_->connections->list(principal))) {
    for (const auto& known : TRY(impl_->connections->tables(connection))) {
      const auto id = auth::connected_table(connection.id, known.schema, known.name);
      if (id == table) return std::optional(connection);
    }
  }
  return std::optional<Connection>();
}

Result<std::vector<ForeignTable>> Federation::tables_of(const Connection& connection) {
  return impl_->connections->tables(connection);
}

Result<bool> Federation::name_is_taken(const std::string& organization, const std::string& name) {
  return impl_->connections->name_is_taken(organization, name);
}

}  // namespace firn::federation
