#include <boost/asio/buffer.hpp>

#include "http/connection_internal.h"

namespace firn::http {

Result<std::unique_ptr<BodyDecoder>> BodyDecoder::create(RequestParser& parser,
                                                         const Request& request) {
  auto content = TRY(ContentDecoder::create(request.headers.get("Content-Encoding").value_or("")));
  parser.body_limit(boost::none);
  parser.eager(true);
  std::unique_ptr<BodyDecoder> decoder(new BodyDecoder(parser, std::move(content)));
  decoder->done_ = parser.is_done();
  return decoder;
}

Result<size_t> BodyDecoder::feed(std::string_view raw, ByteSink& sink) {
  namespace beast_http = boost::beast::http;
  char piece[16 << 10];
  // "0", CR LF, CR LF: no chunk header together with what has to follow it is shorter. Beast's
  // parser must not be asked again with less once it has seen the "0".
  constexpr size_t kLastChunkBytes = 5;
  if (stalled_ && raw.size() < kLastChunkBytes) return 0;
  stalled_ = false;
  size_t used = 0;
  while (!parser_.is_done()) {
    auto& body = parser_.get().body();
    body.data = piece;
    body.size = sizeof piece;
    body.more = true;
    boost::system::error_code code;
    const size_t n = parser_.put(boost::asio::buffer(raw.data() + used, raw.size() - used), code);
    used += n;
    const size_t produced = sizeof piece - body.size;
    if (produced > 0) TRY(content_->feed({piece, produced}, sink));
    if (code && code != beast_http::error::need_buffer && code != beast_http::error::need_more) {
      return Error(ErrorCode::kInvalidData, "the request body is not well-formed HTTP",
                   code.message());
    }
    if (n == 0 && produced == 0) {
      stalled_ = true;
      break;
    }
    if (used == raw.size() && produced < sizeof piece) break;
  }
  if (parser_.is_done() && !done_) {
    done_ = true;
    TRY(content_->finish());
  }
  return used;
}

}  // namespace firn::http
