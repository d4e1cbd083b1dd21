#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "federation/object_cache.h"
#include "federation/object_store.h"
#include "platform/testing.h"

namespace firn::federation {
namespace {

std::string content_of(const query::OwnedDescriptor& file) {
  std::string text(100, '\0');
  const ssize_t n = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(n > 0 ? static_cast<size_t>(n) : 0);
  return text;
}

// Gives the text, and counts.
ObjectCache::Fetch giving(const std::string& text, int& fetched) {
  return [text, &fetched](const ObjectCache::Take& take) -> Status {
    ++fetched;
    TRY(take(std::string_view(text).substr(0, text.size() / 2)));
    return take(std::string_view(text).substr(text.size() / 2));
  };
}

TEST(ObjectCacheTest, WhatIsThereIsNotFetchedAgain) {
  platform::TemporaryDirectory folder;
  int fetched = 0;
  {
    auto cache = MUST(ObjectCache::create(folder.path() + "/objects", 100));
    EXPECT_EQ(content_of(*MUST(cache->open("a", 5, giving("hello", fetched)))), "hello");
    EXPECT_EQ(content_of(*MUST(cache->open("a", 5, giving("hello", fetched)))), "hello");
    EXPECT_EQ(fetched, 1);
    EXPECT_EQ(content_of(*MUST(cache->open("b", 5, giving("other", fetched)))), "other");
  }
  // Also after a start.
  auto cache = MUST(ObjectCache::create(folder.path() + "/objects", 100));
  EXPECT_EQ(content_of(*MUST(cache->open("a", 5, giving("hello", fetched)))), "hello");
  EXPECT_EQ(fetched, 2);
}

TEST(ObjectCacheTest, WhatWasNotUsedForLongestMakesRoom) {
  platform::TemporaryDirectory folder;
  auto cache = MUST(ObjectCache::create(folder.path(), 12));
  int fetched = 0;
  const auto a = MUST(cache->open("a", 5, giving("aaaaa", fetched)));
  MUST(cache->open("b", 5, giving("bbbbb", fetched)));
  MUST(cache->open("a", 5, giving("aaaaa", fetched)));
  MUST(cache->open("c", 5, giving("ccccc", fetched)));
  EXPECT_EQ(fetched, 3);
  MUST(cache->open("a", 5, giving("aaaaa", fetched)));
  EXPECT_EQ(fetched, 3);
  MUST(cache->open("b", 5, giving("bbbbb", fetched)));
  EXPECT_EQ(fetched, 4);
  EXPECT_EQ(cache->open("d", 13, giving("ddddddddddddd", fetched)).error().code(),
            ErrorCode::kTooLarge);
  EXPECT_EQ(content_of(*a), "aaaaa");
}

TEST(ObjectCacheTest, AFetchThatFailsLeavesNothing) {
  platform::TemporaryDirectory folder;
  auto cache = MUST(ObjectCache::create(folder.path(), 100));
  const auto broken = [](const ObjectCache::Take& take) -> Status {
    TRY(take("hal"));
    return Error(ErrorCode::kUnavailable, "cut off");
  };
  EXPECT_EQ(cache->open("a", 5, broken).error().message(), "cut off");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  int fetched = 0;
  EXPECT_FALSE(cache->open("a", 5, giving("much longer than five", fetched)).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(content_of(*MUST(cache->open("a", 5, giving("hello", fetched)))), "hello");
}

TEST(ObjectCacheTest, ManyWhoWantTheSameFetchItOnce) {
  platform::TemporaryDirectory folder;
  auto cache = MUST(ObjectCache::create(folder.path(), 100));
  std::atomic<int> fetched = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto file = cache->open("a", 5, [&](const ObjectCache::Take& take) -> Status {
        ++fetched;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return take("hello");
      });
      EXPECT_EQ(content_of(*MUST(file)), "hello");
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(fetched, 1);
}

TEST(ObjectStoreTest, AListIsRead) {
  const auto page = MUST(parse_object_page(R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>b</Name><IsTruncated>true</IsTruncated><NextContinuationToken>t/1=</NextContinuationToken>
  <Contents><Key>a &amp; b.csv</Key><ETag>&quot;e1&quot;</ETag><Size>12</Size></Contents>
  <CommonPrefixes><Prefix>x/</Prefix></CommonPrefixes>
  <Contents><Key>d/e.parquet</Key><ETag>"e2"</ETag><Size>9000000000</Size></Contents>
</ListBucketResult>)"));
  ASSERT_EQ(page.objects.size(), 2U);
  EXPECT_EQ(page.objects[0].key, "a & b.csv");
  EXPECT_EQ(page.objects[0].etag, "\"e1\"");
  EXPECT_EQ(page.objects[1].bytes, 9'000'000'000U);
  EXPECT_EQ(page.next, "t/1=");
}

TEST(ObjectStoreTest, WhatIsNoListIsRefused) {
  const std::string deep(100'000, '<');
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "<a>";
  for (const std::string& xml : std::vector<std::string>{
           "", "no xml", "<a/>", deep, nested,
           "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
           "<ListBucketResult><Contents><Key>k</Key><ETag>e</ETag><Size>-1</Size></Contents>"
           "</ListBucketResult>",
           "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    EXPECT_EQ(parse_object_page(xml).error().code(), ErrorCode::kInvalidData) << xml.substr(0, 80);
  }
}

TEST(ObjectStoreTest, ARegionStandsInTheHost) {
  EXPECT_EQ(region_of("s3.eu-central-1.amazonaws.com"), "eu-central-1");
  EXPECT_EQ(region_of("s3.amazonaws.com"), "us-east-1");
  EXPECT_EQ(region_of("minio.example.org"), "us-east-1");
}

}  // namespace
}  // namespace firn::federation
