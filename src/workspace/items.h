#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn::store {
class Database;
class Transaction;
}  // namespace firn::store
namespace firn::platform {
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::workspace {

// A named thing of an organization. `body` is JSON whose shape its kind decides.
struct Item {
  std::string id;
  std::string name;
  std::string body;
  int32_t version = 1;
  std::string created_by;  // name
  int64_t created_us = 0;
  std::string updated_by;  // name
  int64_t updated_us = 0;
};

struct ItemVersion {
  int32_t version = 0;
  std::string name;
  std::string body;
  std::string saved_by;
  int64_t saved_us = 0;
};

// Rows of items of one kind, each change a new version. What another organization has is NotFound.
// Thread-safe.
class Items {
 public:
  // `what` is how messages call one: "dashboard". Call Items::migrate once before.
  Items(store::Database& database, platform::Clock& clock, platform::Random& random,
        std::string_view what)
      : database_(database), clock_(clock), random_(random), what_(what) {}
  static Status migrate(store::Database& database);

  // By name; those whose name contains `search`, in any case.
  Result<std::vector<Item>> list(const std::string& organization, const std::string& search);
  Result<Item> find(const std::string& organization, const std::string& id);
  // ResourceExhausted beyond 10,000 of a kind.
  Result<Item> insert(const std::string& organization, const std::string& name,
                      const std::string& body, const std::string& by);
  // `change` gets the item as it is and changes name and body. Conflict where `expected` is given
  // and is not the version.
  Result<Item> update(const std::string& organization, const std::string& id,
                      std::optional<int32_t> expected, const std::string& by,
                      const std::function<Status(Item&)>& change);
  Status remove(const std::string& organization, const std::string& id);
  // Newest first, the present one included; the last 200 are kept.
  Result<std::vector<ItemVersion>> versions(const std::string& organization, const std::string& id);

 private:
  Result<std::optional<Item>> read(store::Transaction& transaction, const std::string& organization,
                                   const std::string& id);
  Status keep_version(store::Transaction& transaction, const Item& item);
  Error missing() const;

  store::Database& database_;
  platform::Clock& clock_;
  platform::Random& random_;
  const std::string what_;
};

}  // namespace firn::workspace
