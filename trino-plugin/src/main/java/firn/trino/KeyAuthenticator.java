package firn.trino;

import com.fasterxml.jackson.databind.JsonNode;
import io.trino.spi.security.AccessDeniedException;
import io.trino.spi.security.HeaderAuthenticator;
import io.trino.spi.security.HeaderAuthenticatorFactory;
import io.trino.spi.security.PasswordAuthenticator;
import io.trino.spi.security.PasswordAuthenticatorFactory;
import java.io.UncheckedIOException;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes Firn's keys, as the password beside any user name, or as a bearer token. */
final class KeyAuthenticator implements PasswordAuthenticator, HeaderAuthenticator {
    private static final String BEARER = "Bearer ";

    private final FirnClient firn;
    private final Principals principals;
    private final BoundedCache<String, FirnPrincipal> cache;
    private final String engineKey;
    private volatile String organization;

    KeyAuthenticator(FirnConfig config, FirnClient firn) {
        this.firn = firn;
        this.engineKey = config.key();
        this.principals = new Principals(config);
        this.cache = new BoundedCache<>(config.cacheEntries(), config.cacheTtl(), System::nanoTime);
    }

    @Override
    public Principal createAuthenticatedPrincipal(String user, String password) {
        return authenticate(password);
    }

    @Override
    public Principal createAuthenticatedPrincipal(Headers headers) {
        List<String> values = headers.getHeader("Authorization");
        Optional<String> bearer = (values == null ? List.<String>of() : values).stream().filter(value -> value.startsWith(BEARER)).findFirst();
        if (bearer.isEmpty()) {
            throw new AccessDeniedException("a key of Firn's is needed");
        }
        return authenticate(bearer.get().substring(BEARER.length()).strip());
    }

    private Principal authenticate(String key) {
        try {
            return cache.get(key, this::look);
        }
        catch (FirnClient.Refused e) {
            throw new AccessDeniedException("the key is not valid");
        }
        catch (UncheckedIOException e) {
            throw new AccessDeniedException("Firn cannot be asked who this is");
        }
    }

    private FirnPrincipal look(String key) {
        if (key.isEmpty() || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new AccessDeniedException("the key is not valid");
        }
        if (organization == null) {
            organization = firn.self(engineKey).path("organization").asText();
        }
        JsonNode self = firn.self(key);
        if (!self.path("organization").asText().equals(organization)) {
            throw new AccessDeniedException("the key is not valid");
        }
        return principals.of(self.path("account").asText(), self.path("engine").asBoolean());
    }

    static final class PasswordFactory implements PasswordAuthenticatorFactory {
        @Override
        public String getName() {
            return "firn";
        }

        @Override
        public PasswordAuthenticator create(Map<String, String> properties) {
            FirnConfig config = FirnConfig.of(properties).withoutOthers();
            return new KeyAuthenticator(config, new FirnClient(config));
        }
    }

    static final class HeaderFactory implements HeaderAuthenticatorFactory {
        @Override
        public String getName() {
            return "firn";
        }

        @Override
        public HeaderAuthenticator create(Map<String, String> properties) {
            FirnConfig config = FirnConfig.of(properties).withoutOthers();
            return new KeyAuthenticator(config, new FirnClient(config));
        }
    }
}
