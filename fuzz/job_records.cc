// Frames of the job queue's log. What can be read makes a state that, written again, is the same.
#include <cstdlib>

#include "jobs/state.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn;
  using namespace firn::jobs;
  State state;
  state.at(1);
  const bool whole = read_records({reinterpret_cast<const char*>(data), size}, state).ok();
  state.restored();
  if (!whole) return 0;
  std::string again;
  state.at(2);
  state.rewrite_oldest(again, 1, SIZE_MAX);
  State other;
  other.at(2);
  if (!read_records(again, other).ok()) std::abort();
  other.restored();
  if (other.jobs() != state.jobs() || other.batches().size() != state.batches().size() ||
      other.settings().size() != state.settings().size()) {
    std::abort();
  }
  for (const auto& [name, queue] : state.queues()) {
    for (JobNode* node = queue->first; node != nullptr; node = node->behind) {
      const JobNode* same = other.find(node->job.jid());
      if (same == nullptr || same->job.to_json() != node->job.to_json()) std::abort();
    }
  }
  return 0;
}
