#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/compute/api.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <mutex>

#include "iceberg/arrow_schema.h"
#include "iceberg/arrow_schema_internal.h"

namespace firn::iceberg {
namespace {

using ArrowType = arrow::Type;
using ArrayPtr = std::shared_ptr<arrow::Array>;

Error does_not_fit(const std::string& path, const arrow::DataType& from, const Type& to,
                   std::string detail = {}) {
  return Error(ErrorCode::kIncompatibleSchema,
               "column '" + path + "' is " + type_name(to) + " in the table, " + from.ToString() +
                   " in the data",
               std::move(detail));
}

void register_kernels() {
  static std::once_flag once;
  std::call_once(once, [] { (void)arrow::compute::Initialize(); });
}

Result<ArrayPtr> cast(const ArrayPtr& array, const std::shared_ptr<arrow::DataType>& to,
                      const std::string& path, const Type& type) {
  register_kernels();
  arrow::compute::CastOptions options = arrow::compute::CastOptions::Safe();
  // Tables keep microseconds; what is finer is cut.
  options.allow_time_truncate = true;
  auto outcome = arrow::compute::Cast(*array, to, options);
  if (!outcome.ok()) {
    return does_not_fit(path, *array->type(), type, outcome.status().ToString());
  }
  return *outcome;
}

// Dictionaries, run-end encoding and extension types stand for what they hold.
Result<ArrayPtr> unwrapped(ArrayPtr array, const std::string& path, const Type& type) {
  while (true) {
    switch (array->type_id()) {
      case ArrowType::EXTENSION:
        array = static_cast<const arrow::ExtensionArray&>(*array).storage();
        break;
      case ArrowType::DICTIONARY:
        array =
            TRY(cast(array, static_cast<const arrow::DictionaryType&>(*array->type()).value_type(),
                     path, type));
        break;
      case ArrowType::RUN_END_ENCODED: {
        register_kernels();
        auto decoded = arrow::compute::RunEndDecode(array);
        if (!decoded.ok()) return does_not_fit(path, *array->type(), type);
        array = decoded->make_array();
        break;
      }
      default: return array;
    }
  }
}

Result<ArrayPtr> conform_array(ArrayPtr array, const Type& type, const std::string& path);

Result<ArrayPtr> all_null(const Type& type, int64_t length, const std::string& path) {
  auto made = arrow::MakeArrayOfNull(to_arrow_type(type), length);
  if (!made.ok()) {
    return Error(ErrorCode::kInternal, "no memory for column '" + path + "'",
                 made.status().ToString());
  }
  return *made;
}

// The children keep their parent's offset, so they are converted whole.
Result<ArrayPtr> conform_struct(const ArrayPtr& array, const Type& type, const std::string& path) {
  if (array->type_id() != ArrowType::STRUCT) return does_not_fit(path, *array->type(), type);
  auto data = array->data()->Copy();
  const auto& from = static_cast<const arrow::StructType&>(*array->type());
  std::vector<std::shared_ptr<arrow::ArrayData>> children;
  for (const Field& field : type.fields) {
    const std::string inner = path + "." + field.name;
    const int index = from.GetFieldIndex(field.name);
    ArrayPtr child;
    if (index < 0) {
      child = TRY(all_null(*field.type, data->offset + data->length, inner));
    } else {
      child = TRY(conform_array(arrow::MakeArray(data->child_data[static_cast<size_t>(index)]),
                                *field.type, inner));
    }
    children.push_back(child->data());
  }
  data->child_data = std::move(children);
  data->type = to_arrow_type(type);
  return arrow::MakeArray(data);
}

Result<ArrayPtr> conform_list(ArrayPtr array, const Type& type, const std::string& path) {
  switch (array->type_id()) {
    case ArrowType::LIST: break;
    case ArrowType::LARGE_LIST:
    case ArrowType::FIXED_SIZE_LIST:
    case ArrowType::LIST_VIEW:
    case ArrowType::LARGE_LIST_VIEW:
      array = TRY(cast(array, arrow::list(array->type()->field(0)), path, type));
      break;
    default: return does_not_fit(path, *array->type(), type);
  }
  auto data = array->data()->Copy();
  const ArrayPtr element = TRY(conform_array(arrow::MakeArray(data->child_data[0]),
                                             *type.fields[0].type, path + ".element"));
  data->child_data[0] = element->data();
  data->type = to_arrow_type(type);
  return arrow::MakeArray(data);
}

Result<ArrayPtr> conform_map(const ArrayPtr& array, const Type& type, const std::string& path) {
  if (array->type_id() != ArrowType::MAP) return does_not_fit(path, *array->type(), type);
  auto data = array->data()->Copy();
  auto entries = data->child_data[0]->Copy();
  for (size_t i = 0; i < 2; ++i) {
    const ArrayPtr child =
        TRY(conform_array(arrow::MakeArray(entries->child_data[i]), *type.fields[i].type,
                          path + "." + type.fields[i].name));
    entries->child_data[i] = child->data();
  }
  const auto to = to_arrow_type(type);
  entries->type = to->field(0)->type();
  data->child_data[0] = std::move(entries);
  data->type = to;
  return arrow::MakeArray(data);
}

bool same_but_for_precision(TypeId a, TypeId b) {
  const auto plain = [](TypeId id) {
    if (id == TypeId::kTimestampNs) return TypeId::kTimestamp;
    return id == TypeId::kTimestampTzNs ? TypeId::kTimestampTz : id;
  };
  return plain(a) == plain(b);
}

Result<ArrayPtr> conform_primitive(const ArrayPtr& array, const Type& type,
                                   const std::string& path) {
  const auto to = to_arrow_type(type);
  if (array->type()->Equals(*to)) return array;
  const auto from = from_arrow_type(*array->type(), path, 0);
  if (!from.ok()) return does_not_fit(path, *array->type(), type);
  const TypeId from_id = (*from)->id;
  const bool timestamps =
      same_but_for_precision(from_id, type.id) && to->id() == ArrowType::TIMESTAMP;
  if (!timestamps && !may_promote(**from, type)) return does_not_fit(path, *array->type(), type);
  return cast(array, to, path, type);
}

Result<ArrayPtr> conform_array(ArrayPtr array, const Type& type, const std::string& path) {
  array = TRY(unwrapped(std::move(array), path, type));
  if (array->type_id() == ArrowType::NA) return all_null(type, array->length(), path);
  switch (type.id) {
    case TypeId::kStruct: return conform_struct(array, type, path);
    case TypeId::kList: return conform_list(array, type, path);
    case TypeId::kMap: return conform_map(array, type, path);
    default: return conform_primitive(array, type, path);
  }
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatch>> conform_batch(
    const std::shared_ptr<arrow::RecordBatch>& batch, const Schema& schema) {
  const auto wanted = to_arrow_schema(schema);
  if (batch->schema()->Equals(*wanted, /*check_metadata=*/true)) return batch;
  std::vector<ArrayPtr> columns;
  for (const Field& field : schema.fields) {
    const int index = batch->schema()->GetFieldIndex(field.name);
    if (index >= 0) {
      columns.push_back(TRY(conform_array(batch->column(index), *field.type, field.name)));
    } else if (batch->schema()->GetAllFieldIndices(field.name).size() > 1) {
      return Error(ErrorCode::kIncompatibleSchema,
                   "column '" + field.name + "' comes more than once");
    } else {
      columns.push_back(TRY(all_null(*field.type, batch->num_rows(), field.name)));
    }
  }
  return arrow::RecordBatch::Make(wanted, batch->num_rows(), std::move(columns));
}

}  // namespace firn::iceberg
