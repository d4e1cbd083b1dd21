#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "automation/alerts.h"
#include "store/database.h"

// The checks of alerts as they are kept: the newest kChecksKept of each. Of older ones, a rule on a
// change keeps what it will compare with.
namespace firn::automation::checks {

inline constexpr int64_t kChecksKept = 500;
// So many older ones at most: over a long time every so many minutes one.
inline constexpr int64_t kEarlierKept = 1000;

Status migrate(store::Database& database);
// Adds the check and forgets what is not needed any more.
Status keep(store::Transaction& transaction, const std::string& alert, const AlertRule& rule,
            const AlertCheck& check);
// Newest first.
Result<std::vector<AlertCheck>> list(store::Transaction& transaction, const std::string& alert,
                                     int64_t max);
// What a check at `now_us` is compared with: the value of the latest check that is at least
// rule.change_minutes old, within a thousandth of that; none where there is none yet.
Result<std::optional<double>> earlier_value(store::Transaction& transaction,
                                            const std::string& alert, const AlertRule& rule,
                                            int64_t now_us);

}  // namespace firn::automation::checks
