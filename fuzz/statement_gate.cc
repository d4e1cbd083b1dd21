// Statements: whatever DuckDB's parser makes of them, the gate lets only reading ones through, and
// looking does not crash. The bounds before the parser hold for every input.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "query/engine.h"
#include "query/worker/admission.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn;
  if (size > 1 << 14) return 0;
  const std::string statement(reinterpret_cast<const char*>(data), size);
  if (!query::check_statement_bounds(statement, query::EngineOptions{}).ok()) return 0;
  const auto admitted = query::admit(statement);
  if (!admitted.ok()) return 0;
  const std::string& kind = *admitted;
  if (kind != "SELECT" && kind != "EXPLAIN") std::abort();
  return 0;
}
