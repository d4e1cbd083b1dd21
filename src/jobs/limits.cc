#include "jobs/limits.h"

#include <algorithm>

#include <fmt/format.h>

namespace firn::jobs {

std::string limit_setting(LimitKind kind, std::string_view name) {
  return fmt::format("limit/{}/{}", kLimitKindNames[static_cast<size_t>(kind)], name);
}

std::string limit_json(const Limit& limit) {
  std::string json = fmt::format(
      "{{\"kind\":\"{}\",\"concurrency\":{},\"rate\":{},\"per_s\":{},\"name\":",
      kLimitKindNames[static_cast<size_t>(limit.kind)], limit.concurrency, limit.rate, limit.per_s);
  append_json_string(json, limit.name);
  return json + '}';
}

Result<Limit> parse_limit(std::string_view json) {
  Limit limit;
  for (const JsonField& field : TRY(parse_object(json))) {
    if (field.name == "kind") {
      const auto* found = std::find(std::begin(kLimitKindNames), std::end(kLimitKindNames),
                                    std::string_view(field.text));
      if (found == std::end(kLimitKindNames)) {
        return Error(ErrorCode::kInvalidData, "there is no such kind of limit");
      }
      limit.kind = static_cast<LimitKind>(found - std::begin(kLimitKindNames));
    } else if (field.name == "name") {
      limit.name = field.text;
    } else if (field.name == "concurrency") {
      limit.concurrency = TRY(whole_number(field));
    } else if (field.name == "rate") {
      limit.rate = TRY(whole_number(field));
    } else if (field.name == "per_s") {
      limit.per_s = TRY(whole_number(field));
    }
  }
  constexpr int64_t kMost = 1'000'000;
  const auto within = [](int64_t value, int64_t min) { return value >= min && value <= kMost; };
  if (limit.name.empty() || !within(limit.concurrency, 0) || !within(limit.rate, 0) ||
      !within(limit.per_s, 1)) {
    return Error(ErrorCode::kInvalidData, "a limit needs a name, and numbers up to 1000000");
  }
  return limit;
}

void Limits::set(const Limit& limit) {
  Entry& entry = entries_[{limit.kind, limit.name}];
  entry.limit = limit;
  entry.tokens = static_cast<double>(limit.rate);
}

void Limits::remove(LimitKind kind, std::string_view name) {
  entries_.erase({kind, std::string(name)});
}

std::vector<Limit> Limits::list() const {
  std::vector<Limit> all;
  for (const auto& [key, entry] : entries_) all.push_back(entry.limit);
  return all;
}

Limits::Entry* Limits::find(LimitKind kind, std::string_view name) {
  const auto found = entries_.find({kind, std::string(name)});
  return found == entries_.end() ? nullptr : &found->second;
}

bool Limits::has_room(Entry& entry, int64_t now_us) {
  const Limit& limit = entry.limit;
  if (limit.concurrency > 0 && entry.running >= limit.concurrency) return false;
  if (limit.rate == 0) return true;
  // A bucket of `rate` tokens that is full again after `per_s`.
  const double filled = static_cast<double>(std::max<int64_t>(0, now_us - entry.filled_us)) *
                        static_cast<double>(limit.rate) /
                        static_cast<double>(limit.per_s * kSecondUs);
  entry.tokens = std::min(static_cast<double>(limit.rate), entry.tokens + filled);
  entry.filled_us = now_us;
  return entry.tokens >= 1;
}

template <typename F>
void Limits::each_of(const Job& job, F body) {
  if (entries_.empty()) return;
  if (Entry* entry = find(LimitKind::kQueue, job.queue())) body(*entry);
  if (Entry* entry = find(LimitKind::kType, job.type)) body(*entry);
  if (job.extras && !job.extras->limit_key.empty()) {
    if (Entry* entry = find(LimitKind::kKey, job.extras->limit_key)) body(*entry);
  }
}

bool Limits::allows_queue(std::string_view queue, int64_t now_us) {
  Entry* entry = find(LimitKind::kQueue, queue);
  return entry == nullptr || has_room(*entry, now_us);
}

bool Limits::allows(const Job& job, int64_t now_us) {
  bool allowed = true;
  each_of(job, [&](Entry& entry) { allowed = allowed && has_room(entry, now_us); });
  return allowed;
}

void Limits::began(const Job& job) {
  each_of(job, [](Entry& entry) { ++entry.running; });
}

void Limits::recount(const Limit& limit, const Job& job) {
  each_of(job, [&](Entry& entry) {
    if (entry.limit.kind == limit.kind && entry.limit.name == limit.name) ++entry.running;
  });
}

void Limits::spend(const Job& job) {
  each_of(job, [](Entry& entry) {
    if (entry.limit.rate > 0) entry.tokens -= 1;
  });
}

void Limits::ended(const Job& job) {
  each_of(job, [](Entry& entry) { entry.running = std::max<int64_t>(0, entry.running - 1); });
}

}  // namespace firn::jobs
