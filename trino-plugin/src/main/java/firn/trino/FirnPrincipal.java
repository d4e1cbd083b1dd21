package firn.trino;

import java.security.Principal;

/**
 * An account of Firn's that showed its key. What it may do goes by this alone, whatever user name came with it: only the
 * engine's own account, which Firn uses, speaks for the account that is its user name. Made by Principals only.
 */
record FirnPrincipal(String account, boolean isEngine, String name) implements Principal {
    @Override
    public String getName() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
