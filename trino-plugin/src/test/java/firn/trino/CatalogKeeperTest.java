package firn.trino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CatalogKeeperTest {
    private static CatalogKeeper.Wanted postgres(String version) {
        return new CatalogKeeper.Wanted("postgresql", version);
    }

    @Test
    void whatIsNewIsMade() {
        assertEquals(List.of("CREATE CATALOG \"a\"\"b\" USING postgresql"),
                CatalogKeeper.statements(Map.of("lake", "1"), Map.of("lake", postgres("1"), "a\"b", postgres("2"))));
    }

    @Test
    void whatChangedIsMadeAnew() {
        assertEquals(List.of("DROP CATALOG \"pg\"", "CREATE CATALOG \"pg\" USING postgresql"),
                CatalogKeeper.statements(Map.of("pg", "1"), Map.of("pg", postgres("2"))));
    }

    @Test
    void whatIsGoneIsDropped() {
        assertEquals(List.of("DROP CATALOG \"pg\""), CatalogKeeper.statements(Map.of("pg", "1"), Map.of()));
    }
}
