#pragma once

#include <memory>
#include <string>

#include "app/settings.h"
#include "base/result.h"

namespace firn::app {

// Everything that `firn serve` runs, wired together. Stops in the order in which nothing is lost:
// no new requests, answers under way, a last commit, then the log.
class FirnServer {
 public:
  static Result<std::unique_ptr<FirnServer>> start(const Settings& settings);
  virtual ~FirnServer() = default;
  virtual uint16_t port() const = 0;
  // The owner's key, when this start made the first one; shown once and stored nowhere.
  virtual const std::string& new_owner_key() const = 0;
  // Takes no more requests, finishes those under way, commits what is hot. At most ~9 s.
  virtual void drain() = 0;
};

}  // namespace firn::app
