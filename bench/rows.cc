#include "rows.h"

#include <fmt/format.h>

namespace firn::bench {

std::string make_row(unsigned long i) {
  constexpr const char* kEvents[] = {"page_view", "click", "purchase", "search"};
  constexpr const char* kCountries[] = {"DE", "FR", "US", "JP", "BR"};
  return fmt::format(
      R"({{"id":{},"ts":"2026-01-{:02}T{:02}:{:02}:{:02}.{:06}Z","user":"user-{:08}","event":"{}",)"
      R"("path":"/products/{}/details","country":"{}","amount":{:.2f},"quantity":{},"mobile":{},)"
      R"("session":"{:016x}"}})",
      i, 1 + i / 86400 % 28, i / 3600 % 24, i / 60 % 60, i % 60, i * 7919 % 1000000,
      i * 2654435761UL % 100000, kEvents[i % 4], i % 977, kCountries[i % 5],
      static_cast<double>(i * 31 % 100000) / 100, i % 9, i % 3 == 0 ? "true" : "false",
      i * 11400714819323198485UL);
}

std::string make_body(unsigned long first, int rows, bool lines) {
  std::string body = lines ? "" : "[";
  for (int i = 0; i < rows; ++i) {
    if (!lines && i > 0) body += ',';
    body += make_row(first + static_cast<unsigned long>(i));
    if (lines) body += '\n';
  }
  if (!lines) body += ']';
  return body;
}

}  // namespace firn::bench
