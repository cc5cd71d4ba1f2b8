package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** What a configuration may hold, and what it becomes. */
class ConfigTest {
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
  void containersNest() {
    assertEquals("[1,[2,3],{\"a\":null}]", json(Arrays.asList(1, new int[] {2, 3}, nullValue())));
    assertEquals(
        "{\"layers\":3,\"optimizer\":{\"name\":\"adam\",\"lr\":0.001,\"milestones\":[10,20]}}",
        json(new Model()));
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
        List.of("cannot be written as JSON", "key=data", "[1].loader", "type=java.util")) {
      assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }
  }

  @Test
  void aValueThatHoldsItselfIsNamed() {
    Map<String, Object> self = new HashMap<>();
    self.put("self", self);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> Board.builder("x").config(Map.of("loop", self)));
    assertTrue(refused.getMessage().contains("key=loop"), refused.getMessage());
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
      assertTrue(refused.getMessage().contains("key=value"), refused.getMessage());
    }
    assertThrows(
        IllegalArgumentException.class, () -> Board.builder("x").notes("x".repeat(2_000_000)));
  }

  @Test
  void nullKeysAreRefused() {
    Map<String, Object> config = new HashMap<>();
    config.put(null, 1);
    assertThrows(IllegalArgumentException.class, () -> Board.builder("x").config(config));
  }
}
