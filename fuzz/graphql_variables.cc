// JSON from outside as variables of every kind of input.
#include <cstdlib>
#include <string>

#include "graphql/json.h"
#include "graphql/tests/library/library.h"

namespace {

using namespace firn::graphql;

constexpr char kDocument[] =
    R"(query ($int: Int, $float: Float, $string: String, $id: ID, $boolean: Boolean, $long: Long,
  $time: DateTime, $json: JSON, $genre: Genre = NOVEL, $list: [Int], $filter: Filter, $key: Key!, $first: Int) {
  echo(int: $int, float: $float, string: $string, id: $id, boolean: $boolean, long: $long, time: $time, json: $json,
    genre: $genre, list: $list, filter: $filter)
  bookBy(key: $key) { id }
  books(first: $first, filter: $filter) { totalCount } })";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto rows = library::Data::make(3);
  static const auto service = MUST(library::make_library(rows, {}));
  if (size > 1 << 14) return 0;
  const auto variables = parse_json({reinterpret_cast<const char*>(data), size});
  if (!variables.ok()) return 0;
  // What is written reads as itself.
  const std::string written = variables->to_json();
  if (MUST(parse_json(written)).to_json() != written) std::abort();
  if (variables->kind != Value::Kind::kObject) return 0;
  bool answered = false;
  service->run(kDocument, std::nullopt, *variables, std::make_shared<library::Context>(rows),
               [&](Response response) {
                 if (!parse_json(response.body).ok()) std::abort();
                 answered = true;
               });
  if (!answered) std::abort();
  return 0;
}
