// Batches: jobs with callbacks once all were tried (complete) and once all are done (success). A
// batch's callbacks wait for those of the batches within it; success waits for complete.
#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "jobs/queue.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::jobs {
namespace {

constexpr int64_t kKeepEndedUs = 24LL * 3600 * kSecondUs;
constexpr int64_t kKeepIdleUs = 30LL * 86'400 * kSecondUs;
constexpr int kDepthMax = 32;

Error no_such_batch(std::string_view bid) {
  return {ErrorCode::kNotFound, fmt::format("No such batch {}", bid)};
}

}  // namespace

Result<std::pair<std::string, Ticket>> Queue::new_batch(BatchSpec spec) {
  constexpr size_t kTextBytesMax = 1024;
  std::array<uint8_t, 10> id;
  random_.fill(id);
  std::lock_guard lock(mutex_);
  TRY(writable());
  TRY(roomy());
  if (state_.batches().size() >= options_.batches_max) {
    return Error(ErrorCode::kOverloaded, "there are too many batches");
  }
  if (spec.description.size() > kTextBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "description is too long");
  }
  Batch batch;
  batch.bid = "b-" + to_hex(id);
  if (!spec.parent_bid.empty()) {
    const BatchNode* parent = state_.find_batch(spec.parent_bid);
    if (parent == nullptr) return no_such_batch(spec.parent_bid);
    if (parent->batch.committed) {
      return Error(ErrorCode::kConflict, "Batch has already been committed, it must be reopened");
    }
    int depth = 1;
    for (; parent != nullptr; parent = state_.find_batch(parent->batch.parent_bid)) {
      if (++depth > kDepthMax) {
        return Error(ErrorCode::kInvalidArgument, "batches are nested at most 32 deep");
      }
    }
  }
  batch.parent_bid = std::move(spec.parent_bid);
  batch.description = std::move(spec.description);
  batch.success = std::move(spec.success);
  batch.complete = std::move(spec.complete);
  batch.created_us = clock_.now_us();
  std::string bid = batch.bid;
  append_batch(stage(), batch);
  state_.on_batch(std::move(batch));
  return std::pair(std::move(bid), staged_ticket());
}

Result<Ticket> Queue::open_batch(std::string_view bid) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  const BatchNode* node = state_.find_batch(bid);
  if (node == nullptr) return no_such_batch(bid);
  if (node->batch.success_state == Batch::kNever) {
    return Error(ErrorCode::kConflict, "Batch has ended, it cannot be reopened");
  }
  const bool called_complete =
      !node->batch.complete.empty() && node->batch.complete_state != Batch::kNotYet;
  if (called_complete || node->batch.success_state != Batch::kNotYet) {
    return Error(ErrorCode::kConflict, "Batch callbacks are enqueued, it cannot be reopened");
  }
  Batch batch = node->batch;
  batch.committed = false;
  batch.complete_state = Batch::kNotYet;
  batch.ended_us = 0;
  append_batch(stage(), batch);
  state_.on_batch(std::move(batch));
  return staged_ticket();
}

Result<Ticket> Queue::commit_batch(std::string_view bid) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  const BatchNode* node = state_.find_batch(bid);
  if (node == nullptr) return no_such_batch(bid);
  if (node->batch.committed) {
    return Error(ErrorCode::kConflict, "Batch has already been committed");
  }
  Batch batch = node->batch;
  batch.committed = true;
  append_batch(stage(), batch);
  state_.on_batch(std::move(batch));
  advance_batch(std::string(bid));
  advance_batches();
  return staged_ticket();
}

Result<Batch> Queue::batch(std::string_view bid) const {
  std::lock_guard lock(mutex_);
  const BatchNode* node = state_.find_batch(bid);
  if (node == nullptr) return no_such_batch(bid);
  return node->batch;
}

bool Queue::push_callback(const std::string& bid, const std::string& json, bool on_success) {
  std::string text = "{";
  std::string custom;
  bool has_jid = false;
  // It was looked at when the batch was made.
  const auto fields = parse_object(json);
  if (!fields.ok()) return false;
  for (const JsonField& field : *fields) {
    if (field.name == "custom") {
      custom = field.text.substr(1, field.text.size() - 2);
      continue;
    }
    if (field.name == "jid") {
      // Somebody else's job may have that name by now; it stays.
      if (state_.find(field.text) != nullptr) continue;
      has_jid = true;
    }
    append_json_string(text, field.name);
    text += ':';
    if (field.kind == JsonKind::kString) {
      append_json_string(text, field.text);
    } else {
      text += field.text;
    }
    text += ',';
  }
  if (!has_jid) {
    std::array<uint8_t, 12> id;
    random_.fill(id);
    text += fmt::format("\"jid\":\"{}\",", to_hex(id));
  }
  text += fmt::format("\"custom\":{{{}{}\"_bid\":\"{}\",\"_cb\":\"{}\"}}}}", custom,
                      custom.empty() ? "" : ",", bid, on_success ? "success" : "complete");
  auto job = parse_job(text, clock_.now_us());
  if (!job.ok()) return false;
  enqueue(std::move(*job), Cause::kPushed);
  return true;
}

// Enqueues what callbacks are due, and ends it where nothing of it can be done any more. Then its
// parent is looked at.
void Queue::advance_batch(const std::string& first) {
  std::string bid = first;
  // Nesting is as deep as batches there are, at most.
  for (size_t steps = 0; steps <= options_.batches_max; ++steps) {
    const BatchNode* node = state_.find_batch(bid);
    if (node == nullptr || !node->batch.committed || node->batch.ended_us != 0) return;
    Batch batch = node->batch;
    const bool tried = batch.pending <= batch.failed && node->untried == 0;
    if (tried && batch.complete_state == Batch::kNotYet) {
      batch.complete_state = batch.complete.empty() ? Batch::kDone : Batch::kEnqueued;
    }
    const bool completed = tried && batch.complete_state == Batch::kDone;
    const bool succeeded = completed && batch.pending == 0 && node->unsuccessful == 0;
    if (succeeded && !batch.success.empty() && batch.success_state == Batch::kNotYet) {
      batch.success_state = Batch::kEnqueued;
    }
    const auto call = [&](uint8_t before, uint8_t now) {
      return before == Batch::kNotYet && now == Batch::kEnqueued;
    };
    const bool call_complete = call(node->batch.complete_state, batch.complete_state);
    const bool call_success = call(node->batch.success_state, batch.success_state);
    if (succeeded && (batch.success.empty() || batch.success_state == Batch::kDone)) {
      batch.ended_us = clock_.now_us();
    } else if (node->jobs == 0 && node->unended == 0 && !call_complete && !call_success) {
      // A job of it, or a callback, failed and was not kept.
      end_without_success(batch);
    }
    const bool ended = batch.ended_us != 0;
    const std::string parent = batch.parent_bid;
    if (ended || batch.complete_state != node->batch.complete_state || call_success) {
      append_batch(stage(), batch);
      state_.on_batch(batch);
      if (call_complete) push_callback(bid, batch.complete, false);
      if (call_success) push_callback(bid, batch.success, true);
    }
    if ((!completed && !ended) || parent.empty()) return;
    bid = parent;
  }
}

void Queue::end_without_success(Batch& batch) {
  batch.ended_us = clock_.now_us();
  batch.success_state = Batch::kNever;
}

void Queue::advance_batches() {
  // A callback's end touches its batch, and that is all that touching leads to.
  for (auto touched = state_.take_touched_batches(); !touched.empty();
       touched = state_.take_touched_batches()) {
    for (const std::string& bid : touched) advance_batch(bid);
  }
}

void Queue::expire_batches(int64_t now_us) {
  std::vector<std::string> old;
  std::vector<std::string> abandoned;
  for (const auto& [bid, node] : state_.batches()) {
    if (node->batch.ended_us == 0) {
      const bool idle = node->jobs == 0 && node->unended == 0;
      if (idle && node->batch.created_us + kKeepIdleUs <= now_us) abandoned.push_back(bid);
      continue;
    }
    const BatchNode* parent = state_.find_batch(node->batch.parent_bid);
    // A parent asks for its children until it has ended itself.
    if (parent != nullptr && parent->batch.ended_us == 0) continue;
    if (node->batch.ended_us + kKeepEndedUs <= now_us) old.push_back(bid);
  }
  for (const std::string& bid : old) {
    append_batch_removal(stage(), bid);
    state_.on_batch_removal(bid);
  }
  // Never committed, as a rule. Nobody gets to add to it from now on.
  for (const std::string& bid : abandoned) {
    Batch batch = state_.find_batch(bid)->batch;
    batch.committed = true;
    end_without_success(batch);
    const std::string parent = batch.parent_bid;
    append_batch(stage(), batch);
    state_.on_batch(std::move(batch));
    if (!parent.empty()) advance_batch(parent);
  }
}

}  // namespace firn::jobs
