package firn.trino;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trino.spi.eventlistener.EventListener;
import io.trino.spi.eventlistener.QueryCompletedEvent;
import io.trino.spi.eventlistener.QueryFailureInfo;
import io.trino.spi.eventlistener.QueryInputMetadata;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Tells Firn of every query that ended and that Firn did not send itself. Reports wait in a bounded queue while Firn is
 * away, and are sent again; a report that Firn has seen before changes nothing. Thread-safe.
 */
final class QueryReporter implements EventListener {
    private static final Logger LOG = System.getLogger(QueryReporter.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WAITING_MAX = 10_000;
    private static final long RETRY_MS_MIN = 200;
    private static final long RETRY_MS_MAX = 30_000;
    private static final long SHUTDOWN_MS = 5_000;

    private final FirnClient firn;
    private final Principals principals;
    private final BlockingQueue<ObjectNode> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final Thread thread;
    private volatile boolean stopping;

    QueryReporter(FirnClient firn, Principals principals) {
        this.firn = firn;
        this.principals = principals;
        thread = Thread.ofPlatform().daemon().name("firn-query-reporter").start(this::run);
    }

    @Override
    public void queryCompleted(QueryCompletedEvent event) {
        Optional<String> principal = event.getContext().getPrincipal();
        // Firn has its own record of what it sent, and the plugin's own statements are nobody's.
        if (principals.parse(principal).filter(FirnPrincipal::isEngine).isPresent()) {
            return;
        }
        principals.accountOf(principal, event.getContext().getUser())
                .ifPresent(account -> enqueue(report(event, account)));
    }

    void enqueue(ObjectNode report) {
        if (!waiting.offer(report)) {
            LOG.log(Level.ERROR, "too many queries wait to be reported: one is left out of the history: "
                    + report.path("query_id").asText());
        }
    }

    static ObjectNode report(QueryCompletedEvent event, String account) {
        ObjectNode report = JSON.createObjectNode();
        report.put("query_id", event.getMetadata().getQueryId());
        report.put("account", account);
        report.put("statement", event.getMetadata().getQuery());
        report.put("start_us", micros(event.getCreateTime()));
        report.put("end_us", micros(event.getEndTime()));
        report.put("rows", event.getStatistics().getOutputRows());
        report.put("bytes", event.getStatistics().getOutputBytes());
        report.put("memory_bytes", event.getStatistics().getPeakUserMemoryBytes());
        report.put("timezone", event.getContext().getTimezone());
        event.getContext().getCatalog().ifPresent(catalog -> report.put("catalog", catalog));
        event.getContext().getSchema().ifPresent(schema -> report.put("schema", schema));
        event.getContext().getUserAgent().ifPresent(agent -> report.put("user_agent", agent));
        ArrayNode tables = report.putArray("tables");
        for (QueryInputMetadata input : event.getIoMetadata().getInputs()) {
            ObjectNode table = tables.addObject();
            table.put("catalog", input.getCatalogName());
            table.put("schema", input.getSchema());
            table.put("name", input.getTable());
            input.getPhysicalInputRows().ifPresent(rows -> table.put("rows", rows));
            input.getPhysicalInputBytes().ifPresent(bytes -> table.put("bytes", bytes));
            snapshot(input).ifPresent(id -> table.put("snapshot_id", id));
        }
        event.getFailureInfo().ifPresent(failure -> report.set("error", error(failure)));
        return report;
    }

    private static ObjectNode error(QueryFailureInfo failure) {
        ObjectNode error = JSON.createObjectNode();
        error.put("message", failure.getFailureMessage().orElse(failure.getErrorCode().getName()));
        error.put("errorName", failure.getErrorCode().getName());
        error.put("errorType", failure.getErrorCode().getType().name());
        return error;
    }

    /** What Iceberg's connector says of its input, in a class of its own, behind another class loader. */
    private static Optional<Long> snapshot(QueryInputMetadata input) {
        return input.getConnectorInfo()
                .flatMap(QueryReporter::snapshotOf);
    }

    private static Optional<Long> snapshotOf(Object info) {
        try {
            Object id = info.getClass().getMethod("snapshotId").invoke(info);
            return id instanceof Optional<?> optional && optional.orElse(null) instanceof Long number
                    ? Optional.of(number)
                    : Optional.empty();
        }
        catch (ReflectiveOperationException e) {
            LOG.log(Level.DEBUG, "no snapshot of " + info.getClass(), e);
            return Optional.empty();
        }
    }

    private static long micros(Instant at) {
        return at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
    }

    private void run() {
        try {
            while (!stopping || !waiting.isEmpty()) {
                ObjectNode report = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (report != null) {
                    deliver(report);
                }
            }
        }
        catch (InterruptedException e) {
            LOG.log(Level.WARNING, waiting.size() + " queries were not reported to Firn");
        }
    }

    private void deliver(ObjectNode report) throws InterruptedException {
        for (long pause = RETRY_MS_MIN; ; pause = Math.min(pause * 2, RETRY_MS_MAX)) {
            try {
                firn.post("queries", report);
                return;
            }
            catch (FirnClient.Refused e) {
                if (e.status < 500 && e.status != 429) {
                    LOG.log(Level.ERROR, "Firn does not take the report of the query " + report.path("query_id").asText()
                            + ": " + e.getMessage());
                    return;
                }
            }
            catch (UncheckedIOException e) {
                LOG.log(Level.DEBUG, "Firn is away", e);
            }
            Thread.sleep(pause);
        }
    }

    @Override
    public void shutdown() {
        stopping = true;
        try {
            thread.join(SHUTDOWN_MS);
        }
        catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
