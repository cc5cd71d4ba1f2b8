package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A board that is off checks its arguments and does nothing. */
class OffTest {
  @TempDir Path root;

  private Board board;

  @BeforeEach
  void openBoard() {
    board = Board.builder("off").root(root).enabled(false).open();
  }

  @AfterEach
  void closeBoard() {
    board.close();
  }

  private List<Executable> calls(String name) {
    return List.of(
        () -> board.log(name, 1.0),
        () -> board.log(name, 1L),
        () -> board.log(name, "text"),
        () -> board.log(name, (Object) null),
        () -> board.log("a", 1, name, 2),
        () -> board.log("a", 1, "b", 2, name, 3),
        () -> board.log("a", 1, "b", 2, "c", 3, name, 4),
        () -> board.log("a", 1, "b", 2, "c", 3, "d", 4, name, 5),
        () -> board.log(Map.of(name, 1.0)),
        () -> board.log(3, Map.of(name, 1.0)),
        () -> board.metric(name).log(1.0),
        () -> board.metric(name).log(3, 1.0),
        () -> board.metric(name, SeriesKind.INT64).log(1L),
        () -> board.row().put(name, 1).put(name, "text").step(3).log());
  }

  @Test
  void whatIsSaidFromOutsideIsYesOrNo() {
    assertTrue(said(null).isEnabled());
    assertTrue(said(" TRUE").isEnabled());
    assertFalse(said("off").isEnabled());
    assertFalse(said("0").recordsEnvironment());
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> said("flase").isEnabled());
    assertTrue(
        refused.getMessage().startsWith("illegal setting: tracker.enabled='flase' (true, 1, "),
        refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> said("nope").recordsEnvironment());
  }

  private static Settings said(String text) {
    return new Settings(name -> text, name -> null);
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("tracker-writer"))
        .toList();
  }

  @Test
  void nothingHappens() throws Throwable {
    List<String> before = threads();
    for (Executable call : calls("a")) {
      call.execute();
    }
    board.config(Map.of("lr", 1));
    board.config("optimizer/lr", 1);
    board.tag("a");
    board.untag("a");
    board.notes("text");
    board.flush();
    List<String> begun = new ArrayList<>(threads());
    begun.removeAll(before); // of which some may have ended
    assertEquals(List.of(), begun);
    board.finish(new IOException("diverged"));
    try (Stream<Path> files = Files.list(root)) {
      assertEquals(List.of(), files.toList());
    }
    assertEquals(Health.OFF, board.health());
    assertTrue(board.directory().startsWith(root));
    assertFalse(board.id().isEmpty());
  }

  @Test
  void argumentsAreChecked() {
    for (Executable call : calls("")) {
      assertThrows(IllegalArgumentException.class, call);
    }
    assertThrows(IllegalArgumentException.class, () -> board.config("a//b", 1));
    assertThrows(IllegalArgumentException.class, () -> board.config(Map.of("a", new Object())));
    assertThrows(IllegalArgumentException.class, () -> board.tag("a", null));
    assertThrows(IllegalArgumentException.class, () -> board.notes(null));
    assertThrows(IllegalArgumentException.class, () -> board.log((String) null, 1.0));
    assertThrows(IllegalArgumentException.class, () -> board.log((Map<String, ?>) null));
  }

  @Test
  void theGlobalStepCounts() {
    board.step();
    board.globalStep(5);
    board.step();
    assertEquals(6, board.globalStep());
  }

  @Test
  void itIsTheCurrentBoardWhileItIsOpen() {
    assertSame(board, Board.current());
    board.close();
    assertThrows(IllegalStateException.class, Board::current);
  }

  @Test
  void loggingAfterFinishIsRefusedAllTheSame() {
    Row row = board.row().put("a", 1);
    Metric metric = board.metric("a");
    board.finish();
    board.finish();
    for (Executable call :
        List.<Executable>of(
            () -> board.log("a", 1.0),
            () -> board.log("a", 1L),
            () -> board.log("a", 1, "b", 2),
            row::log,
            () -> metric.log(1.0),
            board::step)) {
      assertThrows(IllegalStateException.class, call);
    }
  }

  @Test
  void aPropertyTurnsAllBoardsOff() {
    System.setProperty(Settings.ENABLED_PROPERTY, "false");
    try (Board other = Board.builder("off").root(root).enabled(true).open()) {
      other.log("a", 1);
      assertSame(Health.OFF, other.health());
    } finally {
      System.clearProperty(Settings.ENABLED_PROPERTY);
    }
  }

  @Test
  void propertiesGoBeforeTheEnvironmentAndBlanksDoNotCount() {
    assertTrue(settings(Map.of(), Map.of()).isEnabled());
    assertFalse(settings(Map.of(), Map.of("TRACKER_ENABLED", "0")).isEnabled());
    assertFalse(settings(Map.of("tracker.enabled", "False"), Map.of()).isEnabled());
    assertTrue(
        settings(Map.of("tracker.enabled", "true"), Map.of("TRACKER_ENABLED", "0")).isEnabled());
    assertTrue(settings(Map.of(), Map.of("TRACKER_ENABLED", "1")).isEnabled());
    assertEquals(Path.of("tracker"), settings(Map.of(), Map.of()).root());
    assertEquals(Path.of("/env"), settings(Map.of(), Map.of("TRACKER_DIR", "/env")).root());
    assertEquals(
        Path.of("/property"),
        settings(Map.of("tracker.dir", "/property"), Map.of("TRACKER_DIR", "/env")).root());
    assertEquals(
        Path.of("/env"),
        settings(Map.of("tracker.dir", " "), Map.of("TRACKER_DIR", "/env")).root());
  }

  private static Settings settings(
      Map<String, String> properties, Map<String, String> environment) {
    return new Settings(properties::get, environment::get);
  }
}
