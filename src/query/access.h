#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/policies.h"
#include "base/ids.h"
#include "base/result.h"

namespace firn::auth {
class Authenticator;
}

namespace firn::query {

// What row filters can ask of the reader.
struct Caller {
  std::string id;
  std::string email;
  std::string role;  // the strongest on the table's catalog
};

// What a reader may see. Immutable, thread-safe.
class Access {
 public:
  virtual ~Access() = default;

  struct CatalogName {
    std::string name;  // as statements say it
    std::string id;    // as catalog::Catalog knows it
  };
  // Those that the reader may read.
  virtual Result<std::vector<CatalogName>> catalogs() const = 0;
  // What holds for the reader on a table of that catalog (by id).
  virtual Result<auth::TableRules> rules(const std::string& catalog_id,
                                         const Uuid& table) const = 0;
  virtual Caller caller(const std::string& catalog_id) const = 0;
  // Who it is, for what authorizes by itself; null: nobody in particular.
  virtual const auth::Principal* principal() const { return nullptr; }
};

// A principal's. The authenticator must outlive it.
std::shared_ptr<const Access> access_of(auth::Principal principal,
                                        auth::Authenticator& authenticator);

}  // namespace firn::query
