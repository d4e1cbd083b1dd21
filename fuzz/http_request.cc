// What a client may send: head, target, body framing and content encodings, in pieces of any size.
#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <cstdlib>

#include "http/connection_internal.h"

namespace {

struct Counting final : firn::http::ByteSink {
  size_t bytes = 0;
  size_t full_at = 0;
  bool full() const override { return bytes >= full_at; }
  firn::Status put(std::string_view more) override {
    bytes += more.size();
    if (bytes > 4 << 20) return firn::Error(firn::ErrorCode::kTooLarge, "too large");
    return {};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn::http;
  if (size < 2 || size > 1 << 16) return 0;
  const std::string_view raw(reinterpret_cast<const char*>(data) + 1, size - 1);
  RequestParser parser;
  parser.header_limit(16 << 10);
  parser.body_limit(boost::none);
  boost::system::error_code code;
  size_t at = parser.put(boost::asio::buffer(raw.data(), raw.size()), code);
  if (!parser.is_header_done()) return 0;
  Request request;
  for (const auto& field : parser.get()) {
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  (void)percent_decode(std::string(parser.get().target()), true);
  (void)json_quote(std::string(parser.get().target()));
  auto decoder = BodyDecoder::create(parser, request);
  if (!decoder.ok()) return 0;
  Counting sink;
  // Takes little at a time, or all at once.
  const size_t room = data[0] % 2 == 0 ? 1000 : size_t{1} << 30;
  const size_t step = 1 + data[0] * 16;
  std::string pending;
  while (at < raw.size() && !(*decoder)->done()) {
    const size_t n = std::min(step, raw.size() - at);
    pending.append(raw.substr(at, n));
    at += n;
    do {
      sink.full_at = sink.bytes + room;
      const auto used = (*decoder)->feed(pending, sink);
      if (!used.ok()) return 0;
      if (*used > pending.size()) std::abort();
      pending.erase(0, *used);
    } while ((*decoder)->holds());
  }
  return 0;
}
