package firn.trino;

import static java.util.Locale.ENGLISH;

import io.trino.spi.QueryId;
import io.trino.spi.connector.CatalogSchemaName;
import io.trino.spi.connector.CatalogSchemaRoutineName;
import io.trino.spi.connector.CatalogSchemaTableName;
import io.trino.spi.connector.ColumnSchema;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.eventlistener.EventListener;
import io.trino.spi.security.AccessDeniedException;
import io.trino.spi.security.Identity;
import io.trino.spi.security.SystemAccessControl;
import io.trino.spi.security.SystemAccessControlFactory;
import io.trino.spi.security.SystemSecurityContext;
import io.trino.spi.security.ViewExpression;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Asks Firn who may see what. Reading is all that anybody may do; the rest is denied by what SystemAccessControl does
 * where a method is not overridden, and everything is where Firn cannot be asked. Thread-safe.
 */
final class FirnAccessControl implements SystemAccessControl {
    private static final String SYSTEM = "system";
    private static final String INFORMATION_SCHEMA = "information_schema";
    /** What drivers ask for of the catalog `system`; the rest of it tells of others' queries. */
    private static final Set<String> SYSTEM_SCHEMAS_FOR_ALL = Set.of(INFORMATION_SCHEMA, "jdbc");
    /** How a query runs, and not how much it may take. */
    private static final Set<String> SESSION_PROPERTIES_FOR_ALL = Set.of(
            "join_distribution_type", "join_reordering_strategy", "distributed_sort", "push_aggregation_through_outer_join",
            "prefer_partial_aggregation", "optimize_hash_generation", "enable_dynamic_filtering");
    private static final int SHA256_HEX = 64;

    private final Sights sights;
    private final Principals principals;
    private final EventListener listener;
    /** Whom row filters are checked as: they may use columns that the reader does not see. Nobody can guess it. */
    private final String filterUser = "firn-policy-" + UUID.randomUUID();

    FirnAccessControl(Sights sights, Principals principals, EventListener listener) {
        this.sights = sights;
        this.principals = principals;
        this.listener = listener;
    }

    @Override
    public Iterable<EventListener> getEventListeners() {
        return List.of(listener);
    }

    // Who asks.

    /** The account that the identity stands for; none: the engine itself, or nobody. */
    private Optional<String> account(Identity identity) {
        return principals.accountOf(identity.getPrincipal().map(Principal::getName), identity.getUser());
    }

    private String subject(Identity identity) {
        return account(identity).orElseThrow(() -> new AccessDeniedException("this takes a key of Firn's"));
    }

    private boolean isEngine(Identity identity) {
        return principals.parse(identity).filter(FirnPrincipal::isEngine).isPresent();
    }

    private boolean isAdmin(Identity identity) {
        return sights.account(subject(identity)).isAdmin();
    }

    private boolean isFilter(SystemSecurityContext context) {
        Identity identity = context.getIdentity();
        return identity.getPrincipal().isEmpty() && identity.getUser().equals(filterUser);
    }

    @Override
    public void checkCanImpersonateUser(Identity identity, String userName) {
        if (!isEngine(identity)) {
            AccessDeniedException.denyImpersonateUser(identity.getUser(), userName);
        }
    }

    /** The user name means nothing: what counts is the principal. */
    @Override
    @SuppressWarnings("deprecation")
    public void checkCanSetUser(Optional<Principal> principal, String userName) {}

    // Queries, their properties, the system.

    @Override
    public void checkCanExecuteQuery(Identity identity, QueryId queryId) {
        if (!isEngine(identity)) {
            sights.account(subject(identity));
        }
    }

    @Override
    public void checkCanViewQueryOwnedBy(Identity identity, Identity owner) {
        if (!isOwner(identity, owner) && !isAdmin(identity)) {
            AccessDeniedException.denyViewQuery();
        }
    }

    @Override
    public Collection<Identity> filterViewQueryOwnedBy(Identity identity, Collection<Identity> owners) {
        if (isAdmin(identity)) {
            return owners;
        }
        return owners.stream().filter(owner -> isOwner(identity, owner)).toList();
    }

    @Override
    public void checkCanKillQueryOwnedBy(Identity identity, Identity owner) {
        if (!isOwner(identity, owner) && !isAdmin(identity)) {
            AccessDeniedException.denyKillQuery();
        }
    }

    private boolean isOwner(Identity identity, Identity owner) {
        Optional<String> account = account(identity);
        return account.isPresent() && account.equals(account(owner));
    }

    @Override
    public void checkCanReadSystemInformation(Identity identity) {
        if (!isAdmin(identity)) {
            AccessDeniedException.denyReadSystemInformationAccess();
        }
    }

    @Override
    public void checkCanSetSystemSessionProperty(Identity identity, QueryId queryId, String propertyName) {
        if (!isEngine(identity) && !SESSION_PROPERTIES_FOR_ALL.contains(propertyName)) {
            AccessDeniedException.denySetSystemSessionProperty(propertyName);
        }
    }

    // Catalogs: made and dropped by the plugin's own CatalogKeeper.

    @Override
    public void checkCanCreateCatalog(SystemSecurityContext context, String catalog) {
        if (!isKeeper(context)) {
            AccessDeniedException.denyCreateCatalog(catalog);
        }
    }

    @Override
    public void checkCanDropCatalog(SystemSecurityContext context, String catalog) {
        if (!isKeeper(context)) {
            AccessDeniedException.denyDropCatalog(catalog);
        }
    }

    private boolean isKeeper(SystemSecurityContext context) {
        return isEngine(context.getIdentity()) && account(context.getIdentity()).isEmpty();
    }

    @Override
    public boolean canAccessCatalog(SystemSecurityContext context, String catalogName) {
        if (isKeeper(context)) {
            return true;
        }
        if (isFilter(context)) {
            return !catalogName.equals(SYSTEM);
        }
        return catalogName.equals(SYSTEM) || account(context).catalogs().containsKey(catalogName);
    }

    private Sights.Account account(SystemSecurityContext context) {
        return sights.account(subject(context.getIdentity()));
    }

    @Override
    public Set<String> filterCatalogs(SystemSecurityContext context, Set<String> catalogs) {
        Sights.Account account = account(context);
        return keep(catalogs, name -> account.catalogs().containsKey(name) || (name.equals(SYSTEM) && account.isAdmin()));
    }

    // Schemas, tables and columns, by name.

    private boolean seesSchema(SystemSecurityContext context, String catalog, String schema) {
        Sights.Account account = account(context);
        if (catalog.equals(SYSTEM)) {
            return account.isAdmin() || SYSTEM_SCHEMAS_FOR_ALL.contains(schema);
        }
        Optional<Set<String>> schemas = account.catalogs().get(catalog);
        return schemas != null
                && (schema.equals(INFORMATION_SCHEMA) || schemas.isEmpty() || schemas.get().contains(schema));
    }

    private static <T> Set<T> keep(Set<T> all, Predicate<T> test) {
        Set<T> kept = new HashSet<>(all);
        kept.removeIf(test.negate());
        return kept;
    }

    @Override
    public void checkCanShowSchemas(SystemSecurityContext context, String catalogName) {
        if (!canAccessCatalog(context, catalogName)) {
            AccessDeniedException.denyShowSchemas();
        }
    }

    @Override
    public Set<String> filterSchemas(SystemSecurityContext context, String catalogName, Set<String> schemaNames) {
        return keep(schemaNames, schema -> seesSchema(context, catalogName, schema));
    }

    @Override
    public void checkCanShowTables(SystemSecurityContext context, CatalogSchemaName schema) {
        if (!seesSchema(context, schema.getCatalogName(), schema.getSchemaName())) {
            AccessDeniedException.denyShowTables(schema.toString());
        }
    }

    @Override
    public Set<SchemaTableName> filterTables(
            SystemSecurityContext context, String catalogName, Set<SchemaTableName> tableNames) {
        return keep(tableNames, table -> seesSchema(context, catalogName, table.getSchemaName()));
    }

    @Override
    public void checkCanShowColumns(SystemSecurityContext context, CatalogSchemaTableName table) {
        sight(context, table);
    }

    @Override
    public void checkCanShowCreateTable(SystemSecurityContext context, CatalogSchemaTableName table) {
        if (sight(context, table).isRestricted()) {
            AccessDeniedException.denyShowCreateTable(table.toString(), "a policy holds for you");
        }
    }

    @Override
    @SuppressWarnings("deprecation")
    public Set<String> filterColumns(SystemSecurityContext context, CatalogSchemaTableName table, Set<String> columns) {
        Sights.Table sight;
        try {
            sight = sight(context, table);
        }
        catch (AccessDeniedException e) {
            return Set.of();  // listed among others, perhaps
        }
        return keep(columns, column -> sight.rule(column).filter(Sights.Rule.HIDDEN::equals).isEmpty());
    }

    @Override
    public Map<SchemaTableName, Set<String>> filterColumns(
            SystemSecurityContext context, String catalogName, Map<SchemaTableName, Set<String>> tableColumns) {
        Map<SchemaTableName, Set<String>> seen = new HashMap<>();
        tableColumns.forEach((table, columns) ->
                seen.put(table, filterColumns(context, new CatalogSchemaTableName(catalogName, table), columns)));
        return seen;
    }

    // Rows.

    private static final Sights.Table WHOLE = new Sights.Table(false, List.of(), Map.of());

    /** What the reader sees of a table; denied where it is none of theirs. */
    private Sights.Table sight(SystemSecurityContext context, CatalogSchemaTableName table) {
        String catalog = table.getCatalogName();
        String schema = table.getSchemaTableName().getSchemaName();
        if (!seesSchema(context, catalog, schema)) {
            AccessDeniedException.denySelectTable(table.toString());
        }
        if (catalog.equals(SYSTEM) || schema.equals(INFORMATION_SCHEMA)) {
            return WHOLE;  // Trino's own, filtered row by row
        }
        String account = subject(context.getIdentity());
        // A table's metadata ("t$files") tells of rows that a policy hides.
        String name = table.getSchemaTableName().getTableName();
        int dollar = name.indexOf('$');
        if (dollar < 0) {
            return sights.table(account, table);
        }
        Sights.Table base =
                sights.table(account, new CatalogSchemaTableName(catalog, schema, name.substring(0, dollar)));
        if (base.isRestricted()) {
            AccessDeniedException.denySelectTable(table.toString(), "a policy holds for you");
        }
        return base;
    }

    @Override
    public void checkCanSelectFromColumns(
            SystemSecurityContext context, CatalogSchemaTableName table, Set<String> columns) {
        if (isFilter(context)) {
            return;
        }
        Sights.Table sight = sight(context, table);
        for (String column : columns) {
            if (sight.rule(column).filter(Sights.Rule.HIDDEN::equals).isPresent()) {
                AccessDeniedException.denySelectColumns(table.toString(), List.of(column));
            }
            // "$path" and its like tell in which file a row is.
            if (sight.isRestricted() && column.startsWith("$")) {
                AccessDeniedException.denySelectColumns(table.toString(), List.of(column), "a policy holds for you");
            }
        }
    }

    @Override
    public List<ViewExpression> getRowFilters(SystemSecurityContext context, CatalogSchemaTableName table) {
        if (isFilter(context)) {
            return List.of();
        }
        List<ViewExpression> filters = new ArrayList<>();
        for (String filter : sight(context, table).filters()) {
            filters.add(expression(table, filter));
        }
        return filters;
    }

    @Override
    @SuppressWarnings("deprecation")
    public Optional<ViewExpression> getColumnMask(
            SystemSecurityContext context, CatalogSchemaTableName table, String column, Type type) {
        if (isFilter(context)) {
            return Optional.empty();
        }
        return sight(context, table).rule(column).map(rule -> expression(table, mask(rule, column, type)));
    }

    @Override
    public Map<ColumnSchema, ViewExpression> getColumnMasks(
            SystemSecurityContext context, CatalogSchemaTableName table, List<ColumnSchema> columns) {
        Map<ColumnSchema, ViewExpression> masks = new HashMap<>();
        for (ColumnSchema column : columns) {
            getColumnMask(context, table, column.getName(), column.getType())
                    .ifPresent(mask -> masks.put(column, mask));
        }
        return masks;
    }

    private ViewExpression expression(CatalogSchemaTableName table, String sql) {
        return ViewExpression.builder()
                .identity(filterUser)
                .catalog(table.getCatalogName())
                .schema(table.getSchemaTableName().getSchemaName())
                .expression(sql)
                .build();
    }

    /** A mask has its column's type: a hash stands for text that has room for it, and else nothing does. */
    static String mask(Sights.Rule rule, String column, Type type) {
        if (rule != Sights.Rule.HASHED || !(type instanceof VarcharType text)
                || (!text.isUnbounded() && text.getBoundedLength() < SHA256_HEX)) {
            return "CAST(NULL AS " + type.getDisplayName() + ")";
        }
        String name = '"' + column.toLowerCase(ENGLISH).replace("\"", "\"\"") + '"';
        String hash = "lower(to_hex(sha256(to_utf8(CAST(" + name + " AS varchar)))))";
        return "CAST(" + hash + " AS " + type.getDisplayName() + ")";
    }

    // Functions: those of SQL. Table functions of connectors (query(...)) go past all that is above.

    @Override
    public boolean canExecuteFunction(SystemSecurityContext context, CatalogSchemaRoutineName routine) {
        return routine.getCatalogName().equals(SYSTEM) && routine.getSchemaName().equals("builtin");
    }

    @Override
    public void shutdown() {
        listener.shutdown();
    }

    static final class Factory implements SystemAccessControlFactory {
        @Override
        public String getName() {
            return "firn";
        }

        @Override
        public SystemAccessControl create(Map<String, String> properties, SystemAccessControlContext context) {
            FirnConfig config = FirnConfig.of(properties).withoutOthers();
            FirnClient firn = new FirnClient(config);
            Principals principals = new Principals(config);
            return new FirnAccessControl(new Sights(config, firn), principals, new QueryReporter(firn, principals));
        }
    }
}
