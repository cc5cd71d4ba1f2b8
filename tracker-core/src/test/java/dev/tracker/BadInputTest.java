package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a caller may get wrong: each has its message, and costs nothing of what was logged before
 * and after.
 */
class BadInputTest {
  /** Every form of a call that takes a name. */
  private static final Map<String, BiConsumer<Board, String>> FORMS =
      Map.ofEntries(
          Map.entry("double", (board, name) -> board.log(name, 1.0)),
          Map.entry("long", (board, name) -> board.log(name, 1L)),
          Map.entry("object", (board, name) -> board.log(name, (Object) "text")),
          Map.entry("null", (board, name) -> board.log(name, (Object) null)),
          Map.entry("first of a pair", (board, name) -> board.log(name, 1.0, "ok", 2.0)),
          Map.entry("second of a pair", (board, name) -> board.log("ok", 1.0, name, 2.0)),
          Map.entry("third of three", (board, name) -> board.log("ok", 1.0, "ok2", 1.0, name, 2.0)),
          Map.entry(
              "fourth of four",
              (board, name) -> board.log("ok", 1.0, "ok2", 1.0, "ok3", 1.0, name, 2.0)),
          Map.entry(
              "fifth of five",
              (board, name) -> board.log("ok", 1.0, "ok2", 1.0, "ok3", 1.0, "ok4", 1.0, name, 2.0)),
          Map.entry("map", (board, name) -> board.log(map(name, 1.0))),
          Map.entry("map at a step", (board, name) -> board.log(7, map(name, 1.0))),
          Map.entry("metric", (board, name) -> board.metric(name)),
          Map.entry("metric of a kind", (board, name) -> board.metric(name, SeriesKind.BOOL)),
          Map.entry("row", (board, name) -> board.row().put(name, 1.0)));

  @TempDir Path root;

  private Board board;

  @BeforeEach
  void openBoard() {
    board = Board.builder("bad input").root(root).open();
    board.log("before", 1.0);
  }

  @AfterEach
  void closeBoard() {
    board.close();
  }

  private static Map<String, Object> map(String name, Object value) {
    Map<String, Object> map = new HashMap<>();
    map.put(name, value);
    return map;
  }

  private static void assertSays(IllegalArgumentException e, String form, String... parts) {
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), form + ": " + e.getMessage());
    }
  }

  private void assertRefused(String name, String... parts) {
    FORMS.forEach((form, call) ->
        assertSays(
            assertThrows(IllegalArgumentException.class, () -> call.accept(board, name), form),
            form,
            parts));
    assertNothingLost();
  }

  /** Finishes the run and checks that it holds what was logged rightly, and nothing else. */
  private void assertNothingLost() {
    board.log("after", 2.0);
    board.finish();
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(List.of("before", "after"), reader.metrics());
      assertArrayEquals(new double[] {1.0}, reader.scalars("before").values());
      assertArrayEquals(new double[] {2.0}, reader.scalars("after").values());
      assertArrayEquals(
          new long[] {1}, reader.scalars("after").steps(), "what was refused took no step");
      assertEquals(RunStatus.SUCCEEDED, reader.info().status());
    }
    assertEquals(0, board.health().dropped());
  }

  @Test
  void nullNames() {
    assertRefused(null, "a metric's name is null");
  }

  @Test
  void emptyNames() {
    assertRefused("", "a metric's name is empty");
  }

  @Test
  void overlongNames() {
    assertRefused(
        "x".repeat(65_536), "a metric's name is too long", "length=65536", "limit=65535", "xxx...");
  }

  @Test
  void namesThatAreNotUnicode() {
    assertRefused("half \uD83D", "a metric's name is not Unicode", "half");
  }

  @Test
  void theLongestNameIsNotTooLong() {
    String longest = "\u5B57".repeat(65_535);
    board.log(longest, 3.0);
    board.finish();
    try (RunReader reader = RunReader.open(board.directory())) {
      assertArrayEquals(new double[] {3.0}, reader.scalars(longest).values());
    }
  }

  @Test
  void nullMaps() {
    assertThrows(IllegalArgumentException.class, () -> board.log((Map<String, ?>) null));
    assertThrows(IllegalArgumentException.class, () -> board.log(3, null));
    assertNothingLost();
  }

  @Test
  void nullValuesAreLeftOutAndCounted_theRestOfTheCallStands() {
    Map<String, Object> values = map("nothing", null);
    board.log(values);
    board.log("nothing", (Object) null);
    values.put("after", 2.0);
    board.log(values);
    board.finish();
    assertEquals(3, board.health().nulls());
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(List.of("before", "after"), reader.metrics());
      assertArrayEquals(new long[] {1}, reader.scalars("after").steps());
    }
  }

  @Test
  void typesThatCannotBeLoggedAreLeftOutAndCounted_theRestOfTheCallStands() {
    board.log("thread", Thread.currentThread());
    Map<String, Object> values = map("array", new int[] {1});
    values.put("after", 2.0);
    board.log(values);
    board.finish();
    assertEquals(2, board.health().rejected());
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(List.of("before", "after"), reader.metrics());
      assertArrayEquals(new long[] {1}, reader.scalars("after").steps());
    }
  }

  @Test
  void secondTypesForASeriesAreLeftOutAndCounted_theSeriesStands() {
    board.log("text", "one");
    board.log("truth", true);
    board.metric("exact", SeriesKind.INT64).log(1L);
    board.log("text", 1.0);
    board.log("text", true);
    board.log("truth", "no");
    board.log("truth", 0.0);
    board.log("exact", 1.5);
    board.log("exact", "1");
    board.log("before", "text");
    board.log("before", false);
    board.metric("text").log(2.0);
    board.log("text", "two");
    board.log("before", 2.0);
    board.finish();
    assertEquals(9, board.health().rejected());
    try (RunReader reader = RunReader.open(board.directory())) {
      assertArrayEquals(new String[] {"one", "two"}, reader.strings("text").values());
      assertArrayEquals(new double[] {1.0, 2.0}, reader.scalars("before").values());
      assertArrayEquals(new long[] {1}, reader.scalars("exact").longs());
      assertArrayEquals(new long[] {1}, reader.scalars("truth").longs());
    }
  }

  @Test
  void declaringASeriesAsAnotherKind() {
    board.metric("exact", SeriesKind.INT64).log(1L);
    assertSays(
        assertThrows(
            IllegalArgumentException.class, () -> board.metric("exact", SeriesKind.STRING)),
        "metric",
        "exact",
        "INT64",
        "STRING");
    assertSays(
        assertThrows(
            IllegalArgumentException.class, () -> board.metric("before", SeriesKind.INT64)),
        "metric",
        "before",
        "FLOAT64",
        "INT64");
  }

  @Test
  void longsBeyond53BitsAreRoundedAndCounted() {
    board.log("big", (1L << 53) + 1);
    board.log("big", Long.MAX_VALUE);
    board.finish();
    assertEquals(2, board.health().rounded());
    try (RunReader reader = RunReader.open(board.directory())) {
      assertArrayEquals(new double[] {0x1p53, 0x1p63}, reader.scalars("big").values());
    }
  }

  @Test
  void loggingAfterFinish() {
    board.finish();
    Metric metric = board.metric("before");
    Row row = board.row();
    List<Executable> calls =
        List.of(
            () -> board.log("after", 1.0),
            () -> board.log("after", 1L),
            () -> board.log("after", (Object) "text"),
            () -> board.log("after", 1.0, "b", 1.0),
            () -> board.log(Map.of("after", 1.0)),
            () -> board.log(3, Map.of("after", 1.0)),
            () -> metric.log(1.0),
            () -> metric.log(3, 1.0),
            () -> row.put("after", 1.0).log(),
            board::step,
            () -> board.globalStep(3));
    for (Executable call : calls) {
      IllegalStateException refusal = assertThrows(IllegalStateException.class, call);
      assertTrue(refusal.getMessage().contains("finished"), refusal.getMessage());
      assertTrue(refusal.getMessage().contains(board.id()), refusal.getMessage());
    }
    board.finish();
    board.close();
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(List.of("before"), reader.metrics());
      assertEquals(1, reader.scalars("before").size());
      assertEquals(RunStatus.SUCCEEDED, reader.info().status());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "../up", "a/b", "-a", "_a", ".a", "a b", "\u00e4", "a\0", "a\n"})
  void illegalIdsAndProjects(String illegal) {
    assertSays(
        assertThrows(
            IllegalArgumentException.class, () -> Board.builder("x").root(root).id(illegal).open()),
        "id",
        "illegal",
        "'" + illegal + "'");
    assertSays(
        assertThrows(
            IllegalArgumentException.class,
            () -> Board.builder("x").root(root).project(illegal).open()),
        "project",
        "illegal project",
        "'" + illegal + "'");
    assertNothingLost();
  }

  @Test
  void overlongIds() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Board.builder("x").root(root).id("x".repeat(129)).open());
    try (Board longest = Board.builder("x").root(root).id("x".repeat(128)).open()) {
      longest.log("loss", 1.0);
    }
    assertNothingLost();
  }

  @Test
  void settingsThatMakeNoSense() {
    Board.Builder builder = Board.builder("x").root(root);
    assertThrows(IllegalArgumentException.class, () -> builder.queueCapacity(0));
    assertThrows(IllegalArgumentException.class, () -> builder.queueBytes(0));
    assertThrows(
        IllegalArgumentException.class, () -> builder.closeTimeout(Duration.ofSeconds(-1)));
    assertNothingLost();
  }

  @Test
  void namesThatAReaderDoesNotKnow() {
    board.log("text", "one");
    board.flush();
    try (RunReader reader = RunReader.open(board.directory())) {
      assertSays(
          assertThrows(IllegalArgumentException.class, () -> reader.scalars("lost")),
          "scalars",
          "lost",
          "; there are 2: text, before");
      assertSays(
          assertThrows(IllegalArgumentException.class, () -> reader.strings("lost")),
          "strings",
          "lost");
      assertSays(
          assertThrows(IllegalArgumentException.class, () -> reader.scalars("text")),
          "scalars",
          "strings()");
      assertSays(
          assertThrows(IllegalArgumentException.class, () -> reader.strings("before")),
          "strings",
          "scalars()");
    }
  }
}
