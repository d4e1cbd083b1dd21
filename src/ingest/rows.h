#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/types.h"

namespace arrow {
class RecordBatch;
}

namespace firn::ingest {

// A row that could not be read or fitted, and why.
struct RejectedRow {
  int64_t index = 0;  // in the request, from 0
  std::string error;
  std::string raw;  // the row's bytes, cut at kRejectedBytesMax
};
inline constexpr size_t kRejectedBytesMax = 64 << 10;

struct DecodedRows {
  std::shared_ptr<arrow::RecordBatch> batch;  // of iceberg::to_arrow_schema(schema)
  std::vector<RejectedRow> rejected;
  int64_t rows_seen = 0;  // fitted and rejected
};

struct InferredField;

// What values say of a column's type. Grows as rows are looked at.
struct InferredType {
  enum class Kind : uint8_t {
    kUnknown,
    kBoolean,
    kLong,
    kDouble,
    kDate,
    kTimestamp,
    kTimestampTz,
    kString,
    kStruct,
    kList
  };
  Kind kind = Kind::kUnknown;
  bool beyond_int = false;            // a whole number outside 32 bits
  int32_t integer_digits = 0;         // the most digits before the point
  std::vector<InferredField> fields;  // kStruct, in order of first sight
  std::vector<InferredType> element;  // kList: exactly one

  InferredType();
  ~InferredType();
  InferredType(const InferredType&);
  InferredType(InferredType&&) noexcept;
  InferredType& operator=(const InferredType&);
  InferredType& operator=(InferredType&&) noexcept;
};

struct InferredField {
  std::string name;
  InferredType type;
};

// The type of values of which some are like `a` and some like `b`: whole and other numbers are
// doubles, dates, times and other text are strings; where nothing holds both, `a`'s stays.
void merge_inferred(InferredType& a, const InferredType& b);
// By the form of the text: date, timestamp (with an offset or without), or string.
InferredType::Kind infer_text(std::string_view text);

struct EvolutionLimits {
  int columns_max = 1000;  // at all levels together
  int depth_max = 8;
};

// `schema` with what `rows` (a struct) needs beyond it: new nullable columns (field id 0), int
// widened to long, more digits for decimals. Unchanged where nothing is needed or allowed.
// Errors: IncompatibleSchema when a limit would be passed.
Result<iceberg::Schema> evolve_for(const iceberg::Schema& schema, const InferredType& rows,
                                   const EvolutionLimits& limits);

// The same for columns that come with types: new ones are added, nullable, with those types; known
// ones are widened where iceberg::may_promote allows.
Result<iceberg::Schema> evolve_for_columns(const iceberg::Schema& schema,
                                           const iceberg::Schema& incoming,
                                           const EvolutionLimits& limits);

}  // namespace firn::ingest
