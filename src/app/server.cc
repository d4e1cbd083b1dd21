#include "app/server.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "agents/agents.h"
#include "api/hub.h"
#include "app/data_lock.h"
#include "app/graphql_edge.h"
#include "app/language_model.h"
#include "app/mcp_edge.h"
#include "app/metrics.h"
#include "app/mirror_tools.h"
#include "app/web_files.h"
#include "auth/auth.h"
#include "automation/alerts.h"
#include "automation/delivery.h"
#include "automation/exports.h"
#include "automation/http/exports_http.h"
#include "automation/profiles.h"
#include "automation/refreshes.h"
#include "automation/scheduled.h"
#include "automation/upkeep.h"
#include "base/bytes.h"
#include "catalog/catalog.h"
#include "catalog/rest/rest_catalog.h"
#include "federation/engine_access.h"
#include "federation/federation.h"
#include "federation/http/engine_http.h"
#include "federation/trino.h"
#include "http/server.h"
#include "ingest/http/ingest_http.h"
#include "ingest/service.h"
#include "jobs/queue.h"
#include "jobs/wire/remote_source.h"
#include "jobs/wire/wire_server.h"
#include "jobs/worker_pool.h"
#include "llm/prompts.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/process.h"
#include "platform/random.h"
#include "query/engine.h"
#include "query/http/query_http.h"
#include "query/lake_tables.h"
#include "staging/staging.h"
#include "store/database.h"
#include "tasks/tasks.h"

namespace firn::app {
namespace {

using platform::join_path;

// The write-ahead log's rows, as queries want them.
class LogRows final : public query::HotRows {
 public:
  explicit LogRows(ingest::Service& service) : service_(service) {}
  std::vector<query::HotBatch> hot_batches(const Uuid& table) override {
    std::vector<query::HotBatch> batches;
    for (auto& rows : service_.hot().rows_of(table)) {
      batches.push_back({rows.lsn, std::move(rows.batch)});
    }
    return batches;
  }
  uint64_t committed_lsn(const iceberg::TableMetadata& metadata) override {
    return service_.committed_lsn(metadata);
  }
  Status commit(const Uuid& table) override { return service_.commit_hot_rows(table); }

 private:
  ingest::Service& service_;
};

ingest::IngestOptions ingest_options(const Settings& settings) {
  ingest::IngestOptions options;
  options.wal.directory = join_path(settings.data_dir, "wal");
  options.wal.segment_bytes = static_cast<uint64_t>(settings.wal_segment_bytes);
  options.wal.live_bytes_max = static_cast<uint64_t>(settings.wal_bytes_max);
  options.log.hot_bytes_max = settings.hot_bytes_max;
  options.committer.interval_ms = settings.commit_interval_ms;
  options.committer.table_bytes_max = settings.commit_table_bytes_max;
  options.evolution.columns_max = static_cast<int>(settings.columns_max);
  options.evolution.depth_max = static_cast<int>(settings.column_depth_max);
  options.spool_directory = join_path(settings.data_dir, "spool");
  options.spool_bytes_max = static_cast<uint64_t>(settings.upload_bytes_max);
  return options;
}

// The folder that bin/firn lies in the bin of.
std::string install_prefix() {
  return platform::parent_directory(platform::parent_directory(platform::executable_path()));
}

query::EngineOptions engine_options(const Settings& settings) {
  query::EngineOptions options;
  options.pool.command = {platform::executable_path(), "query-worker"};
  options.pool.warehouse_directory = join_path(settings.data_dir, "warehouse");
  options.pool.spill_directory = join_path(settings.data_dir, "spill");
  options.pool.extension_directory = join_path(install_prefix(), "lib/duckdb");
  options.pool.memory_bytes_max = static_cast<uint64_t>(settings.query_memory_bytes_max);
  options.pool.threads = static_cast<int>(settings.query_threads);
  options.pool.workers_max = static_cast<int>(settings.query_workers_max);
  options.deadline_max = std::chrono::milliseconds(settings.query_deadline_ms);
  return options;
}

jobs::QueueOptions job_options(const Settings& settings) {
  jobs::QueueOptions options;
  options.wal.directory = join_path(settings.data_dir, "jobs");
  options.wal.segment_bytes = 16ULL << 20;
  options.wal.live_bytes_max = static_cast<uint64_t>(settings.jobs_log_bytes_max);
  options.bytes_max = settings.jobs_bytes_max;
  options.reserve_seconds_max = settings.jobs_reserve_seconds_max;
  return options;
}

class FirnServerImpl final : public FirnServer {
 public:
  explicit FirnServerImpl(const Settings& settings) : settings_(settings) {}

  Status open() {
    auto& files = platform::local_file_system();
    auto& clock = platform::system_clock();
    auto& random = platform::system_random();
    const Address address = TRY(parse_address(settings_.listen));
    TRY(files.create_directories(settings_.data_dir));
    lock_ = TRY(DataLock::take(settings_.data_dir));
    database_ = TRY(store::Database::open(join_path(settings_.data_dir, "firn.db")));
    authenticator_ = TRY(auth::Authenticator::create(*database_, clock, random));
    TRY(make_first_accounts());

    catalog::CatalogOptions catalog_options;
    catalog_options.warehouse_directory = join_path(settings_.data_dir, "warehouse");
    TRY(files.create_directories(catalog_options.warehouse_directory));
    catalog_ = TRY(catalog::Catalog::create(catalog_options, *database_, files, clock, random));
    TRY(catalog_->ensure_catalog("lake"));
    const Status space = catalog_->create_namespace("lake", {"main"}, {});
    if (!space.ok() && space.error().code() != ErrorCode::kAlreadyExists) return space;

    ingest_ = TRY(ingest::Service::create(ingest_options(settings_), *catalog_, *database_, files,
                                          random, clock));
    log_rows_ = std::make_unique<LogRows>(*ingest_);
    tables_ = query::make_lake_tables(*catalog_, log_rows_.get(), {});
    query_log_ = TRY(query::QueryLog::create(*database_));
    auto engine = engine_options(settings_);
    engine.on_finished = [this](const query::QueryInfo& info) { query_log_->record(info); };
    TRY(open_federation());
    TRY(open_trino());
    engine.remote = trino_.get();
    engine_ = TRY(query::Engine::create(engine, federation_->tables(), platform::system_spawner(),
                                        clock, random));
    federation_->use_engine(*engine_);
    query::RunsOptions runs;
    runs.directory = join_path(settings_.data_dir, "results");
    runs_ = TRY(query::Runs::create(runs, *engine_, *query_log_, files, clock, random));
    workspace_ = TRY(workspace::Workspace::create(*database_, clock, random));
    TRY(open_tasks());
    TRY(open_hub(address));

    ingest::IngestHttpOptions ingest_http;
    ingest_http.append_bytes_max = static_cast<uint64_t>(settings_.append_bytes_max);
    ingest_http_ = std::make_unique<ingest::IngestHttp>(ingest_http, *ingest_, *authenticator_);
    query::QueryHttpOptions query_http;
    query_http.is_anothers = [this](const query::QueryRequest& request) -> Result<bool> {
      const auto logged = query_log_->find(request.organization, request.query_id);
      if (logged.ok()) return logged->info.account != request.account;
      if (logged.error().code() != ErrorCode::kNotFound) return logged.error();
      return false;
    };
    query_http_ = std::make_unique<query::QueryHttp>(query_http, *engine_, *authenticator_);

    engine_access_ = std::make_unique<federation::EngineAccess>(
        *authenticator_, *catalog_, *tables_, *federation_, *query_log_);
    engine_http_ = std::make_unique<federation::EngineHttp>(*engine_access_, *authenticator_);
    catalog::rest::RestOptions rest;
    rest.commit_hot_rows = [ingest = ingest_.get()](const Uuid& table) {
      return ingest->commit_hot_rows(table);
    };
    rest_catalog_ =
        std::make_unique<catalog::rest::RestCatalog>(*catalog_, *authenticator_, std::move(rest));

    TRY(open_workers());
    TRY(open_jobs());  // before anybody is told that the server is ready

    http::ServerOptions http;
    http.address = address.host;
    http.port = address.port;
    http.io_threads = static_cast<int>(settings_.http_io_threads);
    http.pool_threads = static_cast<int>(settings_.http_pool_threads);
    http.connections_max = static_cast<int>(settings_.http_connections_max);
    server_ = TRY(
        http::Server::start(http, [this](const http::Request& request) { return route(request); }));
    return {};
  }

  ~FirnServerImpl() override {
    drain();
    if (workers_) workers_->stop(std::chrono::milliseconds(0));
    workers_.reset();
    if (tasks_) tasks_->stop();
    jobs_server_.reset();
    // Nothing calls in any more: each goes before what it stands on.
    server_.reset();
    mcp_http_.reset();
    graphql_http_.reset();
    // What calls fields of the schema itself ends at its next call.
    stopping_ = true;
    if (services_) services_->slow.reset();
    slow_pool_.reset();
    runs_.reset();  // ends what resolvers may wait for
    inner_mirror_.reset();
    model_mirror_.reset();
    hub_.reset();
    resolver_pool_.reset();
    rest_catalog_.reset();
    engine_http_.reset();
    engine_access_.reset();
    query_http_.reset();
    ingest_http_.reset();
    exports_http_.reset();
    upkeep_.reset();
    staging_.reset();
    alerts_.reset();
    delivery_.reset();
    scheduled_.reset();
    refreshes_.reset();
    profiles_.reset();
    exports_.reset();
    tasks_.reset();
    outbox_.reset();
    engine_.reset();
    trino_.reset();
    federation_.reset();
    query_log_.reset();
    tables_.reset();
    log_rows_.reset();
    ingest_.reset();
    jobs_.reset();
  }

  uint16_t port() const override { return server_->port(); }
  const NewOwner& new_owner() const override { return new_owner_; }

  void drain() override {
    if (!server_ || drained_) return;
    drained_ = true;
    constexpr int64_t kFlushMs = 3000;
    constexpr std::chrono::milliseconds kWorkersPatience{500};
    if (workers_) workers_->begin_stop();
    if (jobs_server_) jobs_server_->stop();
    server_->drain(std::chrono::milliseconds(4000));
    if (workers_) workers_->stop(kWorkersPatience);
    tasks_->stop();
    ingest_->flush(kFlushMs);
  }

 private:
  Status make_first_accounts() {
    organization_ = TRY(authenticator_->directory().ensure_organization(settings_.organization,
                                                                        "production", "lake"));
    auto& accounts = authenticator_->accounts();
    if (!settings_.bootstrap_key.empty()) {
      TRY(accounts.ensure_bootstrap_key(organization_, settings_.bootstrap_key));
    }
    if (!settings_.trino_key.empty()) {
      TRY(accounts.ensure_engine_key(organization_, settings_.trino_key));
    }
    return make_first_person();
  }

  // The owner that the settings name; or, where nobody could get in at all, one with a password
  // that is printed once.
  Status make_first_person() {
    auto& sessions = authenticator_->sessions();
    if (!TRY(sessions.setup_needed())) return {};
    if (!settings_.admin_email.empty()) {
      new_owner_.email = settings_.admin_email;
      new_owner_.password = settings_.admin_password;
    } else if (TRY(authenticator_->accounts().is_empty(organization_))) {
      new_owner_.email = "owner@localhost";
    } else {
      return {};
    }
    new_owner_.password_made = new_owner_.password.empty();
    if (new_owner_.password_made) {
      std::array<uint8_t, 12> bytes;
      platform::system_random().fill(bytes);
      new_owner_.password = to_hex(bytes);
    }
    TRY(sessions.create_first_person(organization_, "Owner", new_owner_.email,
                                     new_owner_.password));
    return {};
  }

  // Where Firn's own jobs are pushed and fetched; without a worker's id they are only pushed.
  Result<std::unique_ptr<jobs::JobSources>> job_sources(jobs::WorkerInfo worker) {
    if (jobs_) {
      return jobs::embedded_sources(*jobs_, platform::system_clock(), std::move(worker));
    }
    return jobs::wire::remote_sources(settings_.faktory_url, std::move(worker));
  }

  Status open_tasks() {
    auto& clock = platform::system_clock();
    auto& random = platform::system_random();
    auto& files = platform::local_file_system();
    if (settings_.faktory_url.empty()) {
      jobs_ = TRY(jobs::Queue::open(job_options(settings_), files, clock, random));
    }
    outbox_ = TRY(jobs::Outbox::create(*database_, TRY(job_sources({}))));
    tasks::TasksOptions options;
    // Another deployment may have its jobs at the same server.
    options.queue = "firn-" + organization_.substr(0, 8);
    tasks_ =
        TRY(tasks::Tasks::create(options, *database_, *outbox_, *authenticator_, clock, random));
    proposals_ = TRY(agents::Proposals::create(*database_, clock, random));
    agents_ = TRY(
        agents::Agents::create(*database_, *tasks_, *authenticator_, *proposals_, clock, random));
    automation::ExportsOptions exports;
    exports.directory = join_path(settings_.data_dir, "exports");
    exports.bytes_max = static_cast<uint64_t>(settings_.exports_bytes_max);
    exports.kept_for = std::chrono::hours(settings_.exports_hours);
    exports_ = TRY(automation::Exports::create(exports, *database_, *tasks_, *engine_,
                                               *authenticator_, files, clock));
    staging::StagingOptions staging;
    staging.spool_directory = join_path(settings_.data_dir, "staging");
    staging_ = TRY(staging::Staging::create(staging, *database_, *authenticator_, *catalog_,
                                            *ingest_, *engine_, files, clock, random));
    exports_http_ = std::make_unique<automation::ExportsHttp>(*exports_, *authenticator_, files);
    TRY(open_automation());
    upkeep_ = std::make_unique<automation::Upkeep>(*tasks_);
    upkeep_->add("expired exports", [this] { return exports_->expire(); });
    upkeep_->add("expired staged changes", [this] { return staging_->expire(); });
    upkeep_->add("old tasks", [this] {
      constexpr int64_t kKeptUs = 90LL * 24 * 3600 * 1'000'000;
      return tasks_->forget_before(platform::system_clock().now_us() - kKeptUs);
    });
    return upkeep_->start(organization_);
  }

  Status open_automation() {
    auto& clock = platform::system_clock();
    auto& random = platform::system_random();
    automation::DeliveryOptions options;
    options.server = {settings_.smtp_url, settings_.smtp_from, settings_.smtp_user,
                      settings_.smtp_password};
    options.mail_directory = join_path(settings_.data_dir, "mail");
    options.ca_file = settings_.webhook_ca_file;
    delivery_ = TRY(automation::Delivery::create(
        options, TRY(federation::AllowedHosts::create(settings_.connection_hosts_allowed)),
        *secrets_, *database_, *tasks_, platform::local_file_system(), clock, random));
    alerts_ = TRY(automation::Alerts::create(*database_, *tasks_, *delivery_, *engine_,
                                             *authenticator_, clock, random));
    scheduled_ = TRY(automation::ScheduledQueries::create(*database_, *tasks_, *engine_,
                                                          *authenticator_, clock, random));
    refreshes_ = TRY(automation::Refreshes::create(*database_, *tasks_, *workspace_, *engine_,
                                                   *authenticator_, clock));
    profiles_ =
        TRY(automation::Profiles::create(*database_, *tasks_, *engine_, *authenticator_, clock));
    return {};
  }

  // What this process's workers had when it was killed: nobody works on it any more.
  Status take_up_again() {
    if (!jobs_) return {};
    jobs::JobQuery left;
    left.state = jobs::JobState::kWorking;
    left.queue = tasks_->queue();
    left.count = static_cast<size_t>(settings_.jobs_workers) + 1'000;
    for (const auto& job : jobs_->find(left)) {
      TRY(jobs_->fail(job.jid, {"Crash", "the server ended before the job was done", {}, true}));
      TRY(jobs_->requeue(job.jid));
    }
    return jobs_->settle_all();
  }

  Status open_workers() {
    tasks_->start();
    if (settings_.jobs_workers == 0) return {};
    jobs::WorkerPoolOptions options;
    options.threads = static_cast<int>(settings_.jobs_workers);
    options.queues = {{tasks_->queue(), 1}};
    options.reserve_ahead = std::chrono::milliseconds(60'000);
    TRY(take_up_again());
    jobs::WorkerInfo worker;
    worker.wid = "firn-" + platform::system_random().uuid().to_string();
    worker.hostname = "firn";
    worker.pid = ::getpid();
    worker.labels = {"firn"};
    workers_ = std::make_unique<jobs::WorkerPool>(options, TRY(job_sources(std::move(worker))),
                                                  tasks_->handlers(), platform::system_clock(),
                                                  platform::system_random());
    return {};
  }

  // The queue for others; Firn's own workers need no port.
  Status open_jobs() {
    if (settings_.jobs_listen == "none" || !jobs_) return {};
    const Address address = TRY(parse_address(settings_.jobs_listen));
    jobs::wire::WireOptions options;
    options.address = address.host;
    options.port = address.port;
    options.password = settings_.jobs_password;
    options.tls_certificate = settings_.jobs_tls_certificate;
    options.tls_key = settings_.jobs_tls_key;
    options.connections_max = static_cast<size_t>(settings_.jobs_connections_max);
    jobs_server_ = TRY(jobs::wire::WireServer::start(options, *jobs_, platform::system_clock(),
                                                     platform::system_random()));
    return {};
  }

  Status open_federation() {
    auto& random = platform::system_random();
    const std::string key_file = settings_.secrets_key_file.empty()
                                     ? join_path(settings_.data_dir, "secrets.key")
                                     : settings_.secrets_key_file;
    auto box = TRY(federation::SecretBox::create(settings_.secrets_key, key_file,
                                                 platform::local_file_system(), random));
    secrets_ = box;
    auto connections = TRY(federation::Connections::create(*database_, std::move(box),
                                                           platform::system_clock(), random));
    federation::FederationOptions options;
    options.hosts_allowed = settings_.connection_hosts_allowed;
    options.sources.files_directory = settings_.connection_files;
    options.sources.copies_directory = join_path(settings_.data_dir, "copies");
    options.sources.objects_directory = join_path(settings_.data_dir, "objects");
    options.sources.objects_bytes_max = static_cast<uint64_t>(settings_.objects_bytes_max);
    federation_ = TRY(
        federation::Federation::create(options, *tables_, std::move(connections), *authenticator_));
    return {};
  }

  Status open_trino() {
    if (settings_.engine != "duckdb" && settings_.engine != "trino") {
      return Error(ErrorCode::kInvalidArgument, "--engine is duckdb or trino");
    }
    if (settings_.trino_url.empty()) return {};
    federation::TrinoOptions options;
    options.url = settings_.trino_url;
    options.user = settings_.trino_user;
    options.key = settings_.trino_key;
    options.ca_file = settings_.trino_ca_file;
    options.session = settings_.trino_session;
    options.organization = organization_;
    if (settings_.trino_rows_from > 0) options.rows_from = settings_.trino_rows_from;
    options.is_default = settings_.engine == "trino";
    trino_ = TRY(federation::make_trino(
        options, TRY(federation::AllowedHosts::create(settings_.connection_hosts_allowed))));
    return {};
  }

  Status open_hub(const Address& address) {
    services_ = std::make_unique<api::Services>(api::Services{
        *authenticator_, *catalog_, *ingest_, *engine_, *runs_, *query_log_, *workspace_,
        jobs_.get(), *tasks_, *exports_, *scheduled_, *refreshes_, *alerts_, *delivery_, *profiles_,
        *federation_, platform::system_clock(), organization_,
        // A stranger on the network must not be the first person.
        address.host == "127.0.0.1" || address.host == "::1",
        [this] { return deployment_status(); }});
    constexpr size_t kQueueMax = 1024;
    resolver_pool_ =
        std::make_shared<ResolverPool>(static_cast<int>(settings_.http_pool_threads), kQueueMax);
    services_->staging = staging_.get();
    services_->proposals = proposals_.get();
    services_->agents = agents_.get();
    constexpr int kSlowThreads = 4;
    constexpr size_t kSlowQueueMax = 64;
    slow_pool_ = std::make_shared<ResolverPool>(kSlowThreads, kSlowQueueMax);
    services_->slow = slow_pool_;
    hub_ = TRY(api::make_hub(*services_, resolver_pool_));
    services_->schema = &hub_->schema();
    TRY(open_agents());
    admission_ = std::make_unique<GraphqlAdmission>(*services_, settings_.public_url);
    graphql::GraphqlHttpOptions options;
    options.graphiql_directory = join_path(install_prefix(), "share/graphiql");
    graphql_http_ = std::make_unique<graphql::GraphqlHttp>(std::move(options), *hub_, *admission_);
    oauth_http_ = std::make_unique<auth::OAuthHttp>(authenticator_->oauth(), settings_.public_url);
    mirror_ = make_mirror(*services_, *hub_, TRY(parse_confirm(settings_.mcp_confirm)));
    mcp_gate_ = std::make_unique<McpGate>(*admission_, authenticator_->oauth(), *oauth_http_,
                                          settings_.public_url);
    mcp_http_ =
        std::make_unique<mcp::StreamableHttp>(mcp::StreamableHttpOptions{}, *mirror_, *mcp_gate_,
                                              platform::system_clock(), platform::system_random());
    authenticator_->on_change(
        [this] { mcp_http_->list_changed(mcp::StreamableHttp::List::kTools); });
    web_files_ = TRY(WebFiles::load(join_path(install_prefix(), "share/web")));
    return {};
  }

  // What calls fields of the schema from within: agents, and whoever does what was proposed.
  Status open_agents() {
    constexpr size_t kWholeBytesMax = 8 << 20;
    constexpr size_t kCutBytesMax = 24 << 10;  // about what a model can hold
    inner_mirror_ = make_inner_mirror(*services_, *hub_, kWholeBytesMax);
    model_mirror_ = make_inner_mirror(*services_, *hub_, kCutBytesMax);
    model_ = TRY(make_model(settings_));
    if (model_) {
      prompts_ = TRY(llm::Prompts::load(settings_.prompts.empty()
                                            ? join_path(install_prefix(), "share/prompts")
                                            : settings_.prompts));
      agents_->set_model(model_.get(), &prompts_);
    }
    services_->model = model_.get();
    services_->prompts = &prompts_;
    services_->tools = [this](const api::PrincipalPtr& who, const std::string& client) {
      return std::make_unique<MirrorTools>(*inner_mirror_, who, client,
                                           [this] { return stopping_.load(); });
    };
    services_->reading_tools = [this](const auth::Principal& who, const std::string& client) {
      auto reader = std::make_shared<auth::Principal>(who);
      const bool narrow =
          !reader->ceiling || auth::role_covers(*reader->ceiling, auth::Role::kViewer);
      if (narrow) reader->ceiling = auth::Role::kViewer;
      return std::make_unique<MirrorTools>(
          *model_mirror_, std::move(reader), client, [this] { return stopping_.load(); }, "ask");
    };
    agents_->set_tools([this](const agents::ToolsFor& wanted) {
      auto& mirror = wanted.answers == agents::Answers::kCut ? *model_mirror_ : *inner_mirror_;
      return std::make_unique<MirrorTools>(
          mirror, std::make_shared<const auth::Principal>(wanted.who), wanted.client,
          [this, cancelled = wanted.cancelled] { return stopping_.load() || cancelled(); },
          wanted.run);
    });
    return {};
  }

  api::DeploymentStatus deployment_status() {
    api::DeploymentStatus status;
    status.started_us = started_us_;
    status.resident_bytes = platform::resident_bytes();
    const auto free = platform::local_file_system().free_bytes(settings_.data_dir);
    if (free.ok()) status.disk_free_bytes = static_cast<int64_t>(*free);
    const auto http = server_ ? server_->stats() : http::ServerStats{};
    status.http_connections = static_cast<int64_t>(http.connections_open);
    status.http_requests = static_cast<int64_t>(http.requests);
    return status;
  }

  http::Route route(const http::Request& request) {
    if (auto found = graphql_http_->route(request)) return *std::move(found);
    if (auto found = mcp_http_->route(request)) return *std::move(found);
    if (auto found = oauth_http_->route(request)) return *std::move(found);
    if (auto found = ingest_http_->route(request)) return *std::move(found);
    if (auto found = query_http_->route(request)) return *std::move(found);
    if (auto found = exports_http_->route(request)) return *std::move(found);
    if (auto found = rest_catalog_->route(request)) return *std::move(found);
    if (auto found = engine_http_->route(request)) return *std::move(found);
    if (request.path == "/healthz" || request.path == "/readyz") {
      return http::answer_with(http::Response::text(200, "ok\n", "text/plain"));
    }
    if (request.path == "/metrics") {
      return http::answer_with(http::Response::text(
          200,
          render_metrics(server_ ? server_->stats() : http::ServerStats{}, ingest_->stats(),
                         engine_->worker_stats(), jobs_ ? jobs_->stats() : jobs::QueueStats{},
                         jobs_server_ ? jobs_server_->stats() : jobs::wire::WireStats{}),
          "text/plain; version=0.0.4"));
    }
    if (auto found = web_files_->route(request)) return *std::move(found);
    return http::answer_with(
        http::Response::error(Error(ErrorCode::kNotFound, "there is nothing at " + request.path)));
  }

  const Settings settings_;
  std::string organization_;  // the first
  NewOwner new_owner_;
  bool drained_ = false;
  std::unique_ptr<DataLock> lock_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<ingest::Service> ingest_;
  std::unique_ptr<LogRows> log_rows_;
  std::unique_ptr<query::TableProvider> tables_;
  std::unique_ptr<federation::Federation> federation_;
  std::unique_ptr<query::RemoteEngine> trino_;
  std::unique_ptr<federation::EngineAccess> engine_access_;
  std::unique_ptr<federation::EngineHttp> engine_http_;
  std::unique_ptr<query::Engine> engine_;
  std::unique_ptr<query::QueryLog> query_log_;
  std::unique_ptr<query::Runs> runs_;
  std::unique_ptr<workspace::Workspace> workspace_;
  std::unique_ptr<jobs::Queue> jobs_;  // null: with FAKTORY_URL
  std::unique_ptr<jobs::Outbox> outbox_;
  std::unique_ptr<tasks::Tasks> tasks_;
  std::unique_ptr<automation::Exports> exports_;
  std::unique_ptr<staging::Staging> staging_;
  std::unique_ptr<automation::ExportsHttp> exports_http_;
  std::optional<federation::SecretBox> secrets_;
  std::unique_ptr<automation::Delivery> delivery_;
  std::unique_ptr<automation::Alerts> alerts_;
  std::unique_ptr<automation::ScheduledQueries> scheduled_;
  std::unique_ptr<automation::Refreshes> refreshes_;
  std::unique_ptr<automation::Profiles> profiles_;
  std::unique_ptr<automation::Upkeep> upkeep_;
  std::unique_ptr<jobs::WorkerPool> workers_;
  std::unique_ptr<api::Services> services_;
  std::shared_ptr<ResolverPool> resolver_pool_;
  std::unique_ptr<agents::Proposals> proposals_;
  std::unique_ptr<agents::Agents> agents_;
  std::shared_ptr<ResolverPool> slow_pool_;  // of what calls fields of the schema itself
  std::atomic<bool> stopping_{false};
  std::unique_ptr<graphql::Service> hub_;
  std::unique_ptr<GraphqlAdmission> admission_;
  std::unique_ptr<graphql::GraphqlHttp> graphql_http_;
  std::unique_ptr<auth::OAuthHttp> oauth_http_;
  std::unique_ptr<mcp::Mirror> mirror_;
  std::unique_ptr<mcp::Mirror> inner_mirror_;
  std::unique_ptr<mcp::Mirror> model_mirror_;
  std::unique_ptr<llm::Model> model_;  // null: none
  llm::Prompts prompts_;
  std::unique_ptr<McpGate> mcp_gate_;
  std::unique_ptr<mcp::StreamableHttp> mcp_http_;
  std::unique_ptr<WebFiles> web_files_;
  const int64_t started_us_ = platform::system_clock().now_us();
  std::unique_ptr<ingest::IngestHttp> ingest_http_;
  std::unique_ptr<query::QueryHttp> query_http_;
  std::unique_ptr<catalog::rest::RestCatalog> rest_catalog_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<jobs::wire::WireServer> jobs_server_;
};

}  // namespace

Result<std::unique_ptr<FirnServer>> FirnServer::start(const Settings& settings) {
  auto server = std::make_unique<FirnServerImpl>(settings);
  TRY(server->open());
  return std::unique_ptr<FirnServer>(std::move(server));
}

}  // namespace firn::app
