package firn.trino;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Firn's /engine/v1, with the plugin's own key. Thread-safe. */
class FirnClient {
    /** Firn answered, and not with what was asked for. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    private static final Duration CONNECT_AT_MOST = Duration.ofSeconds(5);
    private static final Duration ANSWER_AT_MOST = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http;
    private final URI url;
    private final String key;

    FirnClient(FirnConfig config) {
        url = config.url();
        key = config.key();
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_AT_MOST)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** Throws Refused, and UncheckedIOException where Firn cannot be reached. */
    JsonNode get(String path) {
        return send(request(path, key).GET().build());
    }

    JsonNode post(String path, JsonNode body) {
        return send(request(path, key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
    }

    /** Who has the key. */
    JsonNode self(String someKey) {
        return send(request("self", someKey).GET().build());
    }

    static String escape(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path, String bearer) {
        return HttpRequest.newBuilder(URI.create(url + "/engine/v1/" + path))
                .timeout(ANSWER_AT_MOST)
                .header("Authorization", "Bearer " + bearer);
    }

    private JsonNode send(HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == 204) {
                return JSON.nullNode();
            }
            if (response.statusCode() != 200) {
                throw new Refused(response.statusCode(), message(response.body()));
            }
            return JSON.readTree(response.body());
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String message(String body) {
        try {
            return JSON.readTree(body).path("message").asText("no reason given");
        }
        catch (JsonProcessingException e) {
            return "no reason given";
        }
    }
}
