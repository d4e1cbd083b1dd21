package firn.trino;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the properties files of the parts say. The key is that of a service account with the role engine, in a file that
 * its owner alone can read.
 */
record FirnConfig(URI url, String key, Duration cacheTtl, int cacheEntries, Map<String, String> others) {
    static FirnConfig of(Map<String, String> properties) {
        Map<String, String> rest = new TreeMap<>(properties);
        String url = rest.remove("firn.url");
        String file = rest.remove("firn.key-file");
        if (url == null || file == null) {
            throw new IllegalArgumentException("firn.url and firn.key-file are needed");
        }
        String ttl = rest.remove("firn.cache-ttl-ms");
        String entries = rest.remove("firn.cache-entries");
        return new FirnConfig(
                URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url),
                readKey(Path.of(file)),
                Duration.ofMillis(ttl == null ? 2_000 : Integer.parseInt(ttl)),
                entries == null ? 10_000 : Integer.parseInt(entries),
                rest);
    }

    /** Fails where there is a property that no part knows. */
    FirnConfig withoutOthers() {
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("unknown properties: " + others.keySet());
        }
        return this;
    }

    private static String readKey(Path file) {
        try {
            String key = Files.readString(file).strip();
            if (key.isEmpty()) {
                throw new IllegalArgumentException(file + " holds no key");
            }
            return key;
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return "FirnConfig[" + url + "]";
    }
}
