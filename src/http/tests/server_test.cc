#include "http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <thread>

#include "http/client.h"

namespace firn::http {
namespace {

using std::chrono::milliseconds;

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

class ServerTest : public ::testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    server_ = MUST(Server::start(options, [](const Request& request) { return route(request); }));
  }

  // A request that nothing answers until it is released.
  static std::shared_ptr<Exchange>& held() {
    static std::shared_ptr<Exchange> exchange;
    return exchange;
  }
  static void release_held() { held().reset(); }

  static Route route(const Request& request) {
    Route route;
    route.body_bytes_max = 1 << 20;
    const auto echo = [](const std::shared_ptr<Exchange>& exchange) {
      exchange->respond(Response::text(200, std::string(exchange->body()), "text/plain"));
    };
    if (request.path == "/echo") route.buffered = echo;
    if (request.path == "/blocking") route.blocking = echo;
    if (request.path == "/later") {
      route.buffered = [](const std::shared_ptr<Exchange>& exchange) {
        std::thread([exchange] {
          std::this_thread::sleep_for(milliseconds(30));
          exchange->respond(Response::text(200, "later", "text/plain"));
        }).detach();
      };
    }
    if (request.path == "/forgotten") route.buffered = [](const std::shared_ptr<Exchange>&) {};
    if (request.path == "/held") {
      route.buffered = [](const std::shared_ptr<Exchange>& exchange) { held() = exchange; };
    }
    if (request.path == "/slow") {
      route.blocking = [](const std::shared_ptr<Exchange>& exchange) {
        std::this_thread::sleep_for(milliseconds(300));
        exchange->respond(Response::text(200, "slow", "text/plain"));
      };
    }
    if (request.path == "/stream") {
      route.stream = [](Stream& stream) {
        ASSERT_TRUE(stream.start(Response::text(200, "", "text/plain")).ok());
        char buffer[1000];
        for (;;) {
          const auto n = stream.read(buffer);
          if (!n.ok() || *n == 0) break;
          if (!stream.write({buffer, *n}).ok()) return;
        }
        (void)stream.finish();  // the client may be gone
      };
    }
    if (request.path == "/count" || request.path == "/first") {
      route.body_first = request.path == "/first";
      route.stream = [](Stream& stream) {
        char buffer[1000];
        for (uint64_t total = 0;;) {
          const auto n = stream.read(buffer);
          if (n.ok() && *n > 0) {
            total += *n;
            continue;
          }
          (void)stream.respond(n.ok() ? Response::text(200, std::to_string(total), "text/plain")
                                      : Response::error(n.error()));
          return;
        }
      };
    }
    if (request.path == "/socket") {
      struct Chatty final : WebSocketHandler {
        std::shared_ptr<WebSocket> socket;
        void on_message(std::string_view) override { socket->send(std::string(64 << 10, 'x')); }
        void on_close() override {}
      };
      route.web_socket.open = [](std::shared_ptr<WebSocket> socket) {
        auto chatty = std::make_shared<Chatty>();
        chatty->socket = std::move(socket);
        return chatty;
      };
    }
    if (request.path == "/segments") {
      std::string text;
      for (const auto& segment : request.segments) text += "[" + segment + "]";
      for (const auto& [name, value] : request.query) text += "{" + name + "=" + value + "}";
      route.buffered = [text](const std::shared_ptr<Exchange>& exchange) {
        exchange->respond(Response::text(200, text, "text/plain"));
      };
    }
    if (!route.buffered && !route.blocking && !route.stream && !route.web_socket.open) {
      route.buffered = [](const std::shared_ptr<Exchange>& exchange) {
        exchange->respond(Response::error(Error(ErrorCode::kNotFound, "no such path")));
      };
    }
    return route;
  }

  std::unique_ptr<Client> client() {
    return MUST(Client::create("http://127.0.0.1:" + std::to_string(server_->port())));
  }

  int connect() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port());
    ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    CHECK(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return fd;
  }
  // Sends raw bytes and reads until the server closes.
  std::string raw(std::string_view bytes) {
    const int fd = connect();
    EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    return read_all(fd);
  }
  std::string read_all(int fd) {
    std::string answer;
    char buffer[4096];
    for (ssize_t n; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<size_t>(n));
    }
    ::close(fd);
    return answer;
  }

  std::unique_ptr<Server> server_;
};

ClientRequest post(std::string target, std::string body) {
  ClientRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

TEST_F(ServerTest, KeepsAConnectionForManyRequests) {
  start();
  auto one = client();
  for (const char* path : {"/echo", "/blocking", "/stream", "/echo"}) {
    for (const size_t size : {size_t{0}, size_t{1}, size_t{100'000}}) {
      const auto response = MUST(one->send(post(path, std::string(size, 'x'))));
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.body.size(), size) << path;
    }
  }
  EXPECT_EQ(MUST(one->send(post("/later", ""))).body, "later");
  EXPECT_EQ(server_->stats().connections_open, 1u);
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  const std::string answer =
      raw("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\noneGET /later HTTP/1.1\r\n\r\n"
          "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo");
  EXPECT_LT(answer.find("one"), answer.find("later"));
  EXPECT_LT(answer.find("later"), answer.find("two"));
}

// Whatever may take time comes after the answers that are there already.
TEST_F(ServerTest, AnAnswerWaitsForNoLaterRequest) {
  start();
  const std::string one = "POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\none";
  for (const std::string& behind :
       {std::string("GET /held HTTP/1.1\r\n\r\n"), std::string("GET /half"),
        std::string("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nt"),
        std::string("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3"),
        std::string("POST /stream HTTP/1.1\r\nContent-Length: 3\r\n\r\nt"),
        std::string("POST /echo HTTP/1.1\r\nTransfer-Encoding: fast\r\n\r\n")}) {
    const int fd = connect();
    const std::string bytes = one + behind;
    ASSERT_EQ(::send(fd, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    std::string answer;
    char buffer[4096];
    while (answer.find("one") == std::string::npos) {
      const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
      ASSERT_GT(n, 0) << behind;
      answer.append(buffer, static_cast<size_t>(n));
    }
    ::close(fd);
  }
  release_held();
}

TEST_F(ServerTest, ManyPipelinedRequestsAreAllAnswered) {
  start();
  std::string requests;
  std::string expected;
  const char* const paths[] = {"/echo", "/echo", "/blocking", "/echo", "/echo"};
  for (int i = 0; i < 400; ++i) {
    const std::string body = std::string(static_cast<size_t>(i * 7), 'a') + std::to_string(i) + ";";
    requests += std::string("POST ") + paths[i % 5] +
                " HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    expected += std::to_string(i) + ";";
  }
  const int fd = connect();
  std::thread sender([&] {
    for (size_t at = 0; at < requests.size();) {
      const ssize_t n = ::send(fd, requests.data() + at, requests.size() - at, MSG_NOSIGNAL);
      ASSERT_GT(n, 0);
      at += static_cast<size_t>(n);
    }
    ::shutdown(fd, SHUT_WR);  // a client that has said all still reads
  });
  const std::string answer = read_all(fd);
  sender.join();
  std::string seen;
  for (size_t at = 0; (at = answer.find(';', at)) != std::string::npos; ++at) {
    size_t digits = at;
    while (digits > 0 && std::isdigit(static_cast<unsigned char>(answer[digits - 1]))) --digits;
    seen += answer.substr(digits, at + 1 - digits);
  }
  EXPECT_EQ(seen, expected);
}

TEST_F(ServerTest, DecodesChunksAndEncodings) {
  start();
  auto one = client();
  for (const char* path : {"/echo", "/stream"}) {
    ClientRequest request = post(path, gzip("hello hello hello"));
    request.headers.add("Content-Encoding", "gzip");
    EXPECT_EQ(MUST(one->send(request)).body, "hello hello hello");
    int piece = 0;
    request = post(path, "");
    request.body_source = [&]() -> Result<std::string> {
      return ++piece <= 3 ? std::string(1000, static_cast<char>('a' + piece)) : std::string();
    };
    EXPECT_EQ(MUST(one->send(request)).body.size(), 3000u);
  }
}

TEST_F(ServerTest, TakesChunksThatComeInPieces) {
  start();
  for (const char* path : {"/echo", "/stream"}) {
    const int fd = connect();
    const std::string head = std::string("POST ") + path + " HTTP/1.1\r\nHost: x\r\n" +
                             "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    // Heads of chunks, too, arrive cut in two.
    for (const std::string& piece :
         {head, std::string("5"), std::string("\r\nhello\r\n0"), std::string("\r\n\r\n")}) {
      EXPECT_EQ(::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(piece.size()));
      std::this_thread::sleep_for(milliseconds(20));
    }
    EXPECT_NE(read_all(fd).find("hello"), std::string::npos) << path;
  }
}

TEST_F(ServerTest, AChunksHeadWithoutEndIsCutOff) {
  start();
  for (const char* path : {"/echo", "/stream"}) {
    const int fd = connect();
    const std::string bytes = std::string("POST ") + path +
                              " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;" +
                              std::string(300'000, 'x');
    // The server may close before it has taken all.
    (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    read_all(fd);
  }
  EXPECT_NE(raw("GET /segments HTTP/1.1\r\nConnection: close\r\n\r\n").find("[segments]"),
            std::string::npos);
}

TEST_F(ServerTest, ABombIsCutAtTheLimit) {
  start();
  ClientRequest request = post("/echo", gzip(std::string(64 << 20, '0')));
  request.headers.add("Content-Encoding", "gzip");
  EXPECT_EQ(MUST(client()->send(request)).status, 413);
  // The same where the body is read as it comes.
  for (const char* path : {"/count", "/first"}) {
    for (const auto& [encoding, body] : {std::pair("gzip", gzip(std::string(64 << 20, '0'))),
                                         std::pair("zstd", zstd(std::string(64 << 20, '0')))}) {
      request = post(path, body);
      request.headers.add("Content-Encoding", encoding);
      EXPECT_EQ(MUST(client()->send(request)).status, 413) << path << encoding;
    }
    EXPECT_EQ(MUST(client()->send(post(path, std::string((1 << 20) + 1, 'x')))).status, 413);
    EXPECT_EQ(MUST(client()->send(post(path, std::string(1 << 20, 'x')))).body, "1048576");
  }
}

TEST_F(ServerTest, DecodesBodiesOfAnyLength) {
  start();
  auto one = client();
  // Around the sizes of the decoders' pieces, and of what a stream holds.
  for (const size_t size : {0, 1, 16 << 10, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 128 << 10,
                            256 << 10, 320 << 10, 1 << 20}) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * i % 23);
    for (const auto& [encoding, body] :
         {std::pair("gzip", gzip(text)), std::pair("zstd", zstd(text)), std::pair("", text)}) {
      ClientRequest request = post("/echo", body);
      if (*encoding != '\0') request.headers.add("Content-Encoding", encoding);
      EXPECT_TRUE(MUST(one->send(request)).body == text) << encoding << size;
      for (const char* path : {"/count", "/first"}) {
        request.target = path;
        EXPECT_EQ(MUST(one->send(request)).body, std::to_string(size)) << encoding << path;
      }
    }
  }
}

TEST_F(ServerTest, ABodyWhoseEndIsNotCertainIsRefused) {
  start();
  for (const char* framing :
       {"Transfer-Encoding: chunked, identity", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: identity\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding: gzip"}) {
    const std::string answer = raw(std::string("POST /echo HTTP/1.1\r\nHost: x\r\n") + framing +
                                   "\r\n\r\nGET /segments HTTP/1.1\r\n\r\n");
    EXPECT_NE(answer.find(" 400 "), std::string::npos) << framing << answer;
    EXPECT_EQ(answer.find("[segments]"), std::string::npos) << framing << answer;
  }
}

TEST_F(ServerTest, AnAnnouncedLengthTakesNothingFromOthers) {
  ServerOptions options;
  options.buffered_bytes_max = 2 << 20;
  start(options);
  std::vector<int> announcing;
  for (int i = 0; i < 16; ++i) {
    announcing.push_back(connect());
    const std::string head = "POST /echo HTTP/1.1\r\nContent-Length: 1048576\r\n\r\nx";
    ::send(announcing.back(), head.data(), head.size(), MSG_NOSIGNAL);
  }
  while (server_->stats().requests < 16) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(MUST(client()->send(post("/echo", std::string(500'000, 'x')))).status, 200);
  for (const int fd : announcing) ::close(fd);
}

TEST_F(ServerTest, ABodyThatDripsIsCutOff) {
  ServerOptions options;
  options.body_idle_deadline = milliseconds(200);
  options.body_bytes_per_second_min = 1'000;
  start(options);
  for (const char* path : {"/echo", "/count", "/first"}) {
    const int fd = connect();
    const std::string head =
        std::string("POST ") + path + " HTTP/1.1\r\nContent-Length: 100000\r\n\r\n";
    ::send(fd, head.data(), head.size(), MSG_NOSIGNAL);
    // Never silent for long, and never done.
    int drops = 0;
    while (drops < 1'000 && ::send(fd, "x", 1, MSG_NOSIGNAL) == 1) {
      ++drops;
      std::this_thread::sleep_for(milliseconds(20));
    }
    EXPECT_LT(drops, 1'000) << path;
    ::close(fd);
  }
}

TEST_F(ServerTest, AWebSocketThatReadsNothingIsCutOff) {
  ServerOptions options;
  options.body_idle_deadline = milliseconds(200);
  options.push_bytes_max = 32 << 20;
  start(options);
  const int fd = connect();
  const std::string upgrade =
      "GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
  ::send(fd, upgrade.data(), upgrade.size(), MSG_NOSIGNAL);
  // A text of one character, masked with zeros; each sets the idle timer anew.
  const std::string_view text("\x81\x81\0\0\0\0x", 7);
  int sent = 0;
  while (sent < 1'000 && ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) > 0) {
    ++sent;
    if (sent > 400) std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_LT(sent, 1'000);
  ::close(fd);
}

TEST_F(ServerTest, ARequestsHeadHasNoLinesOfItsOwn) {
  start();
  ClientRequest request = post("/echo", "");
  request.headers.add("X-One", "a\r\nX-Two: b");
  EXPECT_EQ(client()->send(request).error().code(), ErrorCode::kInvalidArgument);
  request = post("/echo HTTP/1.1\r\nX: y", "");
  EXPECT_EQ(client()->send(request).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
  start();
  EXPECT_NE(raw("rubbish\r\n\r\n").find(" 400 "), std::string::npos);
  EXPECT_NE(raw("GET echo HTTP/1.1\r\n\r\n").find(" 400 "), std::string::npos);
  EXPECT_NE(raw("GET /%zz HTTP/1.1\r\n\r\n").find(" 400 "), std::string::npos);
  EXPECT_NE(raw("GET / HTTP/1.1\r\nX: " + std::string(80'000, 'y') + "\r\n\r\n").find(" 431 "),
            std::string::npos);
  EXPECT_NE(raw("POST /echo HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n").find(" 413 "),
            std::string::npos);
  EXPECT_NE(raw("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").find(" 400 "),
            std::string::npos);
}

TEST_F(ServerTest, SplitsThePathBeforeItDecodesIt) {
  start();
  EXPECT_NE(raw("GET /segments HTTP/1.1\r\nConnection: close\r\n\r\n").find("[segments]"),
            std::string::npos);
  Request request;
  const auto answer = MUST(client()->send([] {
    ClientRequest ask;
    ask.target = "/segments?a=1+2&b=%C3%A9&c";
    return ask;
  }()));
  EXPECT_EQ(answer.body, "[segments]{a=1 2}{b=\xC3\xA9}{c=}");
}

TEST_F(ServerTest, AHandlerThatForgetsToAnswerIs500) {
  start();
  EXPECT_EQ(MUST(client()->send(post("/forgotten", ""))).status, 500);
}

TEST_F(ServerTest, ContinuesWhenAsked) {
  start();
  const std::string head =
      "POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: "
      "close\r\n\r\n";
  const int fd = connect();
  ASSERT_GT(::send(fd, head.data(), head.size(), 0), 0);
  char buffer[256];
  const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
  EXPECT_EQ(std::string(buffer, static_cast<size_t>(n)), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_EQ(::send(fd, "ok", 2, 0), 2);
  EXPECT_GT(::recv(fd, buffer, sizeof buffer, 0), 0);
  ::close(fd);
}

TEST_F(ServerTest, ASlowHeaderIsCutOff) {
  ServerOptions options;
  options.header_deadline = milliseconds(200);
  start(options);
  EXPECT_EQ(raw("GET / HT"), "");  // returns: the server has closed
}

TEST_F(ServerTest, MoreThanThePoolTakesIs429) {
  ServerOptions options;
  options.pool_threads = 1;
  options.pool_queue_max = 1;
  start(options);
  std::vector<std::thread> threads;
  std::atomic<int> refused{0};
  std::atomic<int> answered{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto response = MUST(client()->send(post("/slow", "")));
      (response.status == 429 ? refused : answered)++;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GT(refused, 0);
  EXPECT_GT(answered, 0);
}

TEST_F(ServerTest, DrainFinishesWhatIsUnderWay) {
  start();
  std::string body;
  std::thread asking([&] { body = MUST(client()->send(post("/slow", ""))).body; });
  while (server_->stats().requests == 0) std::this_thread::sleep_for(milliseconds(5));
  server_->drain(milliseconds(2000));
  asking.join();
  EXPECT_EQ(body, "slow");
  EXPECT_FALSE(Client::create("http://127.0.0.1:" + std::to_string(server_->port()))
                   .value()
                   ->send(post("/echo", ""))
                   .ok());
}

TEST(MessageTest, QuotesJsonAndMendsUtf8) {
  EXPECT_EQ(json_quote("a\"\\\n\x01\xC3\xA9\xFF\xED\xA0\x80"),
            "\"a\\\"\\\\\\n\\u0001\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace firn::http
