package firn.trino;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Statements without rows, to this very Trino, by its client protocol, as the engine's own account. One thread. */
final class Coordinator {
    private static final Duration ANSWER_AT_MOST = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http;
    private final URI url;
    private final String authorization;

    /** `authorityFile`: PEM of whoever signed the coordinator's certificate; null: the system's authorities. */
    Coordinator(String url, String authorityFile, String key) {
        if (!url.startsWith("https://")) {
            throw new IllegalArgumentException("firn.coordinator-url is https://HOST:PORT");
        }
        this.url = URI.create(url);
        this.authorization = "Basic " + Base64.getEncoder()
                .encodeToString((CatalogKeeper.USER + ":" + key).getBytes(StandardCharsets.UTF_8));
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5));
        if (authorityFile != null) {
            builder.sslContext(trusting(Path.of(authorityFile)));
        }
        http = builder.build();
    }

    private static SSLContext trusting(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int i = 0;
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + i++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(file + " holds no certificates", e);
        }
    }

    void run(String statement) {
        JsonNode answer = send(request(url.resolve("/v1/statement"))
                .POST(HttpRequest.BodyPublishers.ofString(statement))
                .build());
        while (true) {
            if (answer.hasNonNull("error")) {
                throw new IllegalStateException(statement + ": " + answer.path("error").path("message").asText());
            }
            if (!answer.hasNonNull("nextUri")) {
                return;
            }
            // Only the path counts: whatever host the answer names, it is the same Trino.
            answer = send(request(url.resolve(URI.create(answer.path("nextUri").asText()).getRawPath())).GET().build());
        }
    }

    private HttpRequest.Builder request(URI uri) {
        return HttpRequest.newBuilder(uri)
                .timeout(ANSWER_AT_MOST)
                .header("X-Trino-User", CatalogKeeper.USER)
                .header("X-Trino-Source", "firn-catalogs")
                .header("Authorization", authorization);
    }

    private JsonNode send(HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException("Trino answers with the status " + response.statusCode());
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
}
