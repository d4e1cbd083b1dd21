// Validation and limits of anything that parses; what is valid is run, at its limits.
#include <cstdlib>
#include <string>

#include "graphql/json.h"
#include "graphql/tests/library/library.h"

namespace {

using namespace firn::graphql;

struct Fixture {
  std::shared_ptr<library::Data> data = library::Data::make(3);
  std::unique_ptr<Service> service;
  Fixture() {
    ServiceOptions options;
    options.authorizer = library::make_authorizer();
    service = MUST(library::make_library(data, options));  // no pool: what blocks is refused
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Fixture fixture;
  if (size > 1 << 14) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  bool answered = false;
  fixture.service->run(text, std::nullopt, Value(),
                       std::make_shared<library::Context>(fixture.data), [&](Response response) {
                         if (!parse_json(response.body).ok()) std::abort();
                         answered = true;
                       });
  if (!answered) std::abort();
  return 0;
}
