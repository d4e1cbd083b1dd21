#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace firn::ingest {

// A task's id says by itself which rows it waits for: it needs no memory and survives restarts. A
// version 8 UUID: 48 and 12 bits of the LSN, then 62 bits of the table's UUID.
Uuid make_task_id(const Uuid& table, uint64_t lsn);
struct TaskKey {
  uint64_t lsn = 0;
  uint64_t table_bits = 0;
};
std::optional<TaskKey> parse_task_id(std::string_view text);
uint64_t task_table_bits(const Uuid& table);

}  // namespace firn::ingest
