#include "ingest/column.h"

#include <arrow/array.h>
#include <arrow/array/data.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

namespace firn::ingest {
namespace {

using iceberg::TypeId;

int64_t width_of(const iceberg::Type& type) {
  switch (type.id) {
    case TypeId::kBoolean: return 1;
    case TypeId::kInt:
    case TypeId::kFloat:
    case TypeId::kDate: return 4;
    case TypeId::kDecimal:
    case TypeId::kUuid: return 16;
    case TypeId::kFixed: return type.length;
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap: return 0;
    default: return 8;
  }
}

std::shared_ptr<arrow::Buffer> pack_bits(const std::vector<uint8_t>& bytes) {
  std::vector<uint8_t> bits((bytes.size() + 7) / 8, 0);
  for (size_t i = 0; i < bytes.size(); ++i)
    bits[i / 8] |= static_cast<uint8_t>(bytes[i] << (i % 8));
  return arrow::Buffer::FromVector(std::move(bits));
}

}  // namespace

Column::Column(const iceberg::Field& field)
    : name_(field.name), type_(field.type), required_(field.required) {
  variable_ = type_->id == TypeId::kString || type_->id == TypeId::kBinary ||
              type_->id == TypeId::kList || type_->id == TypeId::kMap;
  width_ = width_of(*type_);
  if (variable_) offsets_.push_back(0);
  for (const iceberg::Field& child : type_->fields) children_.emplace_back(child);
}

void Column::reserve(int64_t rows) {
  const auto n = static_cast<size_t>(rows);
  data_.reserve(width_ > 0 ? n * static_cast<size_t>(width_) : n * 16);
  if (variable_) offsets_.reserve(n + 1);
}

void Column::append_null() {
  if (null_count_++ == 0) valid_.assign(static_cast<size_t>(length_), 1);
  valid_.push_back(0);
  data_.resize(data_.size() + static_cast<size_t>(width_));
  if (variable_) offsets_.push_back(offsets_.back());
  if (type_->id == TypeId::kStruct) {
    for (Column& child : children_) child.append_null();
  }
  ++length_;
}

void Column::append_nested() {
  if (variable_) offsets_.push_back(static_cast<int32_t>(children_[0].length()));
  present();
}

void Column::truncate(int64_t rows) {
  if (rows >= length_) {
    // A list's children may be ahead of the list itself.
    if (variable_ && !children_.empty()) {
      for (Column& child : children_) child.truncate(offsets_.back());
    }
    if (type_->id == TypeId::kStruct) {
      for (Column& child : children_) child.truncate(rows);
    }
    return;
  }
  length_ = rows;
  const auto n = static_cast<size_t>(rows);
  if (null_count_ > 0) {
    for (size_t i = n; i < valid_.size(); ++i) null_count_ -= valid_[i] == 0 ? 1 : 0;
    valid_.resize(n);
    if (null_count_ == 0) valid_.clear();
  }
  if (variable_) {
    offsets_.resize(n + 1);
    if (children_.empty()) data_.resize(static_cast<size_t>(offsets_.back()));
    for (Column& child : children_) child.truncate(offsets_.back());
  } else {
    data_.resize(n * static_cast<size_t>(width_));
    for (Column& child : children_) child.truncate(rows);
  }
}

std::shared_ptr<arrow::Array> Column::finish(const std::shared_ptr<arrow::DataType>& arrow_type) {
  const int64_t rows = length_;
  std::shared_ptr<arrow::Buffer> validity = null_count_ > 0 ? pack_bits(valid_) : nullptr;
  std::vector<std::shared_ptr<arrow::Buffer>> buffers{std::move(validity)};
  std::vector<std::shared_ptr<arrow::ArrayData>> children;
  if (variable_) buffers.push_back(arrow::Buffer::FromVector(std::move(offsets_)));
  if (type_->id == TypeId::kBoolean) {
    buffers.push_back(pack_bits(data_));
  } else if (!type_->is_nested()) {
    buffers.push_back(arrow::Buffer::FromVector(std::move(data_)));
  }
  if (type_->id == TypeId::kMap) {
    // Arrow's map is a list of structs of key and value.
    const int64_t entries = children_[0].length();
    const auto& entry_type = arrow_type->field(0)->type();
    auto key = children_[0].finish(entry_type->field(0)->type())->data();
    auto value = children_[1].finish(entry_type->field(1)->type())->data();
    children.push_back(arrow::ArrayData::Make(entry_type, entries, {nullptr},
                                              {std::move(key), std::move(value)}, 0));
  } else {
    for (size_t i = 0; i < children_.size(); ++i) {
      const auto& child_type = arrow_type->field(static_cast<int>(i))->type();
      children.push_back(children_[i].finish(child_type)->data());
    }
  }
  auto data = arrow::ArrayData::Make(arrow_type, length_, std::move(buffers), std::move(children),
                                     null_count_);
  length_ = null_count_ = 0;
  valid_.clear();
  data_.clear();
  offsets_.assign(variable_ ? 1 : 0, 0);
  reserve(rows);
  return arrow::MakeArray(std::move(data));
}

std::vector<Column> make_columns(const iceberg::Schema& schema) {
  std::vector<Column> columns;
  for (const iceberg::Field& field : schema.fields) columns.emplace_back(field);
  return columns;
}

std::shared_ptr<arrow::RecordBatch> finish_columns(std::vector<Column>& columns,
                                                   const std::shared_ptr<arrow::Schema>& schema,
                                                   int64_t rows) {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (size_t i = 0; i < columns.size(); ++i) {
    arrays.push_back(columns[i].finish(schema->field(static_cast<int>(i))->type()));
  }
  return arrow::RecordBatch::Make(schema, rows, std::move(arrays));
}

}  // namespace firn::ingest
