#include "federation/spooled_segments.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/bytes.h"
#include "federation/trino_answer.h"
#include "http/content_decoder.h"

namespace firn::federation {
namespace {

namespace json = boost::json;

// Trino's own bound of a segment is 128 MiB.
constexpr uint64_t kSegmentBytesMax = 128U << 20;
constexpr uint64_t kRowsBytesMax = 256U << 20;
constexpr size_t kSegmentsMax = 10'000;
constexpr size_t kHeadersMax = 50;

Error malformed() {
  return Error(ErrorCode::kUnavailable, "Trino's spooled answer cannot be read");
}

std::string_view text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

Result<uint64_t> size_of(const json::object& metadata, std::string_view name, uint64_t at_most) {
  const auto* value = metadata.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return malformed();
  const auto size = static_cast<uint64_t>(value->get_int64());
  if (size > at_most) {
    return Error(ErrorCode::kResourceExhausted,
                 "a segment of Trino's answer is too large: lower its "
                 "protocol.spooling.max-segment-size");
  }
  return size;
}

// A token (RFC 9110, 5.6.2), and text that ends no line.
bool is_header(std::string_view name, std::string_view value) {
  const auto in_token = [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  };
  const auto in_value = [](unsigned char c) { return c >= ' ' && c != 0x7f; };
  return !name.empty() && std::all_of(name.begin(), name.end(), in_token) &&
         std::all_of(value.begin(), value.end(), in_value);
}

Status read_headers(const json::object& object, SpooledSegment& segment) {
  const auto* headers = object.if_contains("headers");
  if (headers == nullptr || headers->is_null()) return {};
  if (!headers->is_object() || headers->get_object().size() > kHeadersMax) return malformed();
  for (const auto& [name, values] : headers->get_object()) {
    if (!values.is_array() || values.get_array().size() != 1) return malformed();
    const auto& value = values.get_array()[0];
    if (!value.is_string()) return malformed();
    segment.headers.emplace_back(name, value.get_string());
    if (!is_header(segment.headers.back().first, segment.headers.back().second)) {
      return malformed();
    }
  }
  return {};
}

Result<SpooledSegment> read_segment(const json::value& value, bool is_zstd) {
  if (!value.is_object()) return malformed();
  const auto& object = value.get_object();
  const auto* metadata = object.if_contains("metadata");
  if (metadata == nullptr || !metadata->is_object()) return malformed();
  SpooledSegment segment;
  segment.encoded_bytes = TRY(size_of(metadata->get_object(), "segmentSize", kSegmentBytesMax));
  // What is small is not compressed, whatever the encoding.
  segment.is_compressed = is_zstd && metadata->get_object().contains("uncompressedSize");
  segment.rows_bytes = segment.encoded_bytes;
  if (segment.is_compressed) {
    segment.rows_bytes = TRY(size_of(metadata->get_object(), "uncompressedSize", kRowsBytesMax));
  }
  const std::string_view type = text_of(object, "type");
  if (type == "inline") {
    if (!base64_decode(text_of(object, "data"), segment.bytes)) return malformed();
    return segment;
  }
  segment.uri = text_of(object, "uri");
  if (type != "spooled" || segment.uri.empty()) return malformed();
  if (!trino_path(text_of(object, "ackUri"), segment.ack_path)) return malformed();
  TRY(read_headers(object, segment));
  return segment;
}

}  // namespace

Result<std::vector<SpooledSegment>> parse_spooled_data(std::string_view text) {
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  if (failed || !value.is_object()) return malformed();
  const auto& object = value.get_object();
  const std::string_view encoding = text_of(object, "encoding");
  if (encoding != "json" && encoding != "json+zstd") {
    return Error(ErrorCode::kUnsupported,
                 "Trino's answer is in the encoding " + json::serialize(json::value(encoding)));
  }
  const auto* list = object.if_contains("segments");
  if (list == nullptr || !list->is_array() || list->get_array().size() > kSegmentsMax) {
    return malformed();
  }
  std::vector<SpooledSegment> segments;
  for (const auto& element : list->get_array()) {
    segments.push_back(TRY(read_segment(element, encoding == "json+zstd")));
  }
  return segments;
}

Result<std::string> decode_segment(const SpooledSegment& segment, std::string_view bytes) {
  struct Rows final : http::ByteSink {
    std::string text;
    uint64_t at_most = 0;
    Status put(std::string_view more) override {
      if (text.size() + more.size() > at_most) return malformed();
      text += more;
      return {};
    }
  } rows;
  rows.at_most = segment.rows_bytes;
  auto decoder = TRY(http::ContentDecoder::create(segment.is_compressed ? "zstd" : "identity"));
  const auto fed = decoder->feed(bytes, rows);
  if (!fed.ok() || !decoder->finish().ok() || rows.text.size() != segment.rows_bytes) {
    return malformed();
  }
  if (!rows.text.starts_with('[')) return malformed();
  return std::move(rows.text);
}

}  // namespace firn::federation
