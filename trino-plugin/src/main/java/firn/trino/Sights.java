package firn.trino;

import com.fasterxml.jackson.databind.JsonNode;
import io.trino.spi.connector.CatalogSchemaTableName;
import io.trino.spi.security.AccessDeniedException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What accounts see, as Firn says it. Whatever Firn does not say is denied. Thread-safe. */
final class Sights {
    enum Rule {
        HIDDEN,
        NULLED,
        HASHED
    }

    /** Catalogs by name, each with the schemas that count; none: all. */
    record Account(boolean isAdmin, Map<String, Optional<Set<String>>> catalogs) {}

    record Table(boolean isRestricted, List<String> filters, Map<String, Rule> columns) {
        Optional<Rule> rule(String column) {
            return Optional.ofNullable(columns.get(column.toLowerCase(Locale.ENGLISH)));
        }
    }

    private record TableKey(String account, CatalogSchemaTableName table) {}

    private final FirnClient firn;
    private final BoundedCache<String, Account> accounts;
    private final BoundedCache<TableKey, Table> tables;

    Sights(FirnConfig config, FirnClient firn) {
        this.firn = firn;
        this.accounts = new BoundedCache<>(config.cacheEntries(), config.cacheTtl(), System::nanoTime);
        this.tables = new BoundedCache<>(config.cacheEntries(), config.cacheTtl(), System::nanoTime);
    }

    /** Throws AccessDeniedException, also where Firn cannot be reached. */
    Account account(String id) {
        return asking(() -> accounts.get(id, this::loadAccount));
    }

    Table table(String account, CatalogSchemaTableName name) {
        return asking(() -> tables.get(new TableKey(account, name), this::loadTable));
    }

    private static <T> T asking(java.util.function.Supplier<T> question) {
        try {
            return question.get();
        }
        catch (FirnClient.Refused e) {
            throw new AccessDeniedException(e.getMessage());
        }
        catch (UncheckedIOException e) {
            throw new AccessDeniedException("Firn cannot be asked");
        }
    }

    private Account loadAccount(String id) {
        JsonNode said = firn.get("accounts/" + FirnClient.escape(id));
        Map<String, Optional<Set<String>>> catalogs = new HashMap<>();
        for (JsonNode catalog : said.path("catalogs")) {
            Optional<Set<String>> schemas = Optional.empty();
            if (catalog.path("schemas").isArray()) {
                Set<String> names = new HashSet<>();
                catalog.path("schemas").forEach(name -> names.add(name.asText().toLowerCase(Locale.ENGLISH)));
                schemas = Optional.of(names);
            }
            catalogs.put(catalog.path("name").asText(), schemas);
        }
        return new Account(said.path("admin").asBoolean(false), catalogs);
    }

    private Table loadTable(TableKey key) {
        JsonNode said = firn.get("accounts/" + FirnClient.escape(key.account)
                + "/table?catalog=" + FirnClient.escape(key.table.getCatalogName())
                + "&schema=" + FirnClient.escape(key.table.getSchemaTableName().getSchemaName())
                + "&table=" + FirnClient.escape(key.table.getSchemaTableName().getTableName()));
        if (!said.path("restricted").isBoolean()) {
            throw new AccessDeniedException("Firn's answer cannot be read");
        }
        List<String> filters = new ArrayList<>();
        said.path("filters").forEach(filter -> filters.add(filter.asText()));
        Map<String, Rule> columns = new HashMap<>();
        said.path("columns").properties().forEach(entry -> columns.put(
                entry.getKey().toLowerCase(Locale.ENGLISH),
                switch (entry.getValue().asText()) {
                    case "nulled" -> Rule.NULLED;
                    case "hashed" -> Rule.HASHED;
                    default -> Rule.HIDDEN;
                }));
        return new Table(said.path("restricted").asBoolean(), List.copyOf(filters), Map.copyOf(columns));
    }
}
