#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/auth.h"
#include "jobs/arguments.h"
#include "store/database.h"

namespace firn::automation {

// What every kept thing of this folder has.
struct About {
  std::string id;
  std::string organization;
  std::string name;
  std::string created_by;  // name
  int64_t created_us = 0;
  std::string updated_by;
  int64_t updated_us = 0;
};

struct Record {
  About about;
  std::string body;  // JSON array of one object, as jobs::encode_arguments() writes it
};

// Named things of organizations, kind by kind: scheduled queries, alerts, channels. They change in
// their caller's transaction, together with their plans.
namespace records {

Status migrate(store::Database& database);
// ResourceExhausted beyond 1,000 of a kind in an organization.
Status insert(store::Transaction& transaction, std::string_view kind, const Record& record);
// Name, body, and by whom. NotFound.
Status update(store::Transaction& transaction, std::string_view kind, const Record& record);
Status remove(store::Transaction& transaction, std::string_view kind,
              const std::string& organization, const std::string& id);
Result<Record> find(store::Transaction& transaction, std::string_view kind,
                    const std::string& organization, const std::string& id);
// By name.
Result<std::vector<Record>> list(store::Database& database, std::string_view kind,
                                 const std::string& organization);
// find() in a transaction of its own.
Result<Record> find_now(store::Database& database, std::string_view kind,
                        const std::string& organization, const std::string& id);

}  // namespace records
}  // namespace firn::automation
