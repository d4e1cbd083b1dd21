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
