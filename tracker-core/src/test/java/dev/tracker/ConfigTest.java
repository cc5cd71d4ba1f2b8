package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tracker.system.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a configuration may hold, and what it becomes. */
class ConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path root;

  record Optimizer(String name, double lr, List<Integer> milestones) {}

  /** A bean. */
  public static final class Model {
    public int getLayers() {
      return 3;
    }

    public Optimizer getOptimizer() {
      return new Optimizer("adam", 1e-3, List.of(10, 20));
    }
  }

  enum Mode {
    FAST
  }

  private static String json(Object value) {
    return Config.toJson(Map.of("key", value)).get("key").toString();
  }

  @Test
  void scalars() {
    assertEquals("1", json(1));
    assertEquals("9007199254740993", json(9007199254740993L));
    assertEquals("0.001", json(1e-3));
    assertEquals("true", json(true));
    assertEquals("\"text\"", json("text"));
    assertEquals("\"FAST\"", json(Mode.FAST));
  }

  @Test
  void containersNest() throws IOException {
    assertEquals("[1,[2,3],{\"a\":null}]", json(Arrays.asList(1, new int[] {2, 3}, nullValue())));
    ObjectMapper tree =
        new ObjectMapper(); // a bean's fields come in whatever order the JVM has them
    assertEquals(
        tree.readTree(
            "{\"layers\":3,\"optimizer\":{\"name\":\"adam\",\"lr\":0.001,\"milestones\":[10,20]}}"),
        tree.readTree(json(new Model())));
  }

  private static Map<String, Object> nullValue() {
    Map<String, Object> map = new HashMap<>();
    map.put("a", null);
    return map;
  }

  @Test
  void timesAndPathsBecomeTexts() {
    assertEquals("\"PT3S\"", json(Duration.ofSeconds(3)));
    assertEquals("\"1970-01-01T00:00:00Z\"", json(Instant.EPOCH));
    assertEquals("\"data/mnist\"", json(Path.of("data/mnist")));
    assertEquals("[1]", json(Optional.of(List.of(1))));
    assertEquals("null", json(Optional.empty()));
  }

  @Test
  void whatItWasGivenMayChangeLater() {
    List<Integer> layers = Arrays.asList(64, 32);
    Map<String, Object> config = new LinkedHashMap<>(Map.of("layers", layers));
    var json = Config.toJson(config);
    layers.set(0, 1);
    config.put("late", 1);
    assertEquals("{\"layers\":[64,32]}", json.toString());
  }

  @Test
  void aValueThatCannotBeWrittenIsNamed() {
    Map<String, Object> inner = new HashMap<>(Map.of("fine", 1));
    inner.put("loader", new Object());
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> Board.builder("x").config(Map.of("data", List.of(1, inner))));
    for (String part :
        List.of(
            "cannot be written as JSON",
            "path=data/[1]/loader ",
            "type=java.lang.Object ",
            "reason=No serializer found")) {
      assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }
  }

  /** A bean whose getters fail in every way. */
  public static final class Failing {
    private final Throwable with;

    Failing(Throwable with) {
      this.with = with;
    }

    public int getFine() {
      return 1;
    }

    public Object getRate() throws Throwable {
      if (with instanceof StackOverflowError) {
        return getRate();
      }
      throw with;
    }
  }

  /** An exception whose own message fails. */
  private static final class Mute extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("mute");
    }
  }

  @Test
  void aGetterThatFailsIsNamedWithItsBeanAndItsReason() {
    for (Throwable with :
        List.of(
            new IllegalStateException("no rate yet"),
            new Exception("checked"),
            new Mute(),
            new StackOverflowError(),
            new AssertionError("wrong"),
            new NoClassDefFoundError("gone/Away"))) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> Board.builder("x").config(Map.of("model", List.of(new Failing(with)))));
      assertTrue(refused.getMessage().contains("path=model"), refused.getMessage());
    }
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> Config.toJson("a/b", new Failing(new IllegalStateException("no\n  rate"))));
    for (String part :
        List.of(
            "path=a/b/rate ",
            "type=dev.tracker.ConfigTest$Failing ",
            "reason=java.lang.IllegalStateException: no rate ")) {
      assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }
  }

  @Test
  void aKeyThatCouldNotBeReadBackIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Board.builder("x").config(Map.of("k".repeat(60_000), 1)));
  }

  @Test
  void aPathNamesAValueInsideObjects() {
    assertEquals("{\"a\":{\"b\":{\"c\":1}}}", Config.toJson("a/b/c", 1).toString());
    assertEquals("{\"a\":null}", Config.toJson("a", null).toString());
    for (String path : List.of("", "/", "a/", "/a", "a//b")) {
      assertThrows(IllegalArgumentException.class, () -> Config.toJson(path, 1), path);
    }
    assertThrows(IllegalArgumentException.class, () -> Config.toJson((String) null, 1));
  }

  @Test
  void objectsThatAreGivenOneAfterTheOtherAreMerged() throws Exception {
    try (Board board =
        Board.builder("x")
            .config(Map.of("optimizer", Map.of("name", "adam", "lr", 1)))
            .config(Map.of("optimizer", Map.of("lr", 2)))
            .root(root)
            .closeTimeout(Duration.ZERO)
            .open()) {
      assertEquals(
          JSON.readTree("{\"name\":\"adam\",\"lr\":2}"),
          Journaled.of(board).document.fields().at("/config/optimizer"));
    }
    Await.release(root);
  }

  @Test
  void aValueThatHoldsItselfIsNamed() {
    Map<String, Object> self = new HashMap<>();
    self.put("self", self);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> Board.builder("x").config(Map.of("loop", self)));
    assertTrue(refused.getMessage().contains("path=loop"), refused.getMessage());
    assertTrue(refused.getMessage().contains("does it hold itself"), refused.getMessage());
  }

  @Test
  void aValueThatCouldNotBeReadBackIsNamed() {
    List<Object> deep = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      deep = new ArrayList<>(List.of(deep));
    }
    for (Object value : List.of(deep, "x".repeat(30_000_000))) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> Board.builder("x").config(Map.of("value", value)));
      assertTrue(refused.getMessage().contains("path=value "), refused.getMessage());
    }
    assertThrows(
        IllegalArgumentException.class, () -> Board.builder("x").notes("x".repeat(2_000_000)));
  }

  /** Whatever the value is: the document could not be read any more. */
  @Test
  void keysThatCouldNotBeReadBackAreRefused() {
    for (String key : List.of("a/".repeat(2_000) + "a", "x".repeat(100_000))) {
      assertThrows(IllegalArgumentException.class, () -> Config.toJson(key, 1));
      assertThrows(IllegalArgumentException.class, () -> Config.toJson(key, "text"));
    }
    assertThrows(
        IllegalArgumentException.class, () -> Config.toJson(Map.of("x".repeat(100_000), 1)));
  }

  @Test
  void nullKeysAreRefused() {
    Map<String, Object> config = new HashMap<>();
    config.put(null, 1);
    assertThrows(IllegalArgumentException.class, () -> Board.builder("x").config(config));
  }
}
