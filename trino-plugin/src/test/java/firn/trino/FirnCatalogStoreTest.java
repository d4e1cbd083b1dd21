package firn.trino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FirnCatalogStoreTest {
    private static final FirnConfig CONFIG = new FirnConfig(URI.create("http://firn"), "firns-own-key", Duration.ofSeconds(1), 10,
            Map.of("firn.iceberg.s3.aws-secret-key", "the-lakes", "firn.connected-iceberg.iceberg.metadata-cache.enabled", "false"));

    private static Map<String, String> propertiesOf(String said) throws Exception {
        return new FirnCatalogStore(CONFIG, null).propertiesOf("iceberg", new ObjectMapper().readTree(said));
    }

    @Test
    void theLakesCatalogsAreReadWithFirnsKey() throws Exception {
        assertEquals(Map.of(
                "iceberg.catalog.type", "rest",
                "iceberg.rest-catalog.uri", "http://firn/iceberg",
                "iceberg.rest-catalog.security", "OAUTH2",
                "iceberg.rest-catalog.oauth2.token", "firns-own-key",
                "iceberg.rest-catalog.warehouse", "lake",
                "s3.aws-secret-key", "the-lakes"), propertiesOf("{\"iceberg.rest-catalog.warehouse\": \"lake\"}"));
    }

    @Test
    void anotherCatalogGetsNothingOfTheLakes() throws Exception {
        assertEquals(Map.of(
                "iceberg.catalog.type", "rest",
                "iceberg.rest-catalog.uri", "https://elsewhere/api",
                "iceberg.metadata-cache.enabled", "false"),
                propertiesOf("{\"iceberg.catalog.type\": \"rest\", \"iceberg.rest-catalog.uri\": \"https://elsewhere/api\"}"));
    }
}
