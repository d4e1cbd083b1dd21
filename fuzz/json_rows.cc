// Bodies of /append: both kernels must agree with each other, rows must validate, and one object a
// line must give what the same objects in an array give.
#include <arrow/record_batch.h>

#include <cstdlib>
#include <string>

#include "ingest/json_rows.h"
#include "ingest/json_splitter.h"

namespace {

using namespace firn;

void renumber(std::vector<iceberg::Field>& fields) {
  int32_t id = 0;
  for (auto& field : fields) field.id = ++id;
}

void must(bool condition) {
  if (!condition) std::abort();
}

void check(const Result<ingest::JsonOutcome>& outcome) {
  if (!outcome.ok() || outcome->needs_evolution) return;
  must(outcome->rows.batch->ValidateFull().ok());
  const int64_t fitted = outcome->rows.batch->num_rows();
  must(fitted + static_cast<int64_t>(outcome->rows.rejected.size()) == outcome->rows.rows_seen);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1 || size > 1 << 16) return 0;
  const auto shape = data[0] & 1 ? ingest::JsonShape::kLines : ingest::JsonShape::kValue;
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t length = body.size();
  body.append(64, '\0');
  const std::string_view view(body.data(), length);

  iceberg::Schema fixed;
  const auto add = [&](const char* name, iceberg::TypePtr type) {
    fixed.fields.push_back(
        {static_cast<int32_t>(fixed.fields.size() + 1), name, std::move(type), false, {}, {}, {}});
  };
  add("a", iceberg::primitive(iceberg::TypeId::kInt));
  add("b", iceberg::primitive(iceberg::TypeId::kString));
  add("c", iceberg::decimal(9, 2));
  add("d", iceberg::primitive(iceberg::TypeId::kTimestampTz));
  add("e", iceberg::list_of(20, iceberg::primitive(iceberg::TypeId::kDouble), false));
  add("f", iceberg::map_of(21, iceberg::primitive(iceberg::TypeId::kString), 22,
                           iceberg::primitive(iceberg::TypeId::kLong), false));
  add("g", iceberg::struct_of(
               {{23, "h", iceberg::primitive(iceberg::TypeId::kUuid), false, {}, {}, {}}}));
  check(ingest::decode_json(view, fixed, {shape, false, 0}));
  auto appender = ingest::JsonAppender::create(fixed);
  const auto added = appender->append(view, shape);
  if (!added.ok() || !*added) must(appender->rows() == 0);
  must(appender->take()->ValidateFull().ok());

  const auto seen = ingest::infer_json(view, shape);
  if (seen.ok()) {
    auto schema = ingest::evolve_for({}, *seen, {});
    if (schema.ok()) {
      renumber(schema->fields);
      check(ingest::decode_json(view, *schema, {shape, false, 0}));
    }
  }
  ingest::JsonSplitter splitter;
  std::string lines;
  if (splitter.feed(view, lines).ok()) (void)splitter.finish();
  return 0;
}
