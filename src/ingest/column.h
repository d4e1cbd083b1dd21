#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/types.h"

namespace arrow {
class Array;
class DataType;
class RecordBatch;
class Schema;
}  // namespace arrow

namespace firn::ingest {

// One column under construction, as Arrow lays it out. Rows can be taken back, which Arrow's own
// builders cannot: a row that does not fit is cut off everywhere. Not thread-safe.
class Column {
 public:
  explicit Column(const iceberg::Field& field);

  iceberg::TypeId type() const { return type_->id; }
  const iceberg::Type& iceberg_type() const { return *type_; }
  const std::string& name() const { return name_; }
  bool required() const { return required_; }
  int64_t length() const { return length_; }
  void reserve(int64_t rows);

  void append_null();
  void append_bool(bool value) {
    data_.push_back(value ? 1 : 0);
    present();
  }
  template <typename T>
  void append_fixed(T value) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    data_.insert(data_.end(), bytes, bytes + sizeof(T));
    present();
  }
  // string, binary; also uuid and fixed, of exactly their length.
  void append_bytes(std::string_view bytes) {
    data_.insert(data_.end(), bytes.begin(), bytes.end());
    if (variable_) offsets_.push_back(static_cast<int32_t>(data_.size()));
    present();
  }
  // Lists and maps: their children's rows since the last entry are this row's. Structs: every child
  // has one row more.
  void append_nested();

  std::vector<Column>& children() { return children_; }
  // Cuts the column, and what is below it, to this many rows.
  void truncate(int64_t rows);
  // True when one more byte than Arrow's 32-bit offsets can count would be needed.
  bool is_full() const { return data_.size() > (1U << 30); }

  // The finished array, of iceberg::to_arrow_type of the column's type; the column is empty
  // afterwards and keeps room for as many rows.
  std::shared_ptr<arrow::Array> finish(const std::shared_ptr<arrow::DataType>& type);

 private:
  void present() {
    if (null_count_ > 0) valid_.push_back(1);
    ++length_;
  }

  std::string name_;
  iceberg::TypePtr type_;
  bool required_ = false;
  bool variable_ = false;
  int64_t width_ = 0;  // bytes of a fixed-width value
  int64_t length_ = 0;
  int64_t null_count_ = 0;
  std::vector<uint8_t> valid_;  // a byte a row; kept only once there is a null
  std::vector<uint8_t> data_;
  std::vector<int32_t> offsets_;
  std::vector<Column> children_;
};

// The columns of a table under construction.
std::vector<Column> make_columns(const iceberg::Schema& schema);
// All columns have `rows` rows. `schema` is iceberg::to_arrow_schema of the columns' schema.
std::shared_ptr<arrow::RecordBatch> finish_columns(std::vector<Column>& columns,
                                                   const std::shared_ptr<arrow::Schema>& schema,
                                                   int64_t rows);

}  // namespace firn::ingest
