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

Status BodyDecoder::decode(ByteSink& sink) {
  piece_at_ += TRY(content_->feed({piece_.data() + piece_at_, piece_end_ - piece_at_}, sink));
  return {};
}

Result<size_t> BodyDecoder::feed(std::string_view raw, ByteSink& sink) {
  namespace beast_http = boost::beast::http;
  // "0", CR LF, CR LF: no chunk header together with what has to follow it is shorter. Beast's
  // parser must not be asked again with less once it has seen the "0".
  constexpr size_t kLastChunkBytes = 5;
  if (holds()) {
    TRY(decode(sink));
    if (holds()) return 0;
  }
  if (stalled_ && raw.size() < kLastChunkBytes) return 0;
  stalled_ = false;
  size_t used = 0;
  while (!parser_.is_done()) {
    auto& body = parser_.get().body();
    body.data = piece_.data();
    body.size = piece_.size();
    body.more = true;
    boost::system::error_code code;
    const size_t n = parser_.put(boost::asio::buffer(raw.data() + used, raw.size() - used), code);
    used += n;
    piece_at_ = 0;
    piece_end_ = piece_.size() - body.size;
    const size_t produced = piece_end_;
    if (produced > 0) TRY(decode(sink));
    if (code && code != beast_http::error::need_buffer && code != beast_http::error::need_more) {
      return Error(ErrorCode::kInvalidData, "the request body is not well-formed HTTP",
                   code.message());
    }
    if (holds()) return used;
    if (n == 0 && produced == 0) {
      stalled_ = true;
      break;
    }
    if (used == raw.size() && produced < piece_.size()) break;
  }
  if (parser_.is_done() && !done_) {
    done_ = true;
    TRY(content_->finish());
  }
  return used;
}

}  // namespace firn::http
