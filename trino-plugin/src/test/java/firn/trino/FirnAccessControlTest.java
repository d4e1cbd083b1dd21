package firn.trino;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.trino.spi.QueryId;
import io.trino.spi.connector.CatalogSchemaName;
import io.trino.spi.connector.CatalogSchemaRoutineName;
import io.trino.spi.connector.CatalogSchemaTableName;
import io.trino.spi.connector.EntityKindAndName;
import io.trino.spi.connector.EntityPrivilege;
import io.trino.spi.eventlistener.EventListener;
import io.trino.spi.security.AccessDeniedException;
import io.trino.spi.security.BasicPrincipal;
import io.trino.spi.security.Identity;
import io.trino.spi.security.PrincipalType;
import io.trino.spi.security.Privilege;
import io.trino.spi.security.SystemAccessControl;
import io.trino.spi.security.SystemSecurityContext;
import io.trino.spi.security.TrinoPrincipal;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.VarcharType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.security.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FirnAccessControlTest {
    private static final CatalogSchemaTableName PEOPLE = new CatalogSchemaTableName("lake", "main", "people");
    private static final CatalogSchemaTableName OPEN = new CatalogSchemaTableName("lake", "main", "open");

    private FakeFirn firn;
    private FirnAccessControl control;

    @BeforeEach
    void start() throws Exception {
        firn = new FakeFirn();
        firn.answers.put("accounts/v", """
                {"name": "viewer", "admin": false, "catalogs": [{"name": "lake"}, {"name": "my", "schemas": ["Shop"]}]}""");
        firn.answers.put("accounts/v/table?catalog=lake&schema=main&table=people", """
                {"restricted": true, "filters": ["(\\"id\\" > 3)"], "columns": {"SSN": "hidden", "pay": "nulled", "email": "hashed"}}""");
        firn.answers.put("accounts/v/table?catalog=lake&schema=main&table=open", """
                {"restricted": false, "filters": [], "columns": {}}""");
        control = new FirnAccessControl(
                new Sights(firn.config(), new FirnClient(firn.config())), PRINCIPALS, new EventListener() {});
    }

    @AfterEach
    void stop() {
        firn.close();
    }

    private static SystemSecurityContext as(String user, Optional<Principal> principal) {
        Identity identity = Identity.forUser(user).withPrincipal(principal).build();
        return new SystemSecurityContext(identity, new QueryId("q"), Instant.EPOCH);
    }

    private static final Principals PRINCIPALS = new Principals(FakeFirn.config(0));
    private static final SystemSecurityContext VIEWER = as("x", Optional.of(PRINCIPALS.of("v", false)));

    @Test
    void columnsAndRowsAreAsFirnSays() {
        assertEquals(Set.of("id", "pay"), control.filterColumns(VIEWER, "lake",
                Map.of(PEOPLE.getSchemaTableName(), Set.of("id", "pay", "ssn"))).get(PEOPLE.getSchemaTableName()));
        assertEquals("(\"id\" > 3)", control.getRowFilters(VIEWER, PEOPLE).getFirst().getExpression());
        assertThrows(AccessDeniedException.class, () -> control.checkCanSelectFromColumns(VIEWER, PEOPLE, Set.of("ssn")));
        assertDoesNotThrow(() -> control.checkCanSelectFromColumns(VIEWER, PEOPLE, Set.of("id", "pay", "email")));
        assertEquals("CAST(NULL AS bigint)", mask("pay", BigintType.BIGINT));
        assertEquals("CAST(NULL AS bigint)", mask("email", BigintType.BIGINT));
        assertEquals("CAST(NULL AS varchar(63))", mask("email", VarcharType.createVarcharType(63)));
        assertTrue(mask("email", VarcharType.VARCHAR).contains("sha256"));
        assertTrue(control.getRowFilters(VIEWER, OPEN).isEmpty());
    }

    @SuppressWarnings("deprecation")
    private String mask(String column, io.trino.spi.type.Type type) {
        return control.getColumnMask(VIEWER, PEOPLE, column, type).orElseThrow().getExpression();
    }

    @Test
    void metadataOfATableUnderAPolicyIsRefused() {
        for (String name : List.of("people$files", "people$history")) {
            CatalogSchemaTableName table = new CatalogSchemaTableName("lake", "main", name);
            assertThrows(AccessDeniedException.class, () -> control.checkCanSelectFromColumns(VIEWER, table, Set.of("a")));
        }
        assertDoesNotThrow(() -> control.checkCanSelectFromColumns(
                VIEWER, new CatalogSchemaTableName("lake", "main", "open$files"), Set.of("a")));
        assertThrows(AccessDeniedException.class, () -> control.checkCanSelectFromColumns(VIEWER, PEOPLE, Set.of("$path")));
    }

    @Test
    void onlyItsCatalogsAndSchemasAreSeen() {
        assertEquals(Set.of("lake", "my"), control.filterCatalogs(VIEWER, Set.of("lake", "my", "other", "system")));
        assertEquals(Set.of("shop", "information_schema"),
                control.filterSchemas(VIEWER, "my", Set.of("shop", "payroll", "information_schema")));
        assertEquals(Set.of("jdbc"), control.filterSchemas(VIEWER, "system", Set.of("jdbc", "runtime")));
        assertFalse(control.canAccessCatalog(VIEWER, "other"));
        assertThrows(AccessDeniedException.class, () -> control.checkCanSelectFromColumns(
                VIEWER, new CatalogSchemaTableName("system", "runtime", "queries"), Set.of("query")));
    }

    @Test
    void thePrincipalCountsAndNotTheUserName() {
        for (SystemSecurityContext nobody : List.of(
                as("v", Optional.empty()), as("v", Optional.of(new BasicPrincipal("firn:v"))),
                as("v", Optional.of(new BasicPrincipal("firn:v:00000000000000000000000000000000"))),
                as("firn-engine:e", Optional.of(new BasicPrincipal("firn-engine:e"))),
                // Signed for another name.
                as("v", Optional.of(new BasicPrincipal(PRINCIPALS.of("w", false).name().replace("firn:w", "firn:v")))))) {
            assertThrows(AccessDeniedException.class, () -> control.checkCanExecuteQuery(nobody.getIdentity(), new QueryId("q")));
            assertThrows(AccessDeniedException.class, () -> control.checkCanSelectFromColumns(nobody, OPEN, Set.of("a")));
            assertThrows(AccessDeniedException.class, () -> control.checkCanCreateCatalog(nobody, "c"));
        }
    }

    @Test
    void theEngineSpeaksForOthersAndIsNobodyItself() {
        FirnPrincipal engine = PRINCIPALS.of("e", true);
        SystemSecurityContext itself = as(engine.getName(), Optional.of(engine));
        SystemSecurityContext forViewer = as("v", Optional.of(engine));
        assertDoesNotThrow(() -> control.checkCanImpersonateUser(itself.getIdentity(), "v"));
        assertThrows(AccessDeniedException.class, () -> control.checkCanImpersonateUser(VIEWER.getIdentity(), "w"));
        assertThrows(AccessDeniedException.class, () -> control.checkCanSelectFromColumns(forViewer, PEOPLE, Set.of("ssn")));
        assertDoesNotThrow(() -> control.checkCanSelectFromColumns(forViewer, PEOPLE, Set.of("id")));
        assertThrows(AccessDeniedException.class, () -> control.checkCanSelectFromColumns(itself, OPEN, Set.of("a")));
        assertDoesNotThrow(() -> control.checkCanCreateCatalog(itself, "c"));
        assertThrows(AccessDeniedException.class, () -> control.checkCanCreateCatalog(forViewer, "c"));
    }

    @Test
    void othersQueriesAreTheirs() {
        // Trino keeps names of principals.
        Identity own = as("y", Optional.of(new BasicPrincipal(PRINCIPALS.of("v", false).name()))).getIdentity();
        Identity byFirn = as("v", Optional.of(new BasicPrincipal(PRINCIPALS.of("e", true).name()))).getIdentity();
        Identity other = as("x", Optional.of(new BasicPrincipal(PRINCIPALS.of("w", false).name()))).getIdentity();
        Identity viewer = VIEWER.getIdentity();
        assertDoesNotThrow(() -> control.checkCanViewQueryOwnedBy(viewer, own));
        assertDoesNotThrow(() -> control.checkCanKillQueryOwnedBy(viewer, byFirn));
        assertThrows(AccessDeniedException.class, () -> control.checkCanViewQueryOwnedBy(viewer, other));
        assertThrows(AccessDeniedException.class, () -> control.checkCanKillQueryOwnedBy(viewer, other));
        assertEquals(List.of(own, byFirn), control.filterViewQueryOwnedBy(viewer, List.of(own, other, byFirn)));
    }

    @Test
    void limitsStay() {
        QueryId query = new QueryId("q");
        for (String name : List.of("query_max_memory", "query_max_run_time", "query_max_cpu_time", "anything_new")) {
            assertThrows(AccessDeniedException.class, () -> control.checkCanSetSystemSessionProperty(VIEWER.getIdentity(), query, name));
        }
        assertDoesNotThrow(() -> control.checkCanSetSystemSessionProperty(VIEWER.getIdentity(), query, "join_distribution_type"));
    }

    @Test
    void functionsOfConnectorsAreRefused() {
        assertTrue(control.canExecuteFunction(VIEWER, new CatalogSchemaRoutineName("system", "builtin", "lower")));
        assertFalse(control.canExecuteFunction(VIEWER, new CatalogSchemaRoutineName("my", "system", "query")));
        assertFalse(control.canExecuteFunction(VIEWER, new CatalogSchemaRoutineName("system", "other", "lower")));
    }

    @Test
    void withoutFirnNothingIsSeenOnceTheMemoryIsOver() throws Exception {
        assertDoesNotThrow(() -> control.checkCanSelectFromColumns(VIEWER, OPEN, Set.of("a")));
        int asked = firn.asked.get();
        assertDoesNotThrow(() -> control.checkCanSelectFromColumns(VIEWER, OPEN, Set.of("a")));
        firn.close();
        Thread.sleep(60);
        assertThrows(AccessDeniedException.class, () -> control.checkCanSelectFromColumns(VIEWER, OPEN, Set.of("a")));
        assertTrue(asked >= 2);
    }

    /** Whatever this version of Trino can ask, and nobody thought of here, is refused. */
    @Test
    void allElseIsRefused() throws Exception {
        Set<String> allowed = Set.of("checkCanSetUser", "checkCanExecuteQuery", "checkCanShowSchemas", "checkCanShowTables",
                "checkCanShowColumns", "checkCanSelectFromColumns", "checkCanShowCreateTable", "checkCanViewQueryOwnedBy",
                "checkCanKillQueryOwnedBy");
        int refused = 0;
        for (Method method : SystemAccessControl.class.getMethods()) {
            if (!method.getName().startsWith("checkCan") || allowed.contains(method.getName())) {
                continue;
            }
            Object[] arguments = Stream.of(method.getParameterTypes()).map(FirnAccessControlTest::example).toArray();
            InvocationTargetException thrown =
                    assertThrows(InvocationTargetException.class, () -> method.invoke(control, arguments), method.toString());
            assertInstanceOf(AccessDeniedException.class, thrown.getCause(), method.toString());
            refused++;
        }
        assertTrue(refused > 50, "only " + refused);
    }

    private static Object example(Class<?> type) {
        Map<Class<?>, Object> examples = Map.ofEntries(
                Map.entry(SystemSecurityContext.class, VIEWER), Map.entry(Identity.class, VIEWER.getIdentity()),
                Map.entry(QueryId.class, new QueryId("q")), Map.entry(String.class, "name"),
                Map.entry(CatalogSchemaName.class, new CatalogSchemaName("lake", "main")), Map.entry(CatalogSchemaTableName.class, OPEN),
                Map.entry(CatalogSchemaRoutineName.class, new CatalogSchemaRoutineName("lake", "system", "f")),
                Map.entry(Map.class, Map.of()), Map.entry(Set.class, Set.of()), Map.entry(Optional.class, Optional.empty()),
                Map.entry(boolean.class, false), Map.entry(Privilege.class, Privilege.SELECT),
                Map.entry(TrinoPrincipal.class, new TrinoPrincipal(PrincipalType.USER, "u")),
                Map.entry(EntityPrivilege.class, new EntityPrivilege("p")),
                Map.entry(EntityKindAndName.class, new EntityKindAndName("TABLE", List.of("lake", "main", "open"))));
        return examples.get(type);
    }
}
