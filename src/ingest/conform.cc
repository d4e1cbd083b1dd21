#include "ingest/conform.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/compute/cast.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "iceberg/arrow_schema.h"

namespace firn::ingest {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

Error arrow_error(const arrow::Status& status) {
  return Error(ErrorCode::kInternal, "cannot bring rows to the table's schema", status.ToString());
}

int field_id(const arrow::Field& field) {
  if (!field.metadata()) return -1;
  const auto text = field.metadata()->Get("PARQUET:field_id");
  return text.ok() ? std::atoi(text->c_str()) : -1;
}

Result<ArrayPtr> nulls(const std::shared_ptr<arrow::DataType>& type, int64_t length) {
  auto made = arrow::MakeArrayOfNull(type, length);
  if (!made.ok()) return arrow_error(made.status());
  return *made;
}

Result<ArrayPtr> conform(const ArrayPtr& from, const std::shared_ptr<arrow::DataType>& to);

// Children of a struct by field id. `children` are at the array's offset and length already.
Result<arrow::ArrayVector> conform_children(const arrow::FieldVector& from_fields,
                                            const arrow::ArrayVector& children,
                                            const arrow::FieldVector& to_fields, int64_t length) {
  arrow::ArrayVector conformed;
  for (const auto& wanted : to_fields) {
    ArrayPtr found;
    for (size_t i = 0; i < from_fields.size() && !found; ++i) {
      if (field_id(*from_fields[i]) == field_id(*wanted)) found = children[i];
    }
    conformed.push_back(found ? TRY(conform(found, wanted->type()))
                              : TRY(nulls(wanted->type(), length)));
  }
  return conformed;
}

Result<ArrayPtr> conform(const ArrayPtr& from, const std::shared_ptr<arrow::DataType>& to) {
  if (from->type()->Equals(*to, true)) return from;
  switch (to->id()) {
    case arrow::Type::STRUCT: {
      const auto& source = static_cast<const arrow::StructArray&>(*from);
      arrow::ArrayVector children;
      for (int i = 0; i < source.num_fields(); ++i) children.push_back(source.field(i));
      children =
          TRY(conform_children(from->type()->fields(), children, to->fields(), from->length()));
      auto bitmap = source.null_bitmap();
      return ArrayPtr(std::make_shared<arrow::StructArray>(
          to, from->length(), std::move(children), std::move(bitmap), source.null_count(), 0));
    }
    case arrow::Type::LIST: {
      const auto& source = static_cast<const arrow::ListArray&>(*from);
      ArrayPtr values = TRY(conform(source.values(), to->field(0)->type()));
      return ArrayPtr(std::make_shared<arrow::ListArray>(to, from->length(), source.value_offsets(),
                                                         std::move(values), source.null_bitmap(),
                                                         source.null_count(), from->offset()));
    }
    case arrow::Type::MAP: {
      const auto& source = static_cast<const arrow::MapArray&>(*from);
      const auto& type = static_cast<const arrow::MapType&>(*to);
      ArrayPtr keys = TRY(conform(source.keys(), type.key_type()));
      ArrayPtr items = TRY(conform(source.items(), type.item_type()));
      return ArrayPtr(std::make_shared<arrow::MapArray>(
          to, from->length(), source.value_offsets(), std::move(keys), std::move(items),
          source.null_bitmap(), source.null_count(), from->offset()));
    }
    default: {
      auto cast = arrow::compute::Cast(*from, to);
      if (!cast.ok()) return arrow_error(cast.status());
      return *cast;
    }
  }
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatch>> conform_by_id(
    const std::shared_ptr<arrow::RecordBatch>& batch, const iceberg::Schema& schema) {
  const auto wanted = iceberg::to_arrow_schema(schema);
  if (batch->schema()->Equals(*wanted, true)) return batch;
  auto columns = TRY(conform_children(batch->schema()->fields(), batch->columns(), wanted->fields(),
                                      batch->num_rows()));
  return arrow::RecordBatch::Make(wanted, batch->num_rows(), std::move(columns));
}

}  // namespace firn::ingest
