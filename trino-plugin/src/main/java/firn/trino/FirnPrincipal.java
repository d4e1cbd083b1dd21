package firn.trino;

import io.trino.spi.security.Identity;
import java.security.Principal;
import java.util.Optional;

/**
 * An account of Firn's that showed its key. What it may do goes by this alone, whatever user name came with it: only the
 * engine's own account, which Firn uses, speaks for the account that is its user name.
 */
record FirnPrincipal(String account, boolean isEngine) implements Principal {
    private static final String PREFIX = "firn:";
    private static final String ENGINE_PREFIX = "firn-engine:";

    @Override
    public String getName() {
        return (isEngine ? ENGINE_PREFIX : PREFIX) + account;
    }

    @Override
    public String toString() {
        return getName();
    }

    /** Whose query it is, as Trino kept it: it keeps names of principals only. None: nobody's, or the engine's own. */
    static Optional<String> accountOf(Optional<String> principalName, String user) {
        return principalName.flatMap(name -> {
            if (name.startsWith(ENGINE_PREFIX)) {
                // Where no other user is named, Trino takes the principal's name for one.
                return user.equals(name) ? Optional.empty() : Optional.of(user);
            }
            return name.startsWith(PREFIX) ? Optional.of(name.substring(PREFIX.length())) : Optional.empty();
        });
    }

    static boolean isEngine(Optional<String> principalName) {
        return principalName.filter(name -> name.startsWith(ENGINE_PREFIX)).isPresent();
    }

    static Optional<FirnPrincipal> of(Identity identity) {
        return identity.getPrincipal().filter(FirnPrincipal.class::isInstance).map(FirnPrincipal.class::cast);
    }
}
