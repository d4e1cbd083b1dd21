#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "automation/answer.h"
#include "automation/delivery.h"
#include "automation/records.h"

namespace firn::automation {

// kChangeAbove, kChangeBelow: the change in percent since the latest check that is at least so many
// minutes old, within a thousandth of that.
enum class AlertCondition : uint8_t { kAbove, kBelow, kChangeAbove, kChangeBelow };
// kUnknown until the first check.
enum class AlertState : uint8_t { kUnknown, kOk, kFiring, kError };

struct AlertRule {
  AlertCondition condition = AlertCondition::kAbove;
  double threshold = 0;
  int64_t change_minutes = 0;
};

struct AlertCheck {
  int64_t checked_us = 0;
  AlertState state = AlertState::kUnknown;
  std::optional<double> value;  // none: an error, or not the reader's to see
  std::string error;
  std::string rights;
};

// A number that is looked at by the clock: the first column of a statement's first row.
struct Alert {
  About about;
  Ask ask;
  AlertRule rule;
  std::vector<std::string> channels;  // ids
  tasks::Plan plan;
  AlertState state = AlertState::kUnknown;
  int64_t since_us = 0;  // in that state; 0: never checked
  std::optional<AlertCheck> last;
};

// What a value means; `earlier` is what it is compared with, where there is any yet.
AlertState judge(const AlertRule& rule, double value, std::optional<double> earlier);

// Alerts of organizations: editors change them, viewers see them. A message goes to an alert's
// channels when its state changes, in the same transaction, and then only; the first OK is none.
// Thread-safe.
class Alerts {
 public:
  static Result<std::unique_ptr<Alerts>> create(store::Database& database, tasks::Tasks& tasks,
                                                Delivery& delivery, query::Engine& engine,
                                                auth::Authenticator& auth, platform::Clock& clock,
                                                platform::Random& random);

  // Makes one where the id is empty, else changes that one. Errors: InvalidArgument, NotFound (also
  // a channel).
  Result<Alert> set(const auth::Principal& who, Alert alert);
  Status remove(const auth::Principal& who, const std::string& id);
  Result<Alert> find(const auth::Principal& who, const std::string& id);
  Result<std::vector<Alert>> list(const auth::Principal& who);
  // Looks now, as whoever saved it. Conflict while it does.
  Result<tasks::Task> check_now(const auth::Principal& who, const std::string& id);
  // Newest first, the last 500.
  Result<std::vector<AlertCheck>> checks(const auth::Principal& who, const std::string& id,
                                         int64_t max);

 private:
  struct Body;
  struct Arguments;
  Alerts(store::Database& database, tasks::Tasks& tasks, Delivery& delivery, query::Engine& engine,
         auth::Authenticator& auth, platform::Clock& clock, platform::Random& random)
      : database_(database),
        tasks_(tasks),
        delivery_(delivery),
        engine_(engine),
        auth_(auth),
        clock_(clock),
        random_(random) {}
  Result<Alert> of(const Record& record);
  Result<std::vector<AlertCheck>> read_checks(const std::string& id, int64_t max);
  void hide(const auth::Principal& reader, AlertCheck& check);
  Result<std::string> run(const Arguments& arguments, tasks::TaskContext& context);
  Result<AlertCheck> look(const Alert& alert, tasks::TaskContext& context);
  Status keep(const Alert& alert, const AlertCheck& check, const auth::Principal& who);

  store::Database& database_;
  tasks::Tasks& tasks_;
  Delivery& delivery_;
  query::Engine& engine_;
  auth::Authenticator& auth_;
  platform::Clock& clock_;
  platform::Random& random_;
};

}  // namespace firn::automation
