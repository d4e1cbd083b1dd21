#include "graphql/scheduler.h"

namespace firn::graphql {
namespace {

thread_local Scheduler* current_scheduler = nullptr;

}  // namespace

Scheduler* Scheduler::current() { return current_scheduler; }
void Scheduler::set_current(Scheduler* scheduler) { current_scheduler = scheduler; }

}  // namespace firn::graphql
