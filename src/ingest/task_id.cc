#include "ingest/task_id.h"

namespace firn::ingest {
namespace {

constexpr uint64_t kTableMask = (uint64_t{1} << 62) - 1;

uint64_t read_be(const uint8_t* at) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | at[i];
  return value;
}

void write_be(uint8_t* at, uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) at[i] = static_cast<uint8_t>(value);
}

}  // namespace

uint64_t task_table_bits(const Uuid& table) {
  // The first half is random but for the version; the second but for the variant.
  return (read_be(table.bytes.data()) ^ read_be(table.bytes.data() + 8)) & kTableMask;
}

Uuid make_task_id(const Uuid& table, uint64_t lsn) {
  Uuid id;
  write_be(id.bytes.data(), (lsn >> 12) << 16 | uint64_t{8} << 12 | (lsn & 0xfff));
  write_be(id.bytes.data() + 8, uint64_t{2} << 62 | task_table_bits(table));
  return id;
}

std::optional<TaskKey> parse_task_id(std::string_view text) {
  const auto id = Uuid::parse(text);
  if (!id.ok()) return std::nullopt;
  const uint64_t high = read_be(id->bytes.data());
  const uint64_t low = read_be(id->bytes.data() + 8);
  if ((high >> 12 & 15) != 8 || low >> 62 != 2) return std::nullopt;
  return TaskKey{(high >> 16) << 12 | (high & 0xfff), low & kTableMask};
}

}  // namespace firn::ingest
