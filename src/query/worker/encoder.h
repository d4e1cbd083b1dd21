#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "duckdb.hpp"
#include "query/wire.h"

namespace firn::query {

// Turns the chunks of one answer into bytes of one format. Throws duckdb exceptions.
class Encoder {
 public:
  virtual ~Encoder() = default;
  // Each appends bytes to `out`; a format that needs more rows first appends them later.
  virtual void begin(std::string& out) = 0;
  virtual void append(duckdb::DataChunk& chunk, std::string& out) = 0;  // may flatten the chunk
  virtual void finish(std::string& out) = 0;
};

// docs/decisions/0002-results.md says how each type looks.
std::unique_ptr<Encoder> make_encoder(ResultFormat format, duckdb::ClientContext& context,
                                      const duckdb::vector<std::string>& names,
                                      const duckdb::vector<duckdb::LogicalType>& types);
std::unique_ptr<Encoder> make_arrow_encoder(ResultFormat format, duckdb::ClientContext& context,
                                            const duckdb::vector<std::string>& names,
                                            const duckdb::vector<duckdb::LogicalType>& types);

}  // namespace firn::query
