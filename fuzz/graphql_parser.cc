// What is printed reads as the same document, and prints the same again.
#include <cstdlib>
#include <string>

#include "graphql/document.h"
#include "graphql/printer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn::graphql;
  if (size > 1 << 16) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto first = parse(text);
  if (!first.document) {
    if (first.error.locations.size() != 1) std::abort();
    return 0;
  }
  const std::string printed = print(first.document->root());
  const auto second = parse(printed);
  if (!second.document) std::abort();
  if (print(second.document->root()) != printed) std::abort();
  return 0;
}
