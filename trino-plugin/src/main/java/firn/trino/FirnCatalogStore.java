package firn.trino;

import com.fasterxml.jackson.databind.JsonNode;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.catalog.CatalogName;
import io.trino.spi.catalog.CatalogProperties;
import io.trino.spi.catalog.CatalogStore;
import io.trino.spi.catalog.CatalogStoreFactory;
import io.trino.spi.connector.CatalogHandle;
import io.trino.spi.connector.CatalogHandle.CatalogVersion;
import io.trino.spi.connector.ConnectorName;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Firn's catalogs and connections as Trino's catalogs. A statement names a catalog only: what it is made of, passwords
 * among it, comes from Firn and stays in memory. Thread-safe.
 */
final class FirnCatalogStore implements CatalogStore {
    private static final String PROPERTY_PREFIX = "firn.";

    private final FirnConfig config;
    private final FirnClient firn;
    private final Map<String, String> versions = new ConcurrentHashMap<>();

    /**
     * Every other property of the configuration is firn.CONNECTOR.NAME: one that catalogs of this connector get.
     * Connections to other Iceberg catalogs are of the connector connected-iceberg here.
     */
    FirnCatalogStore(FirnConfig config, FirnClient firn) {
        this.config = config;
        this.firn = firn;
        for (String name : config.others().keySet()) {
            if (!name.startsWith(PROPERTY_PREFIX)) {
                throw new IllegalArgumentException("unknown property: " + name);
            }
        }
    }

    /** None: the keeper makes them, now and later, in one and the same way. */
    @Override
    public Collection<StoredCatalog> getCatalogs() {
        return List.of();
    }

    /** The versions of the catalogs that Trino has. */
    Map<String, String> versions() {
        return Map.copyOf(versions);
    }

    @Override
    public CatalogProperties createCatalogProperties(
            CatalogName name, ConnectorName connector, Map<String, String> properties) {
        JsonNode said;
        try {
            said = firn.get("catalogs/" + FirnClient.escape(name.toString()));
        }
        catch (FirnClient.Refused e) {
            throw new TrinoException(StandardErrorCode.CATALOG_NOT_AVAILABLE, "Firn: " + e.getMessage());
        }
        String kind = said.path("connector").asText();
        return new CatalogProperties(
                CatalogHandle.createRootCatalogHandle(name, new CatalogVersion(said.path("version").asText())),
                new ConnectorName(kind),
                propertiesOf(kind, said.path("properties")));
    }

    /** What the lake's catalogs get is not for somebody else's, the key to Firn least of all. */
    Map<String, String> propertiesOf(String connector, JsonNode said) {
        Map<String, String> all = new TreeMap<>();
        boolean elsewhere = connector.equals("iceberg") && said.has("iceberg.rest-catalog.uri");
        if (connector.equals("iceberg") && !elsewhere) {
            all.put("iceberg.catalog.type", "rest");
            all.put("iceberg.rest-catalog.uri", config.url() + "/iceberg");
            all.put("iceberg.rest-catalog.security", "OAUTH2");
            all.put("iceberg.rest-catalog.oauth2.token", config.key());
        }
        String prefix = PROPERTY_PREFIX + (elsewhere ? "connected-iceberg" : connector) + ".";
        config.others().forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                all.put(name.substring(prefix.length()), value);
            }
        });
        Map<String, String> own = new HashMap<>();
        said.properties().forEach(entry -> own.put(entry.getKey(), entry.getValue().asText()));
        all.putAll(own);
        return all;
    }

    @Override
    public void addOrReplaceCatalog(CatalogProperties properties) {
        CatalogHandle handle = properties.catalogHandle();
        versions.put(handle.getCatalogName().toString(), handle.getVersion().toString());
    }

    @Override
    public void removeCatalog(CatalogName name) {
        versions.remove(name.toString());
    }

    static final class Factory implements CatalogStoreFactory {
        @Override
        public String getName() {
            return "firn";
        }

        @Override
        public CatalogStore create(Map<String, String> properties) {
            Map<String, String> rest = new TreeMap<>(properties);
            String coordinator = rest.remove("firn.coordinator-url");
            String authority = rest.remove("firn.coordinator-ca-file");
            if (coordinator == null) {
                throw new IllegalArgumentException("firn.coordinator-url is needed");
            }
            FirnConfig config = FirnConfig.of(rest);
            FirnClient firn = new FirnClient(config);
            FirnCatalogStore store = new FirnCatalogStore(config, firn);
            CatalogKeeper.start(store, firn, new Coordinator(coordinator, authority, config.key()));
            return store;
        }
    }
}
