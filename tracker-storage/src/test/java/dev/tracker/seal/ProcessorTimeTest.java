package dev.tracker.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Kind;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose processor time is that of sealing. */
class ProcessorTimeTest {
  @TempDir Path root;

  /** One of Lance's names was not that of any thread, and its time was not counted. */
  @Test
  void lancesThreadsHaveTheNamesThatAreCounted() throws IOException {
    Rows rows = new Rows(Kind.FLOAT64, 1);
    rows.add(0, 0, 0, Double.doubleToRawLongBits(1));
    SeriesDataset.append(root.resolve("a.lance"), Kind.FLOAT64, 0, rows);
    if (!Files.isDirectory(Path.of("/proc/self/task"))) {
      assertEquals(0, ProcessorTime.nanos());
      return;
    }
    List<String> threads = threads();
    for (String name : List.of("lance", "tokio-rt-worker")) {
      assertTrue(ProcessorTime.NAMES.contains(name), name);
      assertTrue(threads.stream().anyMatch(thread -> thread.startsWith(name)), threads::toString);
    }
    assertTrue(ProcessorTime.nanos() > 0);
  }

  private static List<String> threads() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/task"))) {
      return all.map(ProcessorTimeTest::name).toList();
    }
  }

  private static String name(Path thread) {
    try {
      return Files.readString(thread.resolve("comm"));
    } catch (IOException e) {
      return ""; // it has ended
    }
  }
}
