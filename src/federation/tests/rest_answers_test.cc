#include "federation/rest_answers.h"

#include <gtest/gtest.h>

#include "federation/s3_signature.h"
#include "federation/table_files.h"

namespace firn::federation {
namespace {

constexpr const char* kTable = R"json({"metadata-location": "s3://b/m.json", "metadata": {
  "format-version": 2, "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1", "location": "s3://b/t",
  "last-sequence-number": 1, "last-updated-ms": 1, "last-column-id": 1, "current-schema-id": 0,
  "schemas": [{"type": "struct", "schema-id": 0,
    "fields": [{"id": 1, "name": "x", "required": false, "type": "long"}]}],
  "default-spec-id": 0, "partition-specs": [{"spec-id": 0, "fields": []}], "last-partition-id": 999,
  "default-sort-order-id": 0, "sort-orders": [{"order-id": 0, "fields": []}], "snapshots": []},
  "config": {"s3.access-key-id": "k", "s3.secret-access-key": "s", "s3.endpoint": "http://h:9000",
             "client.region": "eu-west-1"},
  "storage-credentials": [
    {"prefix": "s3://b", "config": {"s3.access-key-id": "k1"}},
    {"prefix": "s3://b/t/", "config": {"s3.access-key-id": "k2", "s3.secret-access-key": "s2",
                                       "s3.session-token": "tok"}}]})json";

TEST(RestAnswersTest, OverridesStandOverDefaults) {
  const auto config = parse_rest_config(
      R"({"defaults": {"prefix": "a", "x": "1"}, "overrides": {"prefix": "b|c/", "y": "2"}})");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->prefix, "b|c");
  EXPECT_EQ(config->separator, "\x1f");
  EXPECT_EQ(config->properties.at("x"), "1");
  EXPECT_EQ(config->properties.at("y"), "2");
}

TEST(RestAnswersTest, APrefixLeadsNowhereElse) {
  for (const char* prefix : {"..", "a/../b", "a//b", "/a", "a?b", "a#b", "a b", "a\\\\b"}) {
    const auto config = parse_rest_config(R"({"overrides": {"prefix": ")" + std::string(prefix) +
                                          R"("}, "defaults": {}})");
    EXPECT_EQ(config.error().code(), ErrorCode::kInvalidData) << prefix;
  }
  EXPECT_FALSE(parse_rest_config("{}").ok());
  EXPECT_FALSE(parse_rest_config("[]").ok());
}

TEST(RestAnswersTest, ATokenIsOneForAHeader) {
  const auto token = parse_rest_token(R"({"access_token": "a.b-c", "expires_in": 60})");
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->token, "a.b-c");
  EXPECT_EQ(token->lifetime_s, 60);
  EXPECT_FALSE(parse_rest_token(R"({"access_token": "a\r\nHost: b"})").ok());
  EXPECT_FALSE(parse_rest_token(R"({"access_token": ""})").ok());
  EXPECT_FALSE(parse_rest_token(R"({"token": "a"})").ok());
}

TEST(RestAnswersTest, PagesNameWhatComesNext) {
  const auto namespaces =
      parse_namespace_page(R"({"namespaces": [["a"], ["a", "b"]], "next-page-token": "2"})");
  ASSERT_TRUE(namespaces.ok());
  EXPECT_EQ(namespaces->namespaces.size(), 2u);
  EXPECT_EQ(namespaces->next, "2");
  const auto tables = parse_table_page(
      R"({"identifiers": [{"namespace": ["a"], "name": "t"}], "next-page-token": null})");
  ASSERT_TRUE(tables.ok());
  EXPECT_EQ(tables->tables, std::vector<std::string>{"t"});
  EXPECT_EQ(tables->next, "");
  EXPECT_FALSE(parse_namespace_page(R"({"namespaces": [[]]})").ok());
  EXPECT_FALSE(parse_namespace_page(R"({"namespaces": [["a\u0000"]]})").ok());
  EXPECT_FALSE(parse_table_page(R"({"identifiers": [{"name": ""}]})").ok());
  EXPECT_FALSE(parse_table_page(R"({"identifiers": ["t"]})").ok());
}

TEST(RestAnswersTest, WhatARefusalSaysIsBounded) {
  EXPECT_EQ(rest_error_text(R"({"error": {"message": "no\nway"}})"), "no way");
  EXPECT_EQ(rest_error_text(R"({"error": "invalid_client", "error_description": "who?"})"), "who?");
  EXPECT_EQ(rest_error_text("<html>"), "");
  EXPECT_LE(rest_error_text(R"({"error": {"message": ")" + std::string(9000, 'x') + "\"}}").size(),
            300u);
}

TEST(TableFilesTest, TheLongestPrefixLendsTheKey) {
  const auto table = parse_loaded_table(kTable);
  ASSERT_TRUE(table.ok()) << table.error().to_log();
  const auto deep = place_of("s3a://b/t/data/x y.parquet", *table, {}, Tls::kDisable);
  ASSERT_TRUE(deep.ok());
  EXPECT_EQ(deep->bucket.access_key, "k");  // s3a:// is no prefix's
  const auto place = place_of("s3://b/t/data/x y.parquet", *table, {}, Tls::kDisable);
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(place->key, "t/data/x y.parquet");
  EXPECT_EQ(place->bucket.name, "b");
  EXPECT_EQ(place->bucket.access_key, "k2");
  EXPECT_EQ(place->bucket.secret_key, "s2");
  EXPECT_EQ(place->bucket.session_token, "tok");
  EXPECT_EQ(place->bucket.region, "eu-west-1");
  EXPECT_EQ(place->bucket.host, "h");
  EXPECT_EQ(place->bucket.port, 9000);
  EXPECT_FALSE(place->bucket.tls);
}

TEST(TableFilesTest, AnOwnKeyGoesToNoEndpointThatTheCatalogNames) {
  const auto table = MUST(parse_loaded_table(kTable));
  OwnStorage own{"", "us-east-2", "mine", "secret"};
  const auto place = place_of("s3://b/t/x", table, own, Tls::kDisable);
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(place->bucket.host, "s3.us-east-2.amazonaws.com");
  EXPECT_TRUE(place->bucket.tls);
  EXPECT_EQ(place->bucket.access_key, "mine");
  EXPECT_EQ(place->bucket.session_token, "");
  own.endpoint = "http://minio:9000";
  EXPECT_EQ(MUST(place_of("s3://b/t/x", table, own, Tls::kVerify)).bucket.host, "minio");
}

TEST(TableFilesTest, WhatIsNoObjectHasNoPlace) {
  const auto table = MUST(parse_loaded_table(kTable));
  for (const char* location : {"gs://b/x", "http://b/x", "file:///x", "/x", "", "s3:/b/x"}) {
    EXPECT_EQ(place_of(location, table, {}, Tls::kDisable).error().code(), ErrorCode::kUnsupported)
        << location;
  }
  for (const char* location : {"s3://b", "s3://b/", "s3:///x", "s3://b/../c/x", "s3://b/./x",
                               "s3://b@evil/x", "s3://b?/x"}) {
    EXPECT_EQ(place_of(location, table, {}, Tls::kDisable).error().code(), ErrorCode::kInvalidData)
        << location;
  }
  // In the clear only where that was said to be fine.
  EXPECT_EQ(place_of("s3://b/t/x", table, {}, Tls::kPrefer).error().code(),
            ErrorCode::kPermissionDenied);
}

// The example of Amazon's "Signing AWS requests" with a temporary key differs in what is signed.
TEST(S3SignatureTest, ATemporaryKeysTokenIsSigned) {
  const auto plain = sign_get({"us-east-1", "k", "s", ""}, "h", "/b/x", "", 1'369'353'600'000'000);
  const auto signed_too =
      sign_get({"us-east-1", "k", "s", "token"}, "h", "/b/x", "", 1'369'353'600'000'000);
  ASSERT_EQ(plain.size() + 1, signed_too.size());
  EXPECT_EQ(signed_too.back().first, "x-amz-security-token");
  EXPECT_EQ(signed_too.back().second, "token");
  EXPECT_NE(signed_too[2].second.find("x-amz-date;x-amz-security-token"), std::string::npos);
  EXPECT_NE(plain[2].second, signed_too[2].second);
}

}  // namespace
}  // namespace firn::federation
