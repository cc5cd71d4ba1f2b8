package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which reports are said. */
class ReportsTest {
  /** After a thousand metrics of the wrong kind nothing was said of a disk that fails. */
  @Test
  void mistakesInAnyNumberOfMetrics_leaveRoomForOtherReports() {
    Reports reports = new Reports("run");
    assertEquals(
        1000, IntStream.range(0, 5000).filter(i -> reports.isFirst("rejected", "m" + i)).count());
    assertTrue(reports.isFirst("force"));
  }

  @Test
  void aSubjectIsReportedOnce() {
    Reports reports = new Reports("run");
    assertTrue(reports.isFirst("force"));
    assertFalse(reports.isFirst("force"));
    assertTrue(reports.isFirst("rejected", "a"));
    assertFalse(reports.isFirst("rejected", "a"));
    assertTrue(reports.isFirst("pack", "a"));
  }
}
