package firn.trino;

import io.trino.spi.security.Identity;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Principal;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Principals as names and back. In places (information_schema, its own tables, events) Trino keeps no more of a principal than
 * its name; so that a name which comes another way, from another authenticator or none at all, is nobody's, it is signed
 * with the plugin's key. Thread-safe.
 */
final class Principals {
    private static final String ACCOUNT = "firn:";
    private static final String ENGINE = "firn-engine:";
    private static final int MAC_HEX = 32;

    private final SecretKeySpec key;

    Principals(FirnConfig config) {
        key = new SecretKeySpec(config.key().getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    FirnPrincipal of(String account, boolean isEngine) {
        String text = (isEngine ? ENGINE : ACCOUNT) + account;
        return new FirnPrincipal(account, isEngine, text + ":" + mac(text));
    }

    Optional<FirnPrincipal> parse(Optional<String> principalName) {
        return principalName.flatMap(name -> {
            int end = name.length() - MAC_HEX - 1;
            boolean isEngine = name.startsWith(ENGINE);
            int begin = isEngine ? ENGINE.length() : ACCOUNT.length();
            if (end <= begin || !(isEngine || name.startsWith(ACCOUNT))) {
                return Optional.empty();
            }
            FirnPrincipal principal = of(name.substring(begin, end), isEngine);
            boolean isSigned = MessageDigest.isEqual(
                    principal.name().getBytes(StandardCharsets.UTF_8), name.getBytes(StandardCharsets.UTF_8));
            return isSigned ? Optional.of(principal) : Optional.empty();
        });
    }

    Optional<FirnPrincipal> parse(Identity identity) {
        return parse(identity.getPrincipal().map(Principal::getName));
    }

    /** The account that a query is of; none: nobody's, or the engine's own. */
    Optional<String> accountOf(Optional<String> principalName, String user) {
        return parse(principalName).flatMap(principal -> {
            if (!principal.isEngine()) {
                return Optional.of(principal.account());
            }
            // Where no other user is named, Trino takes the principal's name for one.
            return user.equals(principal.name()) ? Optional.empty() : Optional.of(user);
        });
    }

    private String mac(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            byte[] digest = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, MAC_HEX / 2);
        }
        catch (GeneralSecurityException e) {
            throw new IllegalStateException("there is no HMAC", e);
        }
    }
}
