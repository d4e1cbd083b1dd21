#include "ingest/json_rows.h"

namespace firn::ingest {
namespace {

bool has_avx2() {
  static const bool known = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                            __builtin_cpu_supports("pclmul");
  return known;
}

}  // namespace

Result<JsonOutcome> decode_json(std::string_view body, const iceberg::Schema& schema,
                                const JsonOptions& options) {
  return has_avx2() ? json_haswell::decode_json(body, schema, options)
                    : json_westmere::decode_json(body, schema, options);
}

Result<InferredType> infer_json(std::string_view body, JsonShape shape) {
  return has_avx2() ? json_haswell::infer_json(body, shape)
                    : json_westmere::infer_json(body, shape);
}

std::unique_ptr<JsonAppender> JsonAppender::create(const iceberg::Schema& schema) {
  return has_avx2() ? json_haswell::make_appender(schema) : json_westmere::make_appender(schema);
}

}  // namespace firn::ingest
