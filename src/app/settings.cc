#include "app/settings.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <variant>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace firn::app {
namespace {

struct Setting {
  const char* flag;
  std::variant<std::string Settings::*, int64_t Settings::*> member;
  const char* help;
  int64_t min = 0;
  bool environment_only = false;
  const char* variable = nullptr;  // null: FIRN_ and the flag
};

const std::vector<Setting>& all_settings() {
  static const std::vector<Setting> settings = {
      {"data-dir", &Settings::data_dir, "where everything is kept"},
      {"listen", &Settings::listen, "address and port of HTTP"},
      {"jobs-listen", &Settings::jobs_listen, "address and port of the job queue; none: off"},
      {"jobs-password", &Settings::jobs_password,
       "the job queue's password; without one it is served on loopback only", 0, true},
      {"jobs-tls-certificate", &Settings::jobs_tls_certificate,
       "PEM file with the job queue's certificate; with the key: TLS"},
      {"jobs-tls-key", &Settings::jobs_tls_key, "PEM file with its key"},
      {"config", &Settings::config, "settings file; DATA_DIR/firn.toml where it exists"},
      {"bootstrap-key", &Settings::bootstrap_key,
       "firn_<id>_<secret>: an owner's key, made at start", 0, true},
      {"organization", &Settings::organization, "name of the first organization"},
      {"admin-email", &Settings::admin_email, "the first owner's e-mail, used at the first start"},
      {"admin-password", &Settings::admin_password,
       "the first owner's password; where it is missing, one is made and printed", 0, true},
      {"public-url", &Settings::public_url,
       "address that browsers use, when a proxy stands before; https makes cookies Secure"},
      {"log-level", &Settings::log_level, "debug, info, warn or error"},
      {"http-io-threads", &Settings::http_io_threads, "threads that read and write sockets", 1},
      {"http-pool-threads", &Settings::http_pool_threads, "blocking requests at a time", 1},
      {"http-connections-max", &Settings::http_connections_max, "open connections", 1},
      {"append-bytes-max", &Settings::append_bytes_max, "largest body of /append, decoded", 1024},
      {"commit-interval-ms", &Settings::commit_interval_ms,
       "longest time between a row and its Iceberg commit", 10},
      {"commit-table-bytes-max", &Settings::commit_table_bytes_max,
       "hot bytes of one table that are committed at once", 1 << 16},
      {"hot-bytes-max", &Settings::hot_bytes_max,
       "rows in memory that are not committed; beyond, 429", 1 << 20},
      {"wal-bytes-max", &Settings::wal_bytes_max, "write-ahead log on disk; beyond, 429", 1 << 24},
      {"wal-segment-bytes", &Settings::wal_segment_bytes, "one file of the log", 1 << 20},
      {"columns-max", &Settings::columns_max, "columns of a table, nested ones counted", 1},
      {"column-depth-max", &Settings::column_depth_max, "levels of nesting", 1},
      {"upload-bytes-max", &Settings::upload_bytes_max, "largest Parquet upload", 1 << 20},
      {"query-workers-max", &Settings::query_workers_max, "query processes at a time", 1},
      {"query-memory-bytes-max", &Settings::query_memory_bytes_max, "memory of one query", 1 << 26},
      {"query-deadline-ms", &Settings::query_deadline_ms, "longest time of one query", 100},
      {"query-threads", &Settings::query_threads, "threads of one query", 1},
      {"jobs-connections-max", &Settings::jobs_connections_max, "open connections to the job queue",
       1},
      {"jobs-bytes-max", &Settings::jobs_bytes_max, "memory of all jobs; beyond, they are refused",
       1 << 20},
      {"jobs-log-bytes-max", &Settings::jobs_log_bytes_max, "the job queue's log on disk", 1 << 28},
      {"jobs-reserve-seconds-max", &Settings::jobs_reserve_seconds_max,
       "longest reservation of a job, whatever it asks for", 1},
      {"jobs-workers", &Settings::jobs_workers,
       "jobs of Firn's own (exports, scheduled queries, alerts) at a time; 0: none run here", 0},
      {"faktory-url", &Settings::faktory_url,
       "tcp://[:PASSWORD@]HOST[:PORT], or tcp+tls://: the Faktory server that keeps the jobs; this "
       "process then has no queue of its own",
       0, true, "FAKTORY_URL"},
      {"exports-bytes-max", &Settings::exports_bytes_max,
       "all exported files together; beyond, exports fail", 1 << 20},
      {"exports-hours", &Settings::exports_hours, "how long an exported file is kept", 1},
      {"smtp-url", &Settings::smtp_url,
       "smtp://HOST[:PORT] or smtps://: takes e-mails; without it they lie in DATA_DIR/mail"},
      {"smtp-from", &Settings::smtp_from, "the address that e-mails come from"},
      {"smtp-user", &Settings::smtp_user, "the user that Firn is to it; needs TLS"},
      {"smtp-password", &Settings::smtp_password, "that user's password", 0, true},
      {"webhook-ca-file", &Settings::webhook_ca_file,
       "PEM file of the authorities that webhooks' certificates are from; else the machine's"},
      {"mcp-confirm", &Settings::mcp_confirm,
       "which MCP calls wait for a person's word, asked by their client: never, destructive, "
       "changes"},
      {"connection-hosts-allowed", &Settings::connection_hosts_allowed,
       "addresses and networks, by commas, that connections may name although they are loopback, "
       "link-local or metadata"},
      {"connection-files", &Settings::connection_files,
       "folder of SQLite databases and files that may be connected; none without it"},
      {"objects-bytes-max", &Settings::objects_bytes_max,
       "disk for what is fetched from connected object stores; what was not used for longest goes",
       1 << 20},
      {"trino-url", &Settings::trino_url,
       "http:// or https://HOST:PORT of a Trino over the same catalogs; none without it"},
      {"trino-key", &Settings::trino_key,
       "firn_ID_SECRET: the key of the cluster's plugin, which is made with its account (role "
       "engine); then Trino applies the policies",
       0, true},
      {"trino-ca-file", &Settings::trino_ca_file,
       "PEM file of the authority that Trino's certificate comes from; else the system's"},
      {"trino-user", &Settings::trino_user, "the user that Firn is to Trino"},
      {"trino-session", &Settings::trino_session,
       "name=value, by commas: Trino's session properties for every statement"},
      {"trino-rows-from", &Settings::trino_rows_from,
       "rows of a statement's tables from which on Trino is taken; 0: never by that"},
      {"engine", &Settings::engine, "duckdb or trino: what answers where the statement fits both"},
      {"model-provider", &Settings::model_provider,
       "anthropic, openai (Chat Completions, and what is compatible) or openai-responses: the "
       "language model for agents and ask; none without it"},
      {"model-url", &Settings::model_url,
       "its base URL, as https://api.anthropic.com or https://api.openai.com/v1; else the "
       "provider's own"},
      {"model", &Settings::model, "the model, as the provider names it"},
      {"model-key", &Settings::model_key, "the key to it; or in the file", 0, true},
      {"model-key-file", &Settings::model_key_file, "file with that key"},
      {"model-ca-file", &Settings::model_ca_file,
       "PEM file of the authority that the model's certificate comes from; else the system's"},
      {"model-answer-seconds", &Settings::model_answer_seconds, "longest time of one answer", 1},
      {"model-silence-seconds", &Settings::model_silence_seconds,
       "an answer of which nothing comes for so long is given up", 1},
      {"prompts", &Settings::prompts, "folder of the model's prompts, NAME.vN.md; else Firn's own"},
      {"secrets-key", &Settings::secrets_key,
       "64 hex digits that encrypt connections' passwords; else the key file's", 0, true},
      {"secrets-key-file", &Settings::secrets_key_file,
       "file of that key; made as DATA_DIR/secrets.key where there is none"},
  };
  return settings;
}

const Setting* find(std::string_view flag) {
  for (const Setting& setting : all_settings()) {
    if (flag == setting.flag) return &setting;
  }
  return nullptr;
}

std::string variable_of(const Setting& setting) {
  if (setting.variable != nullptr) return setting.variable;
  std::string name = "FIRN_";
  for (const char c : std::string_view(setting.flag)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  }
  return name;
}

Status assign(Settings& settings, const Setting& setting, std::string_view text,
              const std::string& source) {
  if (const auto* member = std::get_if<std::string Settings::*>(&setting.member)) {
    settings.** member = std::string(text);
    return {};
  }
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < setting.min) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{} must be a whole number of at least {}", source, setting.min));
  }
  settings.*std::get<int64_t Settings::*>(setting.member) = value;
  return {};
}

Status load_environment(Settings& settings) {
  for (const Setting& setting : all_settings()) {
    const std::string name = variable_of(setting);
    if (const char* value = std::getenv(name.c_str())) {
      TRY(assign(settings, setting, value, name));
    }
  }
  return {};
}

Status load_file(Settings& settings, const std::string& path) {
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& failure) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}:{}: {}", path, failure.source().begin.line,
                             std::string(failure.description())));
  }
  for (const auto& [key, node] : table) {
    std::string flag(key.str());
    for (char& c : flag) c = c == '_' ? '-' : c;
    const Setting* setting = find(flag);
    const std::string source = fmt::format("{}: {}", path, key.str());
    if (setting == nullptr || setting->environment_only) {
      return Error(ErrorCode::kInvalidArgument, source + " is not a setting");
    }
    if (const auto text = node.value<std::string>(); node.is_string() && text) {
      TRY(assign(settings, *setting, *text, source));
    } else if (const auto number = node.value<int64_t>(); node.is_integer() && number) {
      TRY(assign(settings, *setting, std::to_string(*number), source));
    } else {
      return Error(ErrorCode::kInvalidArgument, source + " must be text or a whole number");
    }
  }
  return {};
}

Status load_flags(Settings& settings, const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view flag = arguments[i];
    if (!flag.starts_with("--")) {
      return Error(ErrorCode::kInvalidArgument, fmt::format("'{}' is not a flag", flag));
    }
    flag.remove_prefix(2);
    const size_t equals = flag.find('=');
    const Setting* setting = find(flag.substr(0, equals));
    if (setting == nullptr || setting->environment_only) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("there is no flag --{}; firn serve --help lists all",
                               flag.substr(0, equals)));
    }
    if (equals == std::string_view::npos && i + 1 == arguments.size()) {
      return Error(ErrorCode::kInvalidArgument, fmt::format("--{} needs a value", flag));
    }
    const std::string_view value = equals == std::string_view::npos
                                       ? std::string_view(arguments[++i])
                                       : flag.substr(equals + 1);
    TRY(assign(settings, *setting, value, fmt::format("--{}", setting->flag)));
  }
  return {};
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  Address address;
  unsigned port = 0;
  const char* end = text.data() + text.size();
  if (colon == std::string_view::npos || colon == 0) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("'{}' is not HOST:PORT", text));
  }
  const auto [at, code] = std::from_chars(text.data() + colon + 1, end, port);
  if (code != std::errc() || at != end || port > 65535) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("'{}' is not HOST:PORT", text));
  }
  address.host = std::string(text.substr(0, colon));
  if (address.host == "localhost") address.host = "127.0.0.1";
  if (address.host.size() > 2 && address.host.front() == '[') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  address.port = static_cast<uint16_t>(port);
  return address;
}

Result<Settings> load_settings(const std::vector<std::string>& arguments) {
  // Flags and environment say which file to read, so they are read twice: first and last.
  Settings named;
  TRY(load_environment(named));
  TRY(load_flags(named, arguments));
  Settings settings;
  std::string file = named.config;
  if (file.empty() && std::filesystem::exists(named.data_dir + "/firn.toml")) {
    file = named.data_dir + "/firn.toml";
  }
  if (!file.empty()) TRY(load_file(settings, file));
  TRY(load_environment(settings));
  TRY(load_flags(settings, arguments));
  // Tables' locations are made from it, and they outlive the folder that firn was started in.
  settings.data_dir = std::filesystem::absolute(settings.data_dir).lexically_normal().string();
  while (settings.data_dir.size() > 1 && settings.data_dir.back() == '/')
    settings.data_dir.pop_back();
  return settings;
}

std::string settings_help() {
  const Settings defaults;
  std::string text;
  for (const Setting& setting : all_settings()) {
    std::string value;
    if (const auto* member = std::get_if<std::string Settings::*>(&setting.member)) {
      value = defaults.**member;
    } else {
      value = std::to_string(defaults.*std::get<int64_t Settings::*>(setting.member));
    }
    const std::string flag = setting.environment_only ? "" : fmt::format("--{}", setting.flag);
    fmt::format_to(std::back_inserter(text), "  {:26} {:32} {}{}\n", flag, variable_of(setting),
                   setting.help, value.empty() ? "" : fmt::format(" [{}]", value));
  }
  return text;
}

}  // namespace firn::app
