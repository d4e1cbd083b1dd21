#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "catalog/catalog.h"

namespace arrow {
class Buffer;
class RecordBatch;
class Schema;
}  // namespace arrow

namespace firn::ingest {

// Rows of one table under one of its schemas, decoded and ready to be made durable. The batch's
// columns carry their field ids ("PARQUET:field_id").
struct TableRows {
  Uuid table;
  catalog::TableIdent ident;  // where the table was when the rows came
  int32_t schema_id = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
};

// An answer to remember under a client's Idempotency-Key.
struct RememberedAnswer {
  std::string key;        // organization and the client's key
  std::string body_hash;  // of the request
  int64_t time_us = 0;
  Uuid table;          // whose commit the request's rows wait for
  uint64_t lsn = 0;    // the frame's own; not stored
  std::string answer;  // JSON
};

// One frame of the write-ahead log: what one group commit makes durable, all or nothing.
struct GroupFrame {
  std::vector<TableRows> rows;
  std::vector<RememberedAnswer> answers;
};

// The pieces of an encoded frame, pointing into the batches' own buffers where they can. The frame
// must outlive them.
class EncodedFrame {
 public:
  static Result<std::unique_ptr<EncodedFrame>> encode(const GroupFrame& frame);
  const std::vector<ByteSpan>& pieces() const { return pieces_; }

 private:
  void add(std::string bytes);

  std::deque<std::string> owned_;
  std::vector<std::shared_ptr<arrow::Buffer>> buffers_;
  std::vector<ByteSpan> pieces_;
};

// Errors: InvalidData on anything that encode() did not write.
Result<GroupFrame> decode_frame(std::string_view bytes);

}  // namespace firn::ingest
