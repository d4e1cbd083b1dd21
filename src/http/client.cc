#include "http/client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <fmt/format.h>

namespace firn::http {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;

class ClientImpl final : public Client {
 public:
  ClientImpl(std::string host, std::string port) : host_(std::move(host)), port_(std::move(port)) {}

  Result<Response> send(const ClientRequest& request) override {
    return exchange(request, nullptr);
  }
  Result<Response> stream(const ClientRequest& request,
                          const std::function<Status(std::string_view)>& on_body) override {
    return exchange(request, &on_body);
  }

 private:
  using OnBody = std::function<Status(std::string_view)>;

  Error unreachable(const std::string& why) {
    socket_.reset();
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot talk to http://{}:{}: {}", host_, port_, why));
  }

  Status connect() {
    boost::system::error_code code;
    tcp::resolver resolver(context_);
    const auto endpoints = resolver.resolve(host_, port_, code);
    if (code) return unreachable(code.message());
    socket_.emplace(context_);
    asio::connect(*socket_, endpoints, code);
    if (code) return unreachable(code.message());
    socket_->set_option(tcp::no_delay(true), code);
    buffer_.clear();
    return {};
  }

  Status write(std::string_view bytes) {
    boost::system::error_code code;
    asio::write(*socket_, asio::buffer(bytes.data(), bytes.size()), code);
    if (code) return unreachable(code.message());
    return {};
  }

  Status send_request(const ClientRequest& request) {
    std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\n", request.method,
                                   request.target, host_, port_);
    for (const auto& [name, value] : request.headers.all()) {
      fmt::format_to(std::back_inserter(head), "{}: {}\r\n", name, value);
    }
    if (!request.body_source) {
      fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n\r\n", request.body.size());
      return write(head + request.body);
    }
    const bool chunked = !request.body_length;
    head += chunked ? "Transfer-Encoding: chunked\r\n\r\n"
                    : fmt::format("Content-Length: {}\r\n\r\n", *request.body_length);
    TRY(write(head));
    for (;;) {
      const std::string piece = TRY(request.body_source());
      if (piece.empty()) break;
      // The server may answer early (too large, not allowed): its answer tells why.
      const Status sent =
          chunked ? write(fmt::format("{:x}\r\n{}\r\n", piece.size(), piece)) : write(piece);
      if (!sent.ok()) return sent;
    }
    return chunked ? write("0\r\n\r\n") : Status();
  }

  Result<Response> exchange(const ClientRequest& request, const OnBody* on_body) {
    if (!socket_) TRY(connect());
    TRY(send_request(request));
    beast_http::response_parser<beast_http::buffer_body> parser;
    parser.body_limit(boost::none);
    if (request.method == "HEAD") parser.skip(true);
    boost::system::error_code code;
    beast_http::read_header(*socket_, buffer_, parser, code);
    if (code) return unreachable(code.message());
    Response response;
    response.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
      response.headers.add(std::string(field.name_string()), std::string(field.value()));
    }
    const bool give = on_body != nullptr && response.status == 200;
    std::string piece(64 << 10, '\0');
    while (!parser.is_done()) {
      parser.get().body().data = piece.data();
      parser.get().body().size = piece.size();
      beast_http::read(*socket_, buffer_, parser, code);
      if (code && code != beast_http::error::need_buffer) return unreachable(code.message());
      const std::string_view got(piece.data(), piece.size() - parser.get().body().size);
      if (give)
        TRY((*on_body)(got));
      else
        response.body += got;
    }
    if (!parser.keep_alive()) socket_.reset();
    return response;
  }

  asio::io_context context_;
  std::string host_;
  std::string port_;
  std::optional<tcp::socket> socket_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::create(std::string_view base_url) {
  constexpr std::string_view kScheme = "http://";
  if (!base_url.starts_with(kScheme)) {
    return Error(ErrorCode::kInvalidArgument, "the server's URL must start with http://");
  }
  base_url.remove_prefix(kScheme.size());
  base_url = base_url.substr(0, base_url.find('/'));
  const size_t colon = base_url.rfind(':');
  std::string host(base_url.substr(0, colon));
  std::string port =
      colon == std::string_view::npos ? "80" : std::string(base_url.substr(colon + 1));
  if (host.empty() || port.empty()) {
    return Error(ErrorCode::kInvalidArgument, "the server's URL is http://HOST:PORT");
  }
  return std::unique_ptr<Client>(std::make_unique<ClientImpl>(std::move(host), std::move(port)));
}

}  // namespace firn::http
