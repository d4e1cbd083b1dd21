#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "federation/allowed_hosts.h"
#include "query/engine.h"

namespace firn::federation {

struct TrinoOptions {
  std::string url;            // http://host:port, or https
  std::string user = "firn";  // without a key
  std::string key;            // of the cluster's plugin: statements run as the reader's account
  std::string ca_file;        // of https; empty: the system's authorities
  std::string session;        // properties for every statement: name=value, by commas
  std::string organization;   // whose catalogs the cluster has, by the same names
  std::optional<int64_t> rows_from;
  bool is_default = false;
};

// A Trino cluster over the same catalogs, by its client REST protocol: pages, spooled segments,
// cancelling, errors with their place. Without a key the cluster knows Firn as one user, and what a
// reader may see is checked before; with one it has Firn's plugin, which applies the policies of
// whom Firn names. Thread-safe. InvalidArgument where the address is none.
//
// Segments that Trino spools are read from where it says, which has to be among `hosts`, and by
// https unless Trino itself is asked in the clear.
Result<std::unique_ptr<query::RemoteEngine>> make_trino(const TrinoOptions& options,
                                                        AllowedHosts hosts);

}  // namespace firn::federation
