package firn.trino;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes Trino's catalogs those of Firn, over and over: Trino makes and drops catalogs by statements only, so that is what
 * this does, as the engine's own account. One thread.
 */
final class CatalogKeeper {
    static final String USER = "firn";

    private static final Logger LOG = System.getLogger(CatalogKeeper.class.getName());
    private static final long EVERY_MS = 1_000;

    record Wanted(String connector, String version) {}

    private final FirnCatalogStore store;
    private final FirnClient firn;
    private final Coordinator coordinator;
    private String lastProblem = "";

    private CatalogKeeper(FirnCatalogStore store, FirnClient firn, Coordinator coordinator) {
        this.store = store;
        this.firn = firn;
        this.coordinator = coordinator;
    }

    static void start(FirnCatalogStore store, FirnClient firn, Coordinator coordinator) {
        CatalogKeeper keeper = new CatalogKeeper(store, firn, coordinator);
        Thread.ofPlatform().daemon().name("firn-catalog-keeper").start(keeper::run);
    }

    private void run() {
        try {
            while (true) {
                try {
                    step();
                    lastProblem = "";
                }
                catch (RuntimeException e) {
                    tell(e);
                }
                Thread.sleep(EVERY_MS);
            }
        }
        catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "ends", e);
        }
    }

    /** Once for a problem, not every second. */
    private void tell(RuntimeException problem) {
        String text = String.valueOf(problem.getMessage());
        if (!text.equals(lastProblem)) {
            LOG.log(Level.WARNING, "Trino's catalogs are not Firn's yet: " + text);
            lastProblem = text;
        }
    }

    private void step() {
        Map<String, Wanted> wanted = new LinkedHashMap<>();
        for (JsonNode catalog : firn.get("catalogs").path("catalogs")) {
            if (!catalog.path("connector").asText().matches("[a-z]+")) {
                throw new IllegalStateException("Firn names a connector that cannot be one");
            }
            wanted.put(catalog.path("name").asText(),
                    new Wanted(catalog.path("connector").asText(), catalog.path("version").asText()));
        }
        for (String statement : statements(store.versions(), wanted)) {
            coordinator.run(statement);
        }
    }

    static List<String> statements(Map<String, String> has, Map<String, Wanted> wanted) {
        List<String> statements = new ArrayList<>();
        has.forEach((name, version) -> {
            Wanted now = wanted.get(name);
            if (now == null || !now.version.equals(version)) {
                statements.add("DROP CATALOG " + quoted(name));
            }
        });
        wanted.forEach((name, now) -> {
            if (!now.version.equals(has.get(name))) {
                // No property is written here: the store asks Firn for them.
                statements.add("CREATE CATALOG " + quoted(name) + " USING " + now.connector);
            }
        });
        return statements;
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
