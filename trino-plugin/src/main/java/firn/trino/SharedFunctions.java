package firn.trino;

import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.TimestampType.TIMESTAMP_MICROS;

import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import java.time.LocalDate;

/** What Firn's DuckDB has by the same names, with the same results (src/query/worker/shared_functions.h). */
public final class SharedFunctions {
    private static final long MICROS_PER_DAY = 86_400_000_000L;
    private static final long MICROS_PER_MILLI = 1_000;
    /** Monday, the 3rd of January 2000, from which DuckDB counts buckets; those of months from the 1st. */
    private static final long ORIGIN = LocalDate.of(2000, 1, 3).toEpochDay() * MICROS_PER_DAY;
    private static final long PERIODS_MAX = 10_000;

    private SharedFunctions() {}

    @Description("The beginning of the time's bucket")
    @ScalarFunction("time_bucket")
    @SqlType("timestamp(6)")
    public static long timeBucket(@SqlType("interval day to second") long width, @SqlType("timestamp(6)") long at) {
        long micros = Math.multiplyExact(positive(width), MICROS_PER_MILLI);
        return ORIGIN + Math.floorDiv(Math.subtractExact(at, ORIGIN), micros) * micros;
    }

    @Description("The beginning of the time's bucket of months")
    @ScalarFunction("time_bucket")
    @SqlType("timestamp(6)")
    public static long timeBucketOfMonths(
            @SqlType("interval year to month") long months, @SqlType("timestamp(6)") long at) {
        return dateBucketOfMonths(months, Math.floorDiv(at, MICROS_PER_DAY)) * MICROS_PER_DAY;
    }

    @Description("The first day of the date's bucket")
    @ScalarFunction("time_bucket")
    @SqlType("date")
    public static long dateBucket(@SqlType("interval day to second") long width, @SqlType("date") long day) {
        return Math.floorDiv(timeBucket(width, day * MICROS_PER_DAY), MICROS_PER_DAY);
    }

    @Description("The first day of the date's bucket of months")
    @ScalarFunction("time_bucket")
    @SqlType("date")
    public static long dateBucketOfMonths(@SqlType("interval year to month") long months, @SqlType("date") long day) {
        LocalDate date = LocalDate.ofEpochDay(day);
        long since = (date.getYear() - 2000L) * 12 + date.getMonthValue() - 1;
        long first = Math.floorDiv(since, positive(months)) * months;
        return LocalDate.of(2000, 1, 1).plusMonths(first).toEpochDay();
    }

    private static long positive(long width) {
        if (width <= 0) {
            throw new TrinoException(StandardErrorCode.INVALID_FUNCTION_ARGUMENT, "a bucket's width is above 0");
        }
        return width;
    }

    @Description("How many of the steps 1, 2, 3, ... follow each other, not later than the window after the first")
    @ScalarFunction("funnel_depth")
    @SqlType("bigint")
    public static long funnelDepth(
            @SqlType("interval day to second") long window,
            @SqlType("array(bigint)") Block steps,
            @SqlType("array(timestamp(6))") Block times) {
        long micros = Math.multiplyExact(window, MICROS_PER_MILLI);
        int events = Math.min(steps.getPositionCount(), times.getPositionCount());
        long best = 0;
        for (int first = 0; first < events; first++) {
            if (!isEvent(steps, times, first) || BIGINT.getLong(steps, first) != 1) {
                continue;
            }
            long until = Math.addExact(TIMESTAMP_MICROS.getLong(times, first), micros);
            long depth = 1;
            for (int i = first + 1; i < events; i++) {
                if (isEvent(steps, times, i) && TIMESTAMP_MICROS.getLong(times, i) <= until
                        && BIGINT.getLong(steps, i) == depth + 1) {
                    depth++;
                }
            }
            best = Math.max(best, depth);
        }
        return best;
    }

    private static boolean isEvent(Block steps, Block times, int i) {
        return !steps.isNull(i) && !times.isNull(i);
    }

    @Description("For each period of so many days from the date on, whether one of the dates lies in it")
    @ScalarFunction("retention")
    @SqlType("array(boolean)")
    public static Block retention(
            @SqlType("date") long start, @SqlType("array(date)") Block days, @SqlType("bigint") long unit, @SqlType("bigint") long periods) {
        if (periods > PERIODS_MAX) {
            throw new TrinoException(StandardErrorCode.INVALID_FUNCTION_ARGUMENT, "there are too many periods");
        }
        BlockBuilder seen = BOOLEAN.createFixedSizeBlockBuilder((int) Math.max(periods, 0));
        for (long period = 0; period < periods; period++) {
            long from = Math.addExact(start, Math.multiplyExact(period, unit));
            long until = Math.addExact(from, unit);
            boolean any = false;
            for (int i = 0; i < days.getPositionCount() && !any; i++) {
                any = !days.isNull(i) && DATE.getLong(days, i) >= from && DATE.getLong(days, i) < until;
            }
            BOOLEAN.writeBoolean(seen, any);
        }
        return seen.build();
    }
}
