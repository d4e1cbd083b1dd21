#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/principal.h"
#include "base/result.h"

namespace firn::store {
class Database;
}
namespace firn::platform {
class Clock;
}

namespace firn::auth {

// A change that somebody made or tried to make.
struct AuditEntry {
  int64_t id = 0;
  std::string organization;
  int64_t at_us = 0;
  std::string principal;  // id; empty where nobody was signed in
  std::string principal_name;
  std::string action;                // the mutation's name
  std::vector<std::string> objects;  // ids that it named; never secrets
  std::string error;                 // code; empty where it was done
  std::string address;
  std::string client;
};

// Append-only. Thread-safe.
class AuditLog {
 public:
  AuditLog(store::Database& database, platform::Clock& clock)
      : database_(database), clock_(clock) {}

  // Durable when it returns. `at_us` and `id` are set here.
  Status record(AuditEntry entry);

  struct Filter {
    std::string action;             // empty: any
    std::string principal;          // empty: any
    std::optional<int64_t> before;  // id
  };
  // Newest first. Takes an admin of the organization.
  Result<std::vector<AuditEntry>> list(const Principal& principal, const Filter& filter,
                                       int64_t max);

 private:
  store::Database& database_;
  platform::Clock& clock_;
};

}  // namespace firn::auth
