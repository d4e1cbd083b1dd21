#pragma once

#include <functional>
#include <utility>

namespace firn {

// What blocks on this thread while one of these lives ought to end once it says so: whoever waits
// for another machine asks now() again and again, about once a second at least, and gives up with
// Cancelled. Of several the innermost counts.
class Interruption {
 public:
  explicit Interruption(std::function<bool()> wanted)
      : wanted_(std::move(wanted)), outer_(std::exchange(innermost_, this)) {}
  ~Interruption() { innermost_ = outer_; }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // False where nobody may interrupt this thread.
  static bool now() { return innermost_ != nullptr && innermost_->wanted_(); }

 private:
  static thread_local Interruption* innermost_;
  const std::function<bool()> wanted_;
  Interruption* const outer_;
};

inline thread_local Interruption* Interruption::innermost_ = nullptr;

}  // namespace firn
