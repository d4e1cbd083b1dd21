#include "federation/s3_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/bytes.h"
#include "base/rfc3339.h"

namespace firn::federation {
namespace {

std::string sha256_hex(std::string_view text) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest.data());
  return to_hex(digest);
}

std::string hmac(std::string_view key, std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const uint8_t*>(text.data()), text.size(),
       reinterpret_cast<uint8_t*>(digest.data()), &length);
  return digest;
}

// 20130524T000000Z
std::string basic_time(int64_t now_us) {
  std::string text;
  append_rfc3339(text, now_us);
  text.resize(text.find('.'));
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + 'Z';
}

}  // namespace

std::vector<std::pair<std::string, std::string>> sign_get(const S3Key& key, const std::string& host,
                                                          const std::string& path,
                                                          const std::string& query,
                                                          int64_t now_us) {
  const std::string time = basic_time(now_us);
  const std::string day = time.substr(0, 8);
  const std::string no_body = sha256_hex("");
  const bool temporary = !key.session_token.empty();
  const std::string names = std::string("host;x-amz-content-sha256;x-amz-date") +
                            (temporary ? ";x-amz-security-token" : "");
  const std::string canonical =
      "GET\n" + path + "\n" + query + "\nhost:" + host + "\nx-amz-content-sha256:" + no_body +
      "\nx-amz-date:" + time + "\n" +
      (temporary ? "x-amz-security-token:" + key.session_token + "\n" : "") + "\n" + names + "\n" +
      no_body;
  const std::string scope = day + "/" + key.region + "/s3/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + sha256_hex(canonical);
  const std::string secret =
      hmac(hmac(hmac(hmac("AWS4" + key.secret, day), key.region), "s3"), "aws4_request");
  const std::string signature = hmac(secret, to_sign);
  std::vector<std::pair<std::string, std::string>> headers = {
      {"x-amz-date", time},
      {"x-amz-content-sha256", no_body},
      {"Authorization", "AWS4-HMAC-SHA256 Credential=" + key.id + "/" + scope + ",SignedHeaders=" +
                            names + ",Signature=" + to_hex(as_bytes(signature))}};
  if (temporary) headers.emplace_back("x-amz-security-token", key.session_token);
  return headers;
}

}  // namespace firn::federation
