#include "platform/file.h"

#include <gtest/gtest.h>

#include "platform/testing.h"

namespace firn::platform {
namespace {

TEST(FileTest, WritesReadsAndReplaces) {
  TemporaryDirectory folder;
  auto& files = local_file_system();
  const std::string path = join_path(folder.path(), "f");
  ASSERT_TRUE(files.write_new_durable(path, as_bytes("one")).ok());
  EXPECT_EQ(files.write_new_durable(path, as_bytes("two")).error().code(),
            ErrorCode::kAlreadyExists);
  ASSERT_TRUE(files.replace_durable(path, as_bytes("three")).ok());
  EXPECT_EQ(files.read_file(path).value(), "three");
  EXPECT_EQ(files.read_file(path + "x").error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(files.remove(path + "x").ok());
}

TEST(FileTest, WritesManyPiecesAtAPlace) {
  TemporaryDirectory folder;
  const auto file = MUST(local_file_system().open(folder.path() + "/f", OpenMode::kCreateNew));
  std::vector<std::string> texts;
  for (int i = 0; i < 2000; ++i)
    texts.push_back(std::string(static_cast<size_t>(i % 7), static_cast<char>('a' + i % 26)));
  std::vector<ByteSpan> pieces;
  std::string all;
  for (const auto& text : texts) {
    pieces.push_back(as_bytes(text));
    all += text;
  }
  ASSERT_TRUE(file->write_at(10, pieces).ok());
  EXPECT_EQ(file->read_at(10, all.size() + 100).value(), all);
  EXPECT_EQ(file->size().value(), all.size() + 10);
}

// As a log is written: one after another, in between something at the beginning, and again over
// what an earlier use left.
TEST(FileTest, DurableWritesLeaveWhatStandsBeforeThem) {
  TemporaryDirectory folder;
  const auto file = MUST(local_file_system().open(folder.path() + "/f", OpenMode::kCreateNew));
  constexpr size_t kSize = 256 << 10;
  const std::string old(kSize, 'o');
  const ByteSpan old_bytes = as_bytes(old);
  ASSERT_TRUE(file->write_at(0, {&old_bytes, 1}).ok());
  std::string wanted(64, 'h');
  const ByteSpan header = as_bytes(wanted);
  ASSERT_TRUE(file->write_at(0, {&header, 1}).ok());
  const std::vector<size_t> lengths = {1,     63,     4'096, 3'968, 5,      10'000, 4'091,
                                       8'192, 70'000, 1,     2'000, 40'000, 4'096,  7};
  char letter = 'a';
  for (const size_t length : lengths) {
    const std::string text(length, letter++);
    const ByteSpan pieces[] = {as_bytes(text).first(length / 2),
                               as_bytes(text).subspan(length / 2)};
    ASSERT_TRUE(file->write_durable(wanted.size(), pieces).ok());
    wanted += text;
    ASSERT_EQ(file->read_at(0, wanted.size()).value(), wanted);
    // Never further than the block, and never anything but zeros.
    const size_t block_end = (wanted.size() + 4095) / 4096 * 4096;
    const std::string behind = file->read_at(wanted.size(), kSize).value();
    for (size_t i = 0; i < behind.size(); ++i) {
      const bool in_block = wanted.size() + i < block_end;
      ASSERT_TRUE(behind[i] == 'o' || (in_block && behind[i] == 0)) << wanted.size() << '+' << i;
    }
    if (letter % 4 == 0) {
      wanted[0] = letter;
      const ByteSpan changed = as_bytes(wanted).first(64);
      ASSERT_TRUE(file->write_at(0, {&changed, 1}).ok());
    }
  }
  EXPECT_EQ(file->size().value(), kSize);
  // Past the end it grows, as write_at() has it.
  const std::string more(5'000, 'm');
  const ByteSpan more_bytes = as_bytes(more);
  ASSERT_TRUE(file->write_durable(kSize - 1'000, {&more_bytes, 1}).ok());
  EXPECT_EQ(file->read_at(kSize - 1'000, 6'000).value(), more);
}

TEST(FileTest, TheTwinFailsOnDemand) {
  TemporaryDirectory folder;
  FaultyFileSystem files(local_file_system());
  files.fail_nth(2);
  const auto file = MUST(files.open(folder.path() + "/f", OpenMode::kCreateNew));
  EXPECT_EQ(file->append(as_bytes("x")).error().code(), ErrorCode::kStorageUnavailable);
  EXPECT_TRUE(file->append(as_bytes("x")).ok());
  files.fail_syncs(true);
  EXPECT_FALSE(file->sync().ok());
}

}  // namespace
}  // namespace firn::platform
