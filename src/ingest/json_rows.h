#pragma once

#include <string_view>

#include "ingest/rows.h"

namespace firn::ingest {

enum class JsonShape {
  kValue,  // one object, or an array of objects
  kLines,  // one object a line; blank lines do not count
};

struct JsonOptions {
  JsonShape shape = JsonShape::kValue;
  // Stop at the first value for which the schema has no column or too small a type.
  bool stop_at_unknown = true;
  int64_t first_index = 0;  // of the body's first row
};

struct JsonOutcome {
  DecodedRows rows;
  bool needs_evolution = false;  // only with stop_at_unknown; rows are incomplete then
};

// `body` must have 64 readable bytes behind its end. Thread-safe; parsers are kept per thread.
// Errors: InvalidData when the body as a whole is not JSON of that shape.
Result<JsonOutcome> decode_json(std::string_view body, const iceberg::Schema& schema,
                                const JsonOptions& options);
// What all rows together say of the columns' types. Rows that cannot be read are passed over.
Result<InferredType> infer_json(std::string_view body, JsonShape shape);

// Collects the rows of many small bodies into one batch. Not thread-safe.
class JsonAppender {
 public:
  static std::unique_ptr<JsonAppender> create(const iceberg::Schema& schema);
  virtual ~JsonAppender() = default;
  // True: every row of the body was added. False: nothing was, a row does not fit as it is, and
  // decode_json() says more. Errors as there; nothing was added.
  virtual Result<bool> append(std::string_view body, JsonShape shape) = 0;
  virtual int64_t rows() const = 0;
  virtual void truncate(int64_t rows) = 0;
  // What was added since the last time.
  virtual std::shared_ptr<arrow::RecordBatch> take() = 0;
};

// Two builds of one source, for what the processor can do; decode_json and infer_json choose.
#define FIRN_JSON_KERNEL(name)                                                          \
  namespace name {                                                                      \
  Result<JsonOutcome> decode_json(std::string_view body, const iceberg::Schema& schema, \
                                  const JsonOptions& options);                          \
  Result<InferredType> infer_json(std::string_view body, JsonShape shape);              \
  std::unique_ptr<JsonAppender> make_appender(const iceberg::Schema& schema);           \
  }
FIRN_JSON_KERNEL(json_haswell)
FIRN_JSON_KERNEL(json_westmere)
#undef FIRN_JSON_KERNEL

}  // namespace firn::ingest
