package firn.trino;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The entries used last, each for a short time. What loading throws is not kept. Thread-safe. */
final class BoundedCache<K, V> {
    private record Kept<V>(V value, long untilNanos) {}

    private final long ttlNanos;
    private final LongSupplier nanoTime;
    private final Map<K, Kept<V>> entries;

    BoundedCache(int entriesMax, Duration ttl, LongSupplier nanoTime) {
        this.ttlNanos = ttl.toNanos();
        this.nanoTime = nanoTime;
        this.entries = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, Kept<V>> eldest) {
                return size() > entriesMax;
            }
        };
    }

    /** Two threads may load the same at the same time: nobody waits for another's answer. */
    V get(K key, Function<K, V> load) {
        long now = nanoTime.getAsLong();
        synchronized (entries) {
            Kept<V> known = entries.get(key);
            if (known != null && now - known.untilNanos < 0) {
                return known.value;
            }
        }
        // As old as the question, not as its answer.
        V value = load.apply(key);
        synchronized (entries) {
            entries.put(key, new Kept<>(value, now + ttlNanos));
        }
        return value;
    }
}
