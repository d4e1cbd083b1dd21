#include "federation/object_store.h"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <charconv>
#include <sstream>

#include "base/utf8.h"
#include "federation/s3_signature.h"
#include "http/message.h"
#include "outbound/http_call.h"
#include "platform/clock.h"

namespace firn::federation {
namespace {

constexpr size_t kPageBytesMax = 8 << 20;
constexpr size_t kKeysMax = 100'000;
constexpr const char* kWhat = "the object store";
// Calls have bounds of their own.
constexpr auto kNever = [] { return false; };

// A key as a path: '/' stays.
std::string encoded_path(std::string_view key) {
  std::string path;
  for (;;) {
    const size_t slash = key.find('/');
    path += '/' + http::percent_encode(key.substr(0, slash));
    if (slash == std::string_view::npos) return path;
    key.remove_prefix(slash + 1);
  }
}

outbound::HttpCall call_of(const Bucket& bucket, const std::string& path_in_bucket,
                           const std::string& query) {
  outbound::HttpCall call;
  const bool v6 = bucket.host.find(':') != std::string::npos;
  const bool usual = bucket.port == (bucket.tls ? 443 : 80);
  const std::string host = (v6 ? "[" + bucket.host + "]" : bucket.host) +
                           (usual ? "" : ":" + std::to_string(bucket.port));
  const std::string path = "/" + bucket.name + path_in_bucket;
  call.url = std::string(bucket.tls ? "https://" : "http://") + host + path +
             (query.empty() ? "" : "?" + query);
  call.address = bucket.address;
  call.clear_allowed = !bucket.tls;
  call.any_certificate = bucket.any_certificate;
  call.what = kWhat;
  call.patience.whole = bucket.at_most;
  const std::string region = bucket.region.empty() ? region_of(bucket.host) : bucket.region;
  call.headers = sign_get({region, bucket.access_key, bucket.secret_key, bucket.session_token},
                          host, path, query, platform::system_clock().now_us());
  return call;
}

// The parser recurses.
bool is_shallow(std::string_view xml) {
  constexpr int kDepthMax = 16;
  int depth = 0;
  for (size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
    const char next = at + 1 < xml.size() ? xml[at + 1] : '/';
    if (next == '/') {
      --depth;
    } else if (next != '?' && next != '!') {
      const size_t end = xml.find('>', at);
      const bool closed = end != std::string_view::npos && xml[end - 1] == '/';
      if (!closed && ++depth > kDepthMax) return false;
    }
  }
  return true;
}

// Boost reads entities of its own only: there is no expansion to fear, and nothing is fetched.
Result<boost::property_tree::ptree> parse_xml(const std::string& xml) {
  if (!is_shallow(xml)) return Error(ErrorCode::kInvalidData, "XML that is nested too deeply");
  try {
    boost::property_tree::ptree tree;
    std::istringstream in(xml);
    boost::property_tree::read_xml(in, tree, boost::property_tree::xml_parser::trim_whitespace);
    return tree;
  } catch (const boost::property_tree::xml_parser_error& error) {
    return Error(ErrorCode::kInvalidData, "the answer is no XML", error.message());
  }
}

// What a store says of a call that it refuses.
Error refusal(int status, const std::string& body) {
  std::string says = "status " + std::to_string(status);
  if (const auto tree = parse_xml(body); tree.ok()) {
    const auto code = tree->get<std::string>("Error.Code", "");
    const auto message = tree->get<std::string>("Error.Message", "");
    if (!code.empty())
      says = code + (message.empty() ? "" : ": " + std::string(cut_utf8(message, 300)));
  }
  const std::string text = std::string(kWhat) + " says: " + says;
  if (status == 401 || status == 403) return Error(ErrorCode::kPermissionDenied, text);
  if (status == 404) return Error(ErrorCode::kNotFound, text);
  if (status == 412) return Error(ErrorCode::kConflict, text);
  return Error(ErrorCode::kUnavailable, text);
}

Result<ObjectPage> list_page(const Bucket& bucket, const std::string& prefix,
                             const std::string& token) {
  // In the order of names, which is signed.
  std::string query;
  if (!token.empty()) query += "continuation-token=" + http::percent_encode(token) + "&";
  query += "list-type=2&max-keys=1000&prefix=" + http::percent_encode(prefix);
  auto call = call_of(bucket, "", query);
  call.answer_bytes_max = kPageBytesMax;
  std::string body;
  const auto answer = TRY(outbound::get(
      call,
      [&](int, std::string_view piece) {
        body += piece;
        return true;
      },
      kNever));
  if (answer.status != 200) return refusal(answer.status, body);
  return parse_object_page(body);
}

}  // namespace

std::string region_of(std::string_view host) {
  constexpr std::string_view kEnd = ".amazonaws.com";
  constexpr std::string_view kBegin = "s3.";
  if (host.starts_with(kBegin) && host.ends_with(kEnd) &&
      host.size() > kBegin.size() + kEnd.size()) {
    return std::string(host.substr(kBegin.size(), host.size() - kBegin.size() - kEnd.size()));
  }
  return "us-east-1";
}

Result<ObjectPage> parse_object_page(const std::string& xml) {
  const auto tree = TRY(parse_xml(xml));
  const auto list = tree.get_child_optional("ListBucketResult");
  if (!list) return Error(ErrorCode::kInvalidData, "the answer is no list of objects");
  ObjectPage page;
  for (const auto& [name, child] : *list) {
    if (name != "Contents") continue;
    ObjectInfo object;
    object.key = child.get<std::string>("Key", "");
    object.etag = child.get<std::string>("ETag", "");
    const auto size = child.get<std::string>("Size", "");
    const auto* end = size.data() + size.size();
    const auto read = std::from_chars(size.data(), end, object.bytes);
    if (object.key.empty() || object.etag.empty() || read.ec != std::errc() || read.ptr != end) {
      return Error(ErrorCode::kInvalidData, "the list has an object without key, ETag or size");
    }
    page.objects.push_back(std::move(object));
  }
  if (list->get<std::string>("IsTruncated", "false") == "true") {
    page.next = list->get<std::string>("NextContinuationToken", "");
    if (page.next.empty()) {
      return Error(ErrorCode::kInvalidData, "the list goes on, but does not say where");
    }
  }
  return page;
}

Result<std::vector<ObjectInfo>> list_objects(
    const Bucket& bucket, const std::string& prefix,
    const std::function<bool(const std::string& key)>& wanted, size_t max) {
  std::vector<ObjectInfo> found;
  std::string token;
  for (size_t looked = 0;;) {
    auto page = list_page(bucket, prefix, token);
    if (!page.ok() && page.error().code() == ErrorCode::kInvalidData) {
      return Error(ErrorCode::kUnavailable, std::string(kWhat) + ": " + page.error().message(),
                   page.error().detail());
    }
    if (!page.ok()) return page.error();
    looked += page->objects.size();
    for (auto& object : page->objects) {
      if (!object.key.starts_with(prefix) || !wanted(object.key)) continue;
      if (found.size() == max) {
        return Error(ErrorCode::kTooLarge, "it has more than " + std::to_string(max) +
                                               " files: upload them, or connect a part");
      }
      found.push_back(std::move(object));
    }
    token = std::move(page->next);
    if (token.empty()) return found;
    if (looked >= kKeysMax) {
      return Error(ErrorCode::kTooLarge, "it has more than 100,000 objects: connect a part");
    }
  }
}

namespace {

// How many bytes it had.
Result<uint64_t> read_bytes(const Bucket& bucket, const std::string& key, const std::string& etag,
                            uint64_t bytes_max,
                            const std::function<Status(std::string_view piece)>& take) {
  auto call = call_of(bucket, encoded_path(key), "");
  if (!etag.empty()) call.headers.emplace_back("If-Match", etag);
  call.patience.whole = std::chrono::hours(1);
  call.silence = std::chrono::duration_cast<std::chrono::seconds>(bucket.at_most);
  call.answer_bytes_max = bytes_max + kPageBytesMax;  // a refusal is longer than an empty object
  Status taken;
  std::string refused;
  uint64_t bytes = 0;
  const auto answer = TRY(outbound::get(
      call,
      [&](int status, std::string_view piece) {
        if (status != 200) {
          refused += piece;
          return true;
        }
        bytes += piece.size();
        taken = take(piece);
        return taken.ok();
      },
      kNever));
  TRY(taken);
  if (answer.status != 200) return refusal(answer.status, refused);
  return bytes;
}

}  // namespace

Status read_object(const Bucket& bucket, const ObjectInfo& object,
                   const std::function<Status(std::string_view piece)>& take) {
  const uint64_t bytes = TRY(read_bytes(bucket, object.key, object.etag, object.bytes, take));
  if (bytes == object.bytes) return {};
  return Error(ErrorCode::kConflict, "the object " + object.key +
                                         " changed while it was read, or is not as long as was "
                                         "said of it");
}

Status read_object_up_to(const Bucket& bucket, const std::string& key, uint64_t bytes_max,
                         const std::function<Status(std::string_view piece)>& take) {
  TRY(read_bytes(bucket, key, "", bytes_max, take));
  return {};
}

}  // namespace firn::federation
