package firn.trino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BoundedCacheTest {
    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger loads = new AtomicInteger();
    private final BoundedCache<String, Integer> cache = new BoundedCache<>(2, Duration.ofNanos(100), now::get);

    private int get(String key) {
        return cache.get(key, ignored -> loads.incrementAndGet());
    }

    @Test
    void anEntryIsLoadedAgainWhenItsTimeIsOver() {
        assertEquals(1, get("a"));
        now.set(99);
        assertEquals(1, get("a"));
        now.set(100);
        assertEquals(2, get("a"));
    }

    @Test
    void theEntryUsedLongestAgoGoes() {
        get("a");
        get("b");
        get("a");
        get("c");
        assertEquals(1, get("a"));
        assertEquals(4, get("b"));
    }

    @Test
    void whatFailsIsNotKept() {
        assertThrows(IllegalStateException.class, () -> cache.get("a", ignored -> {
            throw new IllegalStateException();
        }));
        assertEquals(1, get("a"));
    }
}
