#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn::app {

// Every setting of the server. Strength: flags, then FIRN_* variables, then firn.toml, then these.
struct Settings {
  std::string data_dir = "firn-data";
  std::string listen = "127.0.0.1:8080";
  std::string jobs_listen = "127.0.0.1:7419";
  std::string jobs_password;         // secret: FIRN_JOBS_PASSWORD only
  std::string jobs_tls_certificate;  // with jobs_tls_key: TLS
  std::string jobs_tls_key;
  std::string config;         // path of firn.toml; DATA_DIR/firn.toml when empty
  std::string bootstrap_key;  // secret: FIRN_BOOTSTRAP_KEY only
  std::string organization = "default";
  std::string admin_email;
  std::string admin_password;  // secret: FIRN_ADMIN_PASSWORD only
  std::string public_url;      // as browsers see it; empty: http://LISTEN
  std::string log_level = "info";
  int64_t http_io_threads = 2;
  int64_t http_pool_threads = 64;
  int64_t http_connections_max = 4096;
  int64_t append_bytes_max = 64 << 20;
  int64_t commit_interval_ms = 5'000;
  int64_t commit_table_bytes_max = 128 << 20;
  int64_t hot_bytes_max = 512 << 20;
  int64_t wal_bytes_max = 2LL << 30;
  int64_t wal_segment_bytes = 32 << 20;
  int64_t columns_max = 1'000;
  int64_t column_depth_max = 8;
  int64_t upload_bytes_max = 64LL << 30;
  int64_t query_workers_max = 4;
  int64_t query_memory_bytes_max = 1LL << 30;
  int64_t query_deadline_ms = 300'000;
  int64_t query_threads = 2;
  int64_t jobs_connections_max = 4096;
  int64_t jobs_bytes_max = 4LL << 30;
  int64_t jobs_reserve_seconds_max = 86'400;
  int64_t jobs_log_bytes_max = 16LL << 30;
  int64_t jobs_workers = 2;
  std::string faktory_url;  // secret: FAKTORY_URL only
  int64_t exports_bytes_max = 4LL << 30;
  int64_t objects_bytes_max = 10LL << 30;
  int64_t exports_hours = 24;
  std::string smtp_url;
  std::string smtp_from;
  std::string smtp_user;
  std::string smtp_password;  // secret: FIRN_SMTP_PASSWORD only
  std::string webhook_ca_file;
  std::string mcp_confirm = "never";
  std::string connection_hosts_allowed;
  std::string connection_files;
  std::string trino_url;
  std::string trino_user = "firn";
  std::string trino_key;
  std::string trino_ca_file;
  std::string trino_session;
  int64_t trino_rows_from = 0;
  std::string engine = "duckdb";
  std::string model_provider;
  std::string model_url;
  std::string model;
  std::string model_key;  // secret: FIRN_MODEL_KEY only
  std::string model_key_file;
  std::string model_ca_file;
  int64_t model_answer_seconds = 300;
  int64_t model_silence_seconds = 60;
  std::string prompts;           // PREFIX/share/prompts when empty
  std::string secrets_key;       // secret: FIRN_SECRETS_KEY only
  std::string secrets_key_file;  // DATA_DIR/secrets.key when empty
};

struct Address {
  std::string host;
  uint16_t port = 0;
};
Result<Address> parse_address(std::string_view text);

// From the command line (behind the command's name), the environment and the file. Errors:
// InvalidArgument, naming the setting and where it came from.
Result<Settings> load_settings(const std::vector<std::string>& arguments);
// What --help prints: each setting with its flag, variable, default and meaning.
std::string settings_help();

}  // namespace firn::app
