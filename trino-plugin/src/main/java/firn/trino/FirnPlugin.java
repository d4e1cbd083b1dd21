package firn.trino;

import io.trino.spi.Plugin;
import io.trino.spi.catalog.CatalogStoreFactory;
import io.trino.spi.security.HeaderAuthenticatorFactory;
import io.trino.spi.security.PasswordAuthenticatorFactory;
import io.trino.spi.security.SystemAccessControlFactory;
import java.util.List;
import java.util.Set;

/** What Trino finds in the plugin's folder. Each part has a properties file of its own; see docs/trino.md. */
public final class FirnPlugin implements Plugin {
    @Override
    public Iterable<PasswordAuthenticatorFactory> getPasswordAuthenticatorFactories() {
        return List.of(new KeyAuthenticator.PasswordFactory());
    }

    @Override
    public Iterable<HeaderAuthenticatorFactory> getHeaderAuthenticatorFactories() {
        return List.of(new KeyAuthenticator.HeaderFactory());
    }

    @Override
    public Iterable<SystemAccessControlFactory> getSystemAccessControlFactories() {
        return List.of(new FirnAccessControl.Factory());
    }

    @Override
    public Iterable<CatalogStoreFactory> getCatalogStoreFactories() {
        return List.of(new FirnCatalogStore.Factory());
    }

    @Override
    public Set<Class<?>> getFunctions() {
        return Set.of(SharedFunctions.class);
    }
}
