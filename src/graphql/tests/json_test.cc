#include "graphql/json.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "graphql/scalars.h"

namespace firn::graphql {
namespace {

std::string number(double value) {
  TextBuffer out;
  append_json_number(out, value);
  return out.take();
}

TEST(JsonTest, a_number_reads_as_the_same_double_and_is_as_short_as_it_can_be) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-0.0), "-0");
  EXPECT_EQ(number(12.5), "12.5");
  EXPECT_EQ(number(-0.001), "-0.001");
  EXPECT_EQ(number(0.05), "0.05");
  EXPECT_EQ(number(100000), "100000");
  EXPECT_EQ(number(0.1 + 0.2), "0.30000000000000004");
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    double value = 0;
    const uint64_t bits = random();
    switch (i % 4) {
      case 0: value = static_cast<double>(static_cast<int64_t>(bits) >> 30) / 1000; break;
      case 1: value = static_cast<double>(static_cast<int64_t>(bits) >> 40) / 100; break;
      case 2: value = static_cast<double>(static_cast<int64_t>(bits) >> 20) / 10'000; break;
      default: std::memcpy(&value, &bits, sizeof value);
    }
    if (!std::isfinite(value)) continue;
    const std::string text = number(value);
    double read = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), read);
    ASSERT_EQ(parsed.ptr, text.data() + text.size()) << text;
    ASSERT_EQ(std::memcmp(&read, &value, sizeof read), 0) << text;
    char shortest[400];
    const auto fixed =
        std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::fixed);
    ASSERT_LE(text.size(), static_cast<size_t>(fixed.ptr - shortest)) << text;
  }
}

TEST(JsonTest, a_string_of_any_length_reads_as_the_same) {
  const std::string specials[] = {"\"", "\\", "\n", "\x01", "\x7f", "ä", "\U0001f980", "x"};
  for (size_t length = 0; length < 40; ++length) {
    for (size_t at = 0; at <= length; ++at) {
      for (const std::string& special : specials) {
        std::string text(length, 'a');
        text.insert(at, special);
        TextBuffer out;
        append_json_string(out, text);
        const auto read = parse_json(out.view(), JsonLimits{});
        ASSERT_TRUE(read.ok()) << out.view();
        ASSERT_EQ(read->text, text);
      }
    }
  }
}

TEST(JsonTest, a_time_reads_as_the_same) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) {
    // Of the years 1 to 9999, whole milliseconds.
    std::uniform_int_distribution<int64_t> millis(-62'135'596'800'000, 253'402'300'799'999);
    const DateTime time{millis(random) * 1000};
    const std::string text = to_rfc3339(time);
    ASSERT_EQ(text.size(), 24U);
    const auto read = parse_rfc3339(text);
    ASSERT_TRUE(read.ok()) << text;
    ASSERT_EQ(read->micros, time.micros) << text;
  }
  EXPECT_EQ(to_rfc3339(DateTime{0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(DateTime{1'709'210'096'789'000}), "2024-02-29T12:34:56.789Z");
  EXPECT_EQ(to_rfc3339(DateTime{-1}), "1969-12-31T23:59:59.999Z");
}

// Every ASCII byte at every place, around the sizes at which strings are copied in another way.
TEST(JsonTest, every_byte_comes_back_at_every_place) {
  for (size_t size = 1; size <= 35; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 128; ++c) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(c);
        text[size - 1 - at] = static_cast<char>(127 - c);
        std::string json;
        append_json_string(json, text);
        const auto back = parse_json(json);
        ASSERT_TRUE(back.ok()) << json;
        ASSERT_EQ(back->text, text) << json;
      }
    }
  }
}

}  // namespace
}  // namespace firn::graphql
