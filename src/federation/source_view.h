#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "federation/allowed_hosts.h"
#include "federation/connections.h"
#include "federation/object_cache.h"
#include "query/tables.h"

namespace firn::federation {

struct SourceOptions {
  std::string files_directory;  // what lies below it may be connected; empty: nothing
  std::string copies_directory;
  uint64_t file_bytes_max = 2ULL << 30;
  std::string objects_directory;  // of what is fetched from object stores
  uint64_t objects_bytes_max = 10ULL << 30;
  std::chrono::milliseconds connect_at_most{10'000};
};

// The connections that one query may use, as its worker asks for them. Addresses are looked up
// once, checked, and are then the only ones that the worker gets sockets to. Not thread-safe.
class SourceView {
 public:
  static constexpr size_t kSocketsMax = 64;  // of one query

  // What holds for the reader on a table of the connection.
  using Rules = std::function<Result<query::ForeignAccess>(
      const Connection& connection, const std::string& schema, const std::string& table)>;

  SourceView(std::vector<Connection> usable, Connections& connections, const AllowedHosts& hosts,
             const SourceOptions& options, ObjectCache& objects, Rules rules)
      : usable_(std::move(usable)),
        connections_(connections),
        hosts_(hosts),
        options_(options),
        objects_(objects),
        rules_(std::move(rules)) {}

  // Instead of the stored password.
  void use_password(std::string password) { password_ = std::move(password); }

  // Without catalogs, which RemoteTables has; but tables() tells of theirs, too.
  std::vector<std::string> names() const;
  Result<query::ForeignSource> source(const std::string& name);
  // As the reader sees them: without hidden columns.
  Result<std::vector<ForeignTable>> tables(const std::string& name);
  Result<query::ForeignAccess> read(const std::string& name, const std::string& schema,
                                    const std::string& table);
  Result<std::unique_ptr<query::OwnedDescriptor>> socket(const std::string& address, uint16_t port);

  const std::vector<query::TableEvidence>& evidence() const { return evidence_; }
  // Of the tables read so far, as far as their databases know.
  int64_t rows_estimate() const;
  // PermissionDenied where a policy holds for the reader on a table read so far.
  Status free_of_policies() const;
  // Per connection that has to be told to stop, the local ports of its sockets.
  std::vector<std::pair<Connection, std::vector<uint16_t>>> conversations() const;

 private:
  struct Opened {
    Connection connection;
    std::string address;
    std::vector<uint16_t> local_ports;
  };
  Result<Connection> usable(const std::string& name) const;
  Result<query::ForeignSource> objects(const Connection& connection, query::ForeignSource source,
                                       std::string address);

  const std::vector<Connection> usable_;
  Connections& connections_;
  const AllowedHosts& hosts_;
  const SourceOptions& options_;
  ObjectCache& objects_;
  const Rules rules_;
  Status restricted_;  // the first table read that a policy holds for
  std::optional<std::string> password_;
  std::map<std::string, Opened> opened_;
  size_t sockets_ = 0;
  std::vector<query::TableEvidence> evidence_;
};

// Takes away what the rules hide: columns, and how many rows there are.
void hide(const auth::TableRules& rules, ForeignTable& table);

}  // namespace firn::federation
