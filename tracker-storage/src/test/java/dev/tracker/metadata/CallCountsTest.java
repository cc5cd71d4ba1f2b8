package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CallCountsTest {
  @Test
  void a_call_counts_once_however_many_series_it_had_values_for() {
    CallCounts counts = new CallCounts(2);
    for (int series = 0; series < 3; series++) {
      for (int call = 0; call < 100_000; call++) {
        counts.add(call % 10 == 0 ? 1 : 0, call / 2, 1_700_000_000_000_000L + call);
      }
    }
    assertTrue(counts.isExact());
    assertEquals(90_000, counts.count(0));
    assertEquals(10_000, counts.count(1));
  }

  @Test
  void more_calls_than_are_kept_are_counted_nearly() {
    CallCounts counts = new CallCounts(1);
    int calls = 5 * CallCounts.MOST;
    for (int call = 0; call < calls; call++) {
      counts.add(0, call, 1_700_000_000_000_000L + 3L * call);
    }
    assertFalse(counts.isExact());
    assertEquals((double) calls, (double) counts.count(0), calls * 0.01);
  }
}
