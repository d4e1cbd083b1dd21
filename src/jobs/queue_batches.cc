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
  if (node->batch.complete_state != 0 || node->batch.success_state != 0) {
    return Error(ErrorCode::kConflict, "Batch callbacks are enqueued, it cannot be reopened");
  }
  Batch batch = node->batch;
  batch.committed = false;
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

bool Queue::complete_finished(const BatchNode& node) const {
  if (!node.batch.committed || node.batch.pending > node.batch.failed) return false;
  if (!node.batch.complete.empty()) return node.batch.complete_state == 2;
  return std::all_of(node.children.begin(), node.children.end(), [&](const std::string& bid) {
    const BatchNode* child = state_.find_batch(bid);
    return child == nullptr || complete_finished(*child);
  });
}

bool Queue::success_finished(const BatchNode& node) const { return node.batch.ended_us != 0; }

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
    has_jid = has_jid || field.name == "jid";
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

// Enqueues what callbacks are due. Where nothing is left to do, its parent is looked at next.
void Queue::advance_batch(const std::string& first) {
  std::string bid = first;
  // Nesting is as deep as batches there are, at most.
  for (size_t steps = 0; steps <= options_.batches_max; ++steps) {
    const BatchNode* node = state_.find_batch(bid);
    if (node == nullptr || !node->batch.committed || node->batch.ended_us != 0) return;
    Batch batch = node->batch;
    const auto each_child = [&](auto test) {
      return std::all_of(node->children.begin(), node->children.end(), [&](const std::string& id) {
        const BatchNode* child = state_.find_batch(id);
        return child == nullptr || test(*child);
      });
    };
    const bool tried = batch.pending <= batch.failed &&
                       each_child([&](const BatchNode& c) { return complete_finished(c); });
    if (tried && !batch.complete.empty() && batch.complete_state == 0) batch.complete_state = 1;
    const bool completed = tried && (batch.complete.empty() || batch.complete_state == 2);
    const bool succeeded = completed && batch.pending == 0 &&
                           each_child([&](const BatchNode& c) { return success_finished(c); });
    if (succeeded && !batch.success.empty() && batch.success_state == 0) batch.success_state = 1;
    if (succeeded && (batch.success.empty() || batch.success_state == 2)) {
      batch.ended_us = clock_.now_us();
    }
    const bool changed = batch.complete_state != node->batch.complete_state ||
                         batch.success_state != node->batch.success_state ||
                         batch.ended_us != node->batch.ended_us;
    const bool call_complete = batch.complete_state > node->batch.complete_state;
    const bool call_success = batch.success_state > node->batch.success_state;
    const std::string parent = batch.parent_bid;
    if (changed) {
      append_batch(stage(), batch);
      state_.on_batch(batch);
      if (call_complete) push_callback(bid, batch.complete, false);
      if (call_success) push_callback(bid, batch.success, true);
    }
    if (!completed || parent.empty()) return;
    bid = parent;
  }
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
  for (const auto& [bid, node] : state_.batches()) {
    const BatchNode* parent = state_.find_batch(node->batch.parent_bid);
    // A parent asks for its children until it has ended itself.
    if (parent != nullptr && parent->batch.ended_us == 0) continue;
    if (node->batch.ended_us != 0 && node->batch.ended_us + kKeepEndedUs <= now_us) {
      old.push_back(bid);
    }
  }
  for (const std::string& bid : old) {
    append_batch_removal(stage(), bid);
    state_.on_batch_removal(bid);
  }
}

}  // namespace firn::jobs
