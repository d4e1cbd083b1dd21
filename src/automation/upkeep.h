#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "tasks/tasks.h"

namespace firn::automation {

// What Firn does every hour to stay in shape: a task of its own, that admins of the first
// organization see. Chores are added before start(), and immutable afterwards.
class Upkeep {
 public:
  explicit Upkeep(tasks::Tasks& tasks) : tasks_(tasks) {}

  // May run twice at a time of crashes, and must not mind. What it could not do is said in the
  // task's error; the others go on.
  void add(std::string name, std::function<Status()> chore) {
    chores_.emplace_back(std::move(name), std::move(chore));
  }
  // Registers the task; `organization` sees it.
  Status start(const std::string& organization);

 private:
  Result<std::string> run(tasks::TaskContext& context);

  tasks::Tasks& tasks_;
  std::vector<std::pair<std::string, std::function<Status()>>> chores_;
};

}  // namespace firn::automation
