package dev.tracker.read;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TimestampsTest {
  @Property
  void whatAnInstantWritesIsReadBack(
      @ForAll @LongRange(min = -70_000_000_000L, max = 260_000_000_000L) long second,
      @ForAll @IntRange(max = 999_999_999) int nano) {
    Instant instant = Instant.ofEpochSecond(second, nano);
    assertEquals(Optional.of(instant), Timestamps.parse(instant.toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-20T20:47:55Z",
        "2026-11-20T20:47:55.1Z",
        "2026-11-20T20:47:55.000000001Z",
        "2026-11-20T20:47:55.0000000001Z",
        "2026-11-20T20:47:55.Z",
        "2026-11-20T20:47Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20T23:59:60Z",
        "2026-11-20T20:47:55+01:00",
        "2026-11-20t20:47:55z",
        "2024-02-29T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-2\u0661T00:00:00Z",
        "+10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-20 20:47:55Z",
        "yesterday",
        "Z",
        ""
      })
  void otherTextsAreReadAsTheJdkReadsThem(String text) {
    assertEquals(asTheJdkDoes(text), Timestamps.parse(text));
  }

  private static Optional<Instant> asTheJdkDoes(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
