package firn.trino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueryReporterTest {
    @Test
    void aReportIsSentAgainUntilFirnTakesIt() throws Exception {
        try (FakeFirn firn = new FakeFirn()) {
            firn.failuresLeft.set(2);
            QueryReporter reporter = new QueryReporter(new FirnClient(firn.config()), new Principals(firn.config()));
            reporter.enqueue(new ObjectMapper().createObjectNode().put("query_id", "q1"));
            reporter.enqueue(new ObjectMapper().createObjectNode().put("query_id", "q2"));
            reporter.shutdown();
            assertEquals(List.of("{\"query_id\":\"q1\"}", "{\"query_id\":\"q2\"}"), firn.bodies);
            assertEquals(4, firn.asked.get());
        }
    }
}
