#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/principal.h"
#include "base/result.h"

namespace firn::store {
class Database;
class Transaction;
}  // namespace firn::store
namespace firn::platform {
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::agents {

enum class MemoryKind : uint8_t {
  kNote,      // somebody wrote it down
  kApproved,  // what became of a proposal
  kRejected,
};

// What an agent is to know at its next run: feedback, and notes.
struct Memory {
  std::string id;
  std::string agent;
  MemoryKind kind = MemoryKind::kNote;
  std::string text;
  // Columns and measures that the agent is to propose nothing about: "dep_delay", "count(*)".
  std::vector<std::string> leave_alone;
  std::string created_by;
  int64_t created_us = 0;
  int64_t updated_us = 0;
};

// The memories of agents. Viewers see, editors change. An agent has at most 200: beyond, the oldest
// feedback makes room for newer, and a note for none. Thread-safe. Errors: InvalidArgument,
// NotFound, PermissionDenied, ResourceExhausted, and the store's.
class Memories {
 public:
  static Result<Memories> create(store::Database& database, platform::Clock& clock,
                                 platform::Random& random);

  // Newest first.
  Result<std::vector<Memory>> list(const auth::Principal& who, const std::string& agent);
  // `wanted` has agent, kind, text and what to leave alone; the agent is one of the organization.
  Result<Memory> add(const auth::Principal& who, const Memory& wanted);
  // What is left out stays.
  Result<Memory> update(const auth::Principal& who, const std::string& id,
                        const std::optional<std::string>& text,
                        const std::optional<std::vector<std::string>>& leave_alone);
  Status remove(const auth::Principal& who, const std::string& id);
  static Status remove_all(store::Transaction& transaction, const std::string& agent);

 private:
  Memories(store::Database& database, platform::Clock& clock, platform::Random& random)
      : database_(&database), clock_(&clock), random_(&random) {}
  Result<Memory> read(store::Transaction& transaction, const std::string& organization,
                      const std::string& id);

  store::Database* database_;
  platform::Clock* clock_;
  platform::Random* random_;
};

// Whether `name` (a column, or a measure as findings name it) is to be left alone.
bool leaves_alone(const std::vector<Memory>& memories, const std::string& name);

}  // namespace firn::agents
