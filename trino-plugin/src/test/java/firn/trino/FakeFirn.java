package firn.trino;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers as Firn's /engine/v1 does. */
final class FakeFirn implements AutoCloseable {
    final Map<String, String> answers = new ConcurrentHashMap<>();
    final List<String> bodies = new CopyOnWriteArrayList<>();
    final AtomicInteger failuresLeft = new AtomicInteger();
    final AtomicInteger asked = new AtomicInteger();
    private final HttpServer server;

    FakeFirn() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/engine/v1/", exchange -> {
            asked.incrementAndGet();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().toString().substring("/engine/v1/".length());
            String answer = answers.get(path);
            if (failuresLeft.getAndUpdate(left -> Math.max(left - 1, 0)) > 0) {
                exchange.sendResponseHeaders(503, -1);
            }
            else if (exchange.getRequestMethod().equals("POST")) {
                bodies.add(body);
                exchange.sendResponseHeaders(204, -1);
            }
            else if (answer == null) {
                exchange.sendResponseHeaders(404, -1);
            }
            else {
                byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
            exchange.close();
        });
        server.start();
    }

    FirnConfig config() {
        return config(server.getAddress().getPort());
    }

    static FirnConfig config(int port) {
        return new FirnConfig(
                URI.create("http://127.0.0.1:" + port), "firn_t_secret", Duration.ofMillis(50), 100, Map.of());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
