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
  // The owner that this start made, with the password where it made that, too; shown once and
  // stored nowhere. Empty at every other start.
  struct NewOwner {
    std::string email;
    std::string password;
    bool password_made = false;
  };
  virtual const NewOwner& new_owner() const = 0;
  // Takes no more requests, finishes those under way, commits what is hot. At most ~9 s.
  virtual void drain() = 0;
};

}  // namespace firn::app
