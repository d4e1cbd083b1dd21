#include "wal/wal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "platform/file.h"
#include "platform/random.h"
#include "platform/testing.h"

namespace firn::wal {
namespace {

class WalTest : public ::testing::Test {
 protected:
  WalTest() { options_.segment_bytes = 1 << 20; }

  std::unique_ptr<Wal> open(platform::FileSystem& files = platform::local_file_system()) {
    replayed_.clear();
    options_.directory = folder_.path() + "/wal";
    return MUST(Wal::open(options_, files, platform::system_random(),
                          [&](uint64_t lsn, std::string_view payload) -> Status {
                            replayed_[lsn] = std::string(payload);
                            return {};
                          }));
  }
  static Result<uint64_t> append(Wal& wal, std::string_view text) {
    const ByteSpan piece = as_bytes(text);
    return wal.append({&piece, 1});
  }

  platform::TemporaryDirectory folder_;
  WalOptions options_;
  std::map<uint64_t, std::string> replayed_;
};

TEST_F(WalTest, ReplaysWhatWasAppendedInOrder) {
  {
    auto wal = open();
    EXPECT_EQ(append(*wal, "one").value(), 1u);
    EXPECT_EQ(append(*wal, "two").value(), 2u);
  }
  auto wal = open();
  EXPECT_EQ(replayed_, (std::map<uint64_t, std::string>{{1, "one"}, {2, "two"}}));
  EXPECT_EQ(append(*wal, "three").value(), 3u);
}

TEST_F(WalTest, KeepsItsIdAndItsNumbersWhenEverythingWasReleased) {
  Uuid id;
  {
    auto wal = open();
    id = wal->id();
    for (int i = 0; i < 5; ++i) MUST(append(*wal, std::string(600 << 10, 'x')));
    wal->release(4);
  }
  auto wal = open();
  EXPECT_EQ(wal->id(), id);
  EXPECT_EQ(replayed_.size(), 1u);
  EXPECT_EQ(append(*wal, "six").value(), 6u);
}

TEST_F(WalTest, KeepsItsNumbersThroughAStartWithoutAFrame) {
  {
    auto wal = open();
    for (uint64_t lsn = 1; lsn <= 5; ++lsn) EXPECT_EQ(append(*wal, "x").value(), lsn);
  }
  // Twice: everything is released, and nothing comes.
  for (int start = 0; start < 2; ++start) {
    auto wal = open();
    wal->release(wal->next_lsn() - 1);
  }
  auto wal = open();
  EXPECT_EQ(append(*wal, "six").value(), 6u);
  wal->release(6);
  wal = nullptr;
  wal = open();
  EXPECT_EQ(append(*wal, "seven").value(), 7u);
}

TEST_F(WalTest, ReusesReleasedSegmentsWithoutSeeingTheirOldFrames) {
  auto wal = open();
  for (uint64_t i = 1; i <= 40; ++i) {
    ASSERT_EQ(append(*wal, std::string(300 << 10, static_cast<char>('a' + i % 26))).value(), i);
    wal->release(i - 1);
  }
  size_t segments = 0;
  for (const auto& entry : std::filesystem::directory_iterator(options_.directory)) {
    (void)entry;
    ++segments;
  }
  EXPECT_LE(segments, 6u);
  wal = nullptr;
  wal = open();
  ASSERT_FALSE(replayed_.empty());
  EXPECT_EQ(replayed_.rbegin()->first, 40u);
  EXPECT_EQ(replayed_[40], std::string(300 << 10, static_cast<char>('a' + 40 % 26)));
}

TEST_F(WalTest, StopsAtATornTail) {
  {
    auto wal = open();
    MUST(append(*wal, "whole"));
    MUST(append(*wal, "torn in the middle"));
  }
  const std::string path = options_.directory + "/segment-000000.log";
  std::string bytes = MUST(platform::local_file_system().read_file(path));
  bytes[bytes.find("torn") + 2] ^= 1;
  std::filesystem::remove(path);
  ASSERT_TRUE(platform::local_file_system().write_new_durable(path, as_bytes(bytes)).ok());
  auto wal = open();
  EXPECT_EQ(replayed_.size(), 1u);
  EXPECT_EQ(append(*wal, "again").value(), 2u);
  wal = nullptr;
  wal = open();
  EXPECT_EQ(replayed_[2], "again");
}

TEST_F(WalTest, AFailedSyncIsNotAcknowledgedAndNeverReplayed) {
  platform::FaultyFileSystem files(platform::local_file_system());
  auto wal = open(files);
  MUST(append(*wal, "before"));
  files.fail_syncs(true);
  EXPECT_EQ(append(*wal, "lost").error().code(), ErrorCode::kStorageUnavailable);
  EXPECT_EQ(append(*wal, "lost too").error().code(), ErrorCode::kStorageUnavailable);
  files.fail_syncs(false);
  EXPECT_EQ(append(*wal, "after").value(), 2u);
  wal = nullptr;
  wal = open();
  EXPECT_EQ(replayed_, (std::map<uint64_t, std::string>{{1, "before"}, {2, "after"}}));
}

// Every write and every sync fails once, in turn: what was acknowledged is there, nothing else is.
TEST_F(WalTest, EveryOperationMayFail) {
  for (int nth = 1; nth < 40; ++nth) {
    std::filesystem::remove_all(folder_.path() + "/wal");
    platform::FaultyFileSystem files(platform::local_file_system());
    files.fail_nth(nth);
    std::map<uint64_t, std::string> acknowledged;
    {
      options_.directory = folder_.path() + "/wal";
      auto wal = Wal::open(options_, files, platform::system_random(),
                           [](uint64_t, std::string_view) -> Status { return {}; });
      if (!wal.ok()) continue;
      for (int i = 0; i < 12; ++i) {
        const std::string text = std::string(200 << 10, static_cast<char>('a' + i));
        const auto lsn = append(**wal, text);
        if (lsn.ok()) acknowledged[*lsn] = text;
      }
    }
    const auto wal = open();
    EXPECT_EQ(replayed_, acknowledged) << "operation " << nth << " failed";
  }
}

// What is counted as live is what the segments take, however large the frames are.
TEST_F(WalTest, CountsWhatLargeFramesTake) {
  const auto on_disk = [&] {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.directory)) {
      bytes += entry.file_size();
    }
    return bytes;
  };
  options_.free_segments_max = 0;  // what is on the disk is live
  auto wal = open();
  for (int round = 0; round < 3; ++round) {
    for (const size_t bytes : {500 << 10, 1800 << 10, 500 << 10, 700 << 10}) {
      MUST(append(*wal, std::string(bytes, 'x')));
      EXPECT_EQ(wal->live_bytes(), on_disk());
    }
    wal->release(wal->next_lsn() - 1);
    EXPECT_EQ(wal->live_bytes(), on_disk());
  }
  EXPECT_LE(wal->live_bytes(), 2U << 20);
}

TEST_F(WalTest, ReusesOnlySegmentsThatAreLargeEnough) {
  const auto segments = [&] {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.directory)) {
      (void)entry;
      ++count;
    }
    return count;
  };
  auto wal = open();
  for (int i = 0; i < 4; ++i) MUST(append(*wal, std::string(600 << 10, 'x')));
  wal->release(3);
  const size_t before = segments();
  MUST(append(*wal, std::string(3 << 20, 'y')));  // fits none of the three that are free
  EXPECT_EQ(segments(), before + 1);
  for (int i = 0; i < 2; ++i) MUST(append(*wal, std::string(600 << 10, 'x')));
  wal->release(6);
  EXPECT_EQ(segments(), before);  // the large one is gone
  EXPECT_LE(wal->live_bytes(), 1U << 20);
  for (int i = 0; i < 20; ++i) {
    MUST(append(*wal, std::string(2 << 20, 'z')));
    wal->release(wal->next_lsn() - 2);
    EXPECT_LE(wal->live_bytes(), 6U << 20) << i;
  }
}

TEST_F(WalTest, RefusesMoreThanItsBound) {
  options_.live_bytes_max = 3 << 20;
  auto wal = open();
  Error last(ErrorCode::kInternal, "");
  for (int i = 0; i < 20; ++i) {
    const auto lsn = append(*wal, std::string(400 << 10, 'x'));
    if (!lsn.ok()) last = lsn.error();
  }
  EXPECT_EQ(last.code(), ErrorCode::kOverloaded);
  wal->release(wal->next_lsn() - 1);
  EXPECT_TRUE(append(*wal, "room again").ok());
}

}  // namespace
}  // namespace firn::wal
