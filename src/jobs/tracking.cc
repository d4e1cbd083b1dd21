#include "jobs/tracking.h"

namespace firn::jobs {

Progress& Tracking::entry(std::string_view jid, int64_t now_us) {
  const auto [found, made] = entries_.try_emplace(std::string(jid));
  if (made) {
    found->second.jid = jid;
    order_.emplace_back(now_us, jid);
  }
  found->second.updated_us = now_us;
  Progress& progress = found->second;
  while (entries_.size() > kEntriesMax && order_.front().second != jid) {
    entries_.erase(order_.front().second);
    order_.pop_front();
  }
  return progress;
}

void Tracking::update(const ProgressUpdate& update, int64_t now_us) {
  Progress& progress = entry(update.jid, now_us);
  if (update.percent) progress.percent = *update.percent;
  if (update.description) progress.description = *update.description;
}

void Tracking::ended(std::string_view jid, std::string state, int64_t now_us) {
  entry(jid, now_us).state = std::move(state);
}

const Progress* Tracking::find(std::string_view jid) const {
  const auto found = entries_.find(std::string(jid));
  return found == entries_.end() ? nullptr : &found->second;
}

void Tracking::expire(int64_t now_us) {
  // Each entry stands in the order once; one that was updated since goes to the end.
  while (!order_.empty() && order_.front().first + kKeepUs <= now_us) {
    auto [at, jid] = std::move(order_.front());
    order_.pop_front();
    const auto found = entries_.find(jid);
    if (found == entries_.end()) continue;
    if (found->second.updated_us + kKeepUs <= now_us) {
      entries_.erase(found);
    } else {
      order_.emplace_back(found->second.updated_us, std::move(jid));
    }
  }
}

void Tracking::clear() {
  entries_.clear();
  order_.clear();
}

}  // namespace firn::jobs
