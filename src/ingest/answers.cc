#include "ingest/answers.h"

#include "platform/clock.h"
#include "store/database.h"

namespace firn::ingest {
namespace {

constexpr int64_t kKeptUs = 24LL * 3600 * 1'000'000;

Error conflict() {
  return Error(ErrorCode::kIdempotencyConflict,
               "this Idempotency-Key was used for a request with another body");
}

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"ingest", 1,
       "CREATE TABLE remembered_answers (key TEXT PRIMARY KEY, body_hash BLOB NOT NULL, time_us "
       "INTEGER NOT NULL, table_uuid TEXT NOT NULL, lsn INTEGER NOT NULL, answer TEXT NOT NULL) "
       "STRICT, WITHOUT ROWID;"
       "CREATE INDEX remembered_answers_time ON remembered_answers (time_us);"},
  };
  return steps;
}

}  // namespace

Result<std::unique_ptr<Answers>> Answers::create(store::Database& database,
                                                 platform::Clock& clock) {
  TRY(database.migrate(migrations()));
  return std::unique_ptr<Answers>(new Answers(database, clock));
}

Result<std::optional<RememberedAnswer>> Answers::look_up(const std::string& key) {
  std::optional<RememberedAnswer> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("SELECT body_hash, time_us, table_uuid, lsn, answer FROM "
                                "remembered_answers WHERE key = ? AND time_us > ?"));
    row.bind(1, key).bind(2, clock_.now_us() - kKeptUs);
    if (!TRY(row.step())) return {};
    RememberedAnswer answer;
    answer.key = key;
    answer.body_hash = row.column_text(0);
    answer.time_us = row.column_int(1);
    answer.table = TRY(Uuid::parse(row.column_text(2)));
    answer.lsn = static_cast<uint64_t>(row.column_int(3));
    answer.answer = row.column_text(4);
    found = std::move(answer);
    return {};
  }));
  return found;
}

Result<Answers::Begin> Answers::begin(const std::string& key, const std::string& body_hash,
                                      Waiter waiter) {
  {
    std::lock_guard lock(mutex_);
    if (const auto flying = in_flight_.find(key); flying != in_flight_.end()) {
      if (flying->second.body_hash != body_hash) return conflict();
      flying->second.waiters.push_back(std::move(waiter));
      return Begin{Begin::Kind::kInFlight, {}};
    }
    if (const auto known = finished_.find(key); known != finished_.end()) {
      if (known->second.body_hash != body_hash) return conflict();
      return Begin{Begin::Kind::kRepeat, known->second};
    }
    in_flight_.emplace(key, InFlight{body_hash, {}});
  }
  auto stored = look_up(key);
  if (!stored.ok()) {
    abandon(key, stored.error());
    return stored.error();
  }
  if (!stored->has_value()) return Begin{};
  const RememberedAnswer answer = **stored;
  if (answer.body_hash != body_hash) {
    abandon(key, conflict());
    return conflict();
  }
  std::vector<Waiter> waiters;
  {
    std::lock_guard lock(mutex_);
    waiters = std::move(in_flight_[key].waiters);
    in_flight_.erase(key);
  }
  for (const Waiter& other : waiters) other(answer);
  return Begin{Begin::Kind::kRepeat, answer};
}

void Answers::finish(const RememberedAnswer& answer) {
  std::vector<Waiter> waiters;
  {
    std::lock_guard lock(mutex_);
    if (const auto flying = in_flight_.find(answer.key); flying != in_flight_.end()) {
      waiters = std::move(flying->second.waiters);
      in_flight_.erase(flying);
    }
    finished_[answer.key] = answer;
  }
  for (const Waiter& waiter : waiters) waiter(answer);
}

void Answers::abandon(const std::string& key, const Error& why) {
  std::vector<Waiter> waiters;
  {
    std::lock_guard lock(mutex_);
    const auto flying = in_flight_.find(key);
    if (flying == in_flight_.end()) return;
    waiters = std::move(flying->second.waiters);
    in_flight_.erase(flying);
  }
  for (const Waiter& waiter : waiters) waiter(why);
}

void Answers::restore(RememberedAnswer answer) {
  std::lock_guard lock(mutex_);
  finished_[answer.key] = std::move(answer);
}

Status Answers::persist(uint64_t lsn) {
  std::vector<RememberedAnswer> moving;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [key, answer] : finished_) {
      if (answer.lsn <= lsn) moving.push_back(answer);
    }
  }
  if (moving.empty()) return {};
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    for (const RememberedAnswer& answer : moving) {
      auto row = TRY(transaction.prepare(
          "INSERT OR REPLACE INTO remembered_answers VALUES (?, ?, ?, ?, ?, ?)"));
      TRY(row.bind(1, answer.key)
              .bind_blob(2, as_bytes(answer.body_hash))
              .bind(3, answer.time_us)
              .bind(4, answer.table.to_string())
              .bind(5, static_cast<int64_t>(answer.lsn))
              .bind(6, answer.answer)
              .run());
    }
    auto old = TRY(transaction.prepare("DELETE FROM remembered_answers WHERE time_us <= ?"));
    return old.bind(1, clock_.now_us() - kKeptUs).run();
  }));
  std::lock_guard lock(mutex_);
  for (const RememberedAnswer& answer : moving) finished_.erase(answer.key);
  return {};
}

}  // namespace firn::ingest
