#include "query/worker/foreign_sources.h"

#include <fcntl.h>
#include <sys/sendfile.h>

#include "base/utf8.h"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/main/extension_helper.hpp"
#include "duckdb/main/secret/secret.hpp"
#include "duckdb/main/secret/secret_manager.hpp"
#include "duckdb/main/settings.hpp"
#include "duckdb/parser/parsed_data/attach_info.hpp"
#include "duckdb/parser/parsed_data/create_table_function_info.hpp"
#include "query/worker/broker_sockets.h"
#include "query/worker/file_tables.h"
#include "query/worker/gate.h"
#include "query/worker/lake_scan.h"

namespace firn::query {
namespace {

constexpr size_t kMessageBytesMax = 600;

const char* duckdb_type(ForeignKind kind) {
  switch (kind) {
    case ForeignKind::kPostgres: return "postgres";
    case ForeignKind::kMySql: return "mysql";
    case ForeignKind::kSqlite: return "sqlite";
    case ForeignKind::kFiles:
    case ForeignKind::kObjects:
    case ForeignKind::kIceberg: return kFilesStorage;
  }
  return "";
}

// DuckDB refuses to load and to attach anything while this is off, which it is while statements
// are bound and run.
class ExternalAccess {
 public:
  explicit ExternalAccess(duckdb::DatabaseInstance& database) : database_(database) { set(true); }
  ~ExternalAccess() { set(false); }
  ExternalAccess(const ExternalAccess&) = delete;
  ExternalAccess& operator=(const ExternalAccess&) = delete;

 private:
  void set(bool value) {
    duckdb::DBConfig::GetConfig(database_).user_settings.SetUserSetting(
        duckdb::EnableExternalAccessSetting::SettingIndex, duckdb::Value::BOOLEAN(value));
  }
  duckdb::DatabaseInstance& database_;
};

// What is kept of an extension's functions, for the engine itself.
const std::vector<std::string>& kept_functions() {
  static const std::vector<std::string> kNames{"postgres_query", "mysql_query", "mysql_execute"};
  return kNames;
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), with);
    at += with.size();
  }
}

// The source's own words, without DuckDB's around them.
std::string shown(const ForeignSource& source, std::string text) {
  for (const char* begin : {"ERROR:", "FATAL:"}) {
    if (const size_t at = text.find(begin); at != std::string::npos) {
      text = text.substr(at + 6);
      break;
    }
  }
  if (const size_t at = text.find("\": "); at != std::string::npos) text = text.substr(at + 3);
  for (const auto& [name, value] : source.secret) {
    if (name == "password" && !value.empty()) replace_all(text, value, "***");
  }
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.erase(0, 1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  if (text.size() > kMessageBytesMax) {
    text = std::string(cut_utf8(text, kMessageBytesMax)) + "...";
  }
  return text.empty() ? "the database ended the conversation" : text;
}

bool says(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

ErrorCode code_for(const duckdb::ErrorData& error, const std::string& text) {
  if (says(text, {"permission denied", "command denied"})) return ErrorCode::kPermissionDenied;
  if (says(text, {"statement timeout", "max_statement_time", "maximum statement execution time"})) {
    return ErrorCode::kDeadlineExceeded;
  }
  if (says(text, {"server closed the connection", "terminating connection", "connection to server",
                  "SSL connection", "Lost connection", "gone away", "could not receive data",
                  "could not send data", "no connection to the server"})) {
    return ErrorCode::kUnavailable;
  }
  switch (error.Type()) {
    case duckdb::ExceptionType::IO:
    case duckdb::ExceptionType::CONNECTION:
    case duckdb::ExceptionType::NETWORK: return ErrorCode::kUnavailable;
    case duckdb::ExceptionType::NOT_IMPLEMENTED: return ErrorCode::kUnsupported;
    default: return ErrorCode::kInvalidStatement;
  }
}

}  // namespace

void rethrow_foreign(const ForeignSource& source, const std::exception& thrown) {
  const duckdb::ErrorData error(thrown);
  if (error.Type() == duckdb::ExceptionType::INTERRUPT ||
      error.Type() == duckdb::ExceptionType::OUT_OF_MEMORY ||
      error.ExtraInfo().count(std::string(kErrorCodeInfo)) > 0) {
    error.Throw();
  }
  const std::string text = shown(source, error.RawMessage());
  throw_error(Error(code_for(error, text), "the connection " + source.name + ": " + text));
}

void ForeignSources::begin(TableSource& tables, std::string nonce) {
  tables_ = &tables;
  nonce_ = std::move(nonce);
  if (function_prefix_.empty()) function_prefix_ = nonce_ + ":";
  set_socket_broker([&tables](const std::string& address, uint16_t port) {
    return tables.foreign_socket(address, port);
  });
}

std::string ForeignSources::hidden_function(const std::string& function) const {
  return duckdb::KeywordHelper::WriteQuoted(function_prefix_ + function, '"');
}

// In a transaction of its own: that of the statement may be rolled back.
template <typename Body>
void ForeignSources::aside(Body&& body) {
  duckdb::Connection connection(database_);
  connection.context->RunFunctionInTransaction([&] { body(*connection.context); });
}

void ForeignSources::load_extension(ForeignKind kind) {
  if (kind == ForeignKind::kFiles || loaded_[kind]) return;
  if (extension_directory_.empty()) {
    throw duckdb::NotImplementedException("the query engine runs without extensions");
  }
  const std::string path =
      extension_directory_ + "/" + duckdb_type(kind) + "_scanner.duckdb_extension";
  files_.allow_path(path);
  duckdb::Connection connection(database_);
  auto& context = *connection.context;
  duckdb::ExtensionHelper::LoadExternalExtension(context, path);
  auto& system = duckdb::Catalog::GetSystemCatalog(database_);
  auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(database_);
  auto& schema = system.GetSchema(transaction, DEFAULT_SCHEMA);
  for (const auto& name : kept_functions()) {
    auto entry = schema.GetEntry(transaction, duckdb::CatalogType::TABLE_FUNCTION_ENTRY, name);
    if (!entry) continue;
    auto functions = entry->Cast<duckdb::TableFunctionCatalogEntry>().functions;
    functions.name = function_prefix_ + name;
    duckdb::CreateTableFunctionInfo info(functions);
    info.on_conflict = duckdb::OnCreateConflict::IGNORE_ON_CONFLICT;
    schema.CreateTableFunction(transaction, info);
  }
  context.RunFunctionInTransaction([&] { remove_refused_functions(context, function_prefix_); });
  duckdb::DBConfig::GetConfig(database_).replacement_scans.clear();
  loaded_[kind] = true;
}

void ForeignSources::create_secret(duckdb::ClientContext& context, const ForeignSource& source,
                                   const std::string& name) {
  duckdb::CreateSecretInput input;
  input.type = duckdb_type(source.kind);
  input.provider = "config";
  input.name = name;
  input.on_conflict = duckdb::OnCreateConflict::ERROR_ON_CONFLICT;
  input.persist_type = duckdb::SecretPersistType::TEMPORARY;
  for (const auto& [option, value] : source.secret) input.options[option] = duckdb::Value(value);
  duckdb::SecretManager::Get(context).CreateSecret(context, input);
  secrets_.push_back(name);
}

std::string ForeignSources::copy_file(const ForeignSource& source, const std::string& name) {
  if (source.file == nullptr) throw duckdb::IOException("the database's file did not come");
  const std::string path = spill_directory_ + "/" + name + ".sqlite";
  const OwnedDescriptor copy(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  copies_.push_back(path);
  off_t offset = 0;
  while (copy.get() >= 0 && offset < static_cast<off_t>(source.file_bytes)) {
    const auto left = static_cast<size_t>(source.file_bytes) - static_cast<size_t>(offset);
    if (::sendfile(copy.get(), source.file->get(), &offset, left) <= 0) break;
  }
  if (offset != static_cast<off_t>(source.file_bytes)) {
    throw duckdb::IOException("the database's file cannot be copied");
  }
  return path;
}

const ForeignSource& ForeignSources::source(const std::string& connection) {
  const auto known = known_.find(connection);
  if (known != known_.end()) return known->second;
  auto source = tables_->foreign_source(connection);
  if (!source.ok()) throw_error(source.error());
  return known_[connection] = std::move(*source);
}

const OpenedSource& ForeignSources::open(const std::string& connection, bool writable) {
  if (const auto known = opened_.find(connection); known != opened_.end()) return *known->second;
  if (opened_.size() >= kSourcesMax) {
    throw_error(Error(ErrorCode::kUnsupported,
                      "a query reads at most " + std::to_string(kSourcesMax) + " connections"));
  }
  auto opened = std::make_unique<OpenedSource>();
  opened->source = source(connection);
  opened->slot = opened_.size();
  opened->attached_as = nonce_ + ":" + std::to_string(opened->slot);
  try {
    const ExternalAccess access(database_);
    load_extension(opened->source.kind);
    aside([&](duckdb::ClientContext& context) { attach(context, *opened, writable); });
  } catch (const std::exception& thrown) {
    rethrow_foreign(opened->source, thrown);
  }
  return *(opened_[connection] = std::move(opened));
}

void ForeignSources::attach(duckdb::ClientContext& context, OpenedSource& opened, bool writable) {
  const ForeignSource& source = opened.source;
  for (const auto& [name, value] : source.settings) {
    duckdb::DBConfig::GetConfig(database_).SetOptionByName(name, duckdb::Value(value));
  }
  duckdb::AttachInfo info;
  info.name = opened.attached_as;
  info.path = source.attach;
  duckdb::unordered_map<std::string, duckdb::Value> settings{
      {"type", duckdb::Value(duckdb_type(source.kind))}};
  if (source.kind == ForeignKind::kSqlite) {
    info.path = copy_file(source, opened.attached_as);
  } else if (source.kind != ForeignKind::kFiles) {
    broker_name(source.host, source.address);
    create_secret(context, source, opened.attached_as);
    settings["secret"] = duckdb::Value(opened.attached_as);
  }
  duckdb::AttachOptions options(
      settings, writable ? duckdb::AccessMode::READ_WRITE : duckdb::AccessMode::READ_ONLY);
  options.visibility = duckdb::AttachVisibility::HIDDEN;
  opened.database = duckdb::DatabaseManager::Get(database_).AttachDatabase(context, info, options);
  if (source.kind == ForeignKind::kFiles) set_connected_files(opened.catalog(), source, files_);
}

void ForeignSources::end() {
  set_socket_broker({});
  tables_ = nullptr;
  known_.clear();
  if (!opened_.empty()) {
    aside([&](duckdb::ClientContext& context) { detach_all(context); });
    opened_.clear();
  }
  for (const auto& path : copies_) ::unlink(path.c_str());
  copies_.clear();
}

void ForeignSources::detach_all(duckdb::ClientContext& context) {
  auto& manager = duckdb::DatabaseManager::Get(database_);
  for (auto& [name, opened] : opened_) {
    opened->database.reset();
    manager.DetachDatabase(context, opened->attached_as, duckdb::OnEntryNotFound::RETURN_NULL);
  }
  for (const auto& secret : secrets_) {
    duckdb::SecretManager::Get(context).DropSecretByName(context, secret,
                                                         duckdb::OnEntryNotFound::RETURN_NULL,
                                                         duckdb::SecretPersistType::TEMPORARY);
  }
  secrets_.clear();
}

}  // namespace firn::query
