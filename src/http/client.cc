#include "http/client.h"

#include <poll.h>
#include <unistd.h>

#include <cstdlib>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
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

using Milliseconds = std::chrono::milliseconds;

// A socket whose reads wait for so long at most: a timeout of the socket's own (SO_RCVTIMEO) is not
// seen through Asio, which waits by itself.
class PatientSocket {
 public:
  using executor_type = tcp::socket::executor_type;
  using lowest_layer_type = tcp::socket::lowest_layer_type;

  PatientSocket(asio::io_context& context, std::optional<Milliseconds> silence_max)
      : socket_(context), silence_max_(silence_max) {}

  tcp::socket& socket() { return socket_; }
  executor_type get_executor() { return socket_.get_executor(); }
  lowest_layer_type& lowest_layer() { return socket_.lowest_layer(); }

  template <typename Buffers>
  size_t read_some(const Buffers& buffers, boost::system::error_code& code) {
    if (silence_max_) {
      pollfd waiting{socket_.native_handle(), POLLIN, 0};
      if (::poll(&waiting, 1, static_cast<int>(silence_max_->count())) == 0) {
        code = asio::error::timed_out;
        return 0;
      }
    }
    return socket_.read_some(buffers, code);
  }
  template <typename Buffers>
  size_t read_some(const Buffers& buffers) {
    boost::system::error_code code;
    const size_t n = read_some(buffers, code);
    if (code) throw boost::system::system_error(code);
    return n;
  }
  template <typename Buffers>
  size_t write_some(const Buffers& buffers, boost::system::error_code& code) {
    return socket_.write_some(buffers, code);
  }
  template <typename Buffers>
  size_t write_some(const Buffers& buffers) {
    return socket_.write_some(buffers);
  }

 private:
  tcp::socket socket_;
  const std::optional<Milliseconds> silence_max_;
};

// The socket, with or without TLS around it.
class Link {
 public:
  Link(asio::io_context& context, std::optional<Milliseconds> silence_max, asio::ssl::context* tls)
      : plain_(context, silence_max) {
    if (tls != nullptr) tls_.emplace(plain_, *tls);
  }

  tcp::socket& socket() { return plain_.socket(); }

  void shake_hands(const std::string& host, boost::system::error_code& code) {
    if (!tls_) return;
    SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
    tls_->set_verify_mode(asio::ssl::verify_peer, code);
    if (!code) tls_->set_verify_callback(asio::ssl::host_name_verification(host), code);
    if (!code) tls_->handshake(asio::ssl::stream_base::client, code);
  }

  template <typename Buffers>
  size_t read_some(const Buffers& buffers, boost::system::error_code& code) {
    return tls_ ? tls_->read_some(buffers, code) : plain_.read_some(buffers, code);
  }
  template <typename Buffers>
  size_t read_some(const Buffers& buffers) {
    boost::system::error_code code;
    const size_t n = read_some(buffers, code);
    if (code) throw boost::system::system_error(code);
    return n;
  }
  template <typename Buffers>
  size_t write_some(const Buffers& buffers, boost::system::error_code& code) {
    return tls_ ? tls_->write_some(buffers, code) : plain_.write_some(buffers, code);
  }

 private:
  PatientSocket plain_;
  std::optional<asio::ssl::stream<PatientSocket&>> tls_;
};

// SSL_CTX_set_default_verify_paths() looks for stores in ways that crash where another library in
// the process brings an OpenSSL of its own; the usual bundles are files.
std::string system_authorities() {
  if (const char* file = std::getenv("SSL_CERT_FILE")) return file;
  for (const char* file : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                           "/etc/ssl/cert.pem"}) {
    if (::access(file, R_OK) == 0) return file;
  }
  return "/etc/ssl/certs/ca-certificates.crt";
}

class ClientImpl final : public Client {
 public:
  ClientImpl(std::string host, std::string port, std::optional<Milliseconds> silence_max)
      : host_(std::move(host)), port_(std::move(port)), silence_max_(silence_max) {}

  Status use_tls(const std::string& ca_file) {
    boost::system::error_code failed;
    tls_.emplace(asio::ssl::context::tls_client);
    tls_->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                          asio::ssl::context::no_tlsv1_1,
                      failed);
    if (!failed) tls_->load_verify_file(ca_file.empty() ? system_authorities() : ca_file, failed);
    if (!failed) return {};
    return Error(ErrorCode::kInvalidArgument,
                 "the certificates of authorities cannot be read: " + failed.message());
  }

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
    return Error(ErrorCode::kUnavailable, fmt::format("cannot talk to {}://{}:{}: {}",
                                                      tls_ ? "https" : "http", host_, port_, why));
  }

  Status connect() {
    boost::system::error_code code;
    tcp::resolver resolver(context_);
    const auto endpoints = resolver.resolve(host_, port_, code);
    if (code) return unreachable(code.message());
    socket_.emplace(context_, silence_max_, tls_ ? &*tls_ : nullptr);
    asio::connect(socket_->socket(), endpoints, code);
    if (code) return unreachable(code.message());
    socket_->socket().set_option(tcp::no_delay(true), code);
    code.clear();
    socket_->shake_hands(host_, code);
    if (code) return unreachable(code.message());
    buffer_.clear();
    return {};
  }

  Status write(std::string_view bytes) {
    boost::system::error_code code;
    asio::write(*socket_, asio::buffer(bytes.data(), bytes.size()), code);
    if (code) return unreachable(code.message());
    return {};
  }

  // What would end a line of the head, or the head, and begin something of its own.
  static Status check_head(const ClientRequest& request) {
    const auto is_one_line = [](std::string_view text) {
      return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
    };
    bool fine = is_one_line(request.method) && is_one_line(request.target) &&
                request.target.find(' ') == std::string::npos;
    for (const auto& [name, value] : request.headers.all()) {
      fine = fine && is_one_line(name) && is_one_line(value);
    }
    if (fine) return {};
    return Error(ErrorCode::kInvalidArgument,
                 "a request's line and headers must not contain line breaks");
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
    TRY(check_head(request));
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
  const std::optional<Milliseconds> silence_max_;
  std::optional<asio::ssl::context> tls_;
  std::optional<Link> socket_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::create(std::string_view base_url,
                                               const ClientOptions& options) {
  const bool is_tls = base_url.starts_with("https://");
  if (!is_tls && !base_url.starts_with("http://")) {
    return Error(ErrorCode::kInvalidArgument,
                 "the server's URL must start with http:// or https://");
  }
  base_url.remove_prefix(base_url.find("//") + 2);
  base_url = base_url.substr(0, base_url.find('/'));
  const size_t colon = base_url.rfind(':');
  std::string host(base_url.substr(0, colon));
  std::string port = colon != std::string_view::npos ? std::string(base_url.substr(colon + 1))
                     : is_tls                        ? "443"
                                                     : "80";
  if (host.empty() || port.empty()) {
    return Error(ErrorCode::kInvalidArgument, "the server's URL is http://HOST:PORT");
  }
  auto client = std::make_unique<ClientImpl>(std::move(host), std::move(port), options.silence_max);
  if (is_tls) TRY(client->use_tls(options.ca_file));
  return std::unique_ptr<Client>(std::move(client));
}

}  // namespace firn::http
