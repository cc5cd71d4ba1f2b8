package dev.tracker;

import dev.tracker.system.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Frees native memory as Lance does, in pieces between others that stay, and has a board sealed
 * that takes longer than a second: {@code <root>}. Says {@code kept <MB>}, what the C library has
 * not given back by itself, and then {@code given back}; or {@code cannot}, where nobody could.
 */
public final class NativeMemoryProgram {
  private static final int PIECES = 1_536;

  /** Small enough to come from the C library's arenas. */
  private static final int PIECE_BYTES = 64 << 10;

  /** One piece in so many stays. */
  private static final int STAYING = 16;

  private static final Path STATUS = Path.of("/proc/self/status");

  private static final long MEGABYTE = 1 << 20;
  private static final long LONG_NANOS = Duration.ofMillis(1_200).toNanos();

  private NativeMemoryProgram() {}

  public static void main(String[] arguments) throws JMException {
    if (!canGiveBack()) {
      System.out.println("cannot");
      return;
    }
    long before = resident();
    List<ByteBuffer> staying = allocate();
    Await.until(
        "what is not needed is freed",
        () -> {
          System.gc();
          return directBytes() <= 2L * staying.size() * PIECE_BYTES;
        });
    System.out.println("kept " + (resident() - before) / MEGABYTE);
    FaultyFiles files = new FaultyFiles();
    AtomicLong kept = new AtomicLong(); // when Lance is loaded, which takes memory of its own
    files.beforeAppending =
        () -> {
          long start = System.nanoTime();
          Await.until("the round is long", () -> System.nanoTime() - start > LONG_NANOS);
          kept.set(resident());
        };
    try (Board board = Board.builder("native").root(Path.of(arguments[0])).files(files).open()) {
      board.log("loss", 1);
      Await.until("memory is given back", () -> resident() < kept.get() - 64 * MEGABYTE);
    }
    System.out.println("given back");
  }

  /** Whether this is a JVM that knows how, on a system that tells how much a process has. */
  private static boolean canGiveBack() throws JMException {
    ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
    return Files.exists(STATUS)
        && Stream.of(
                ManagementFactory.getPlatformMBeanServer().getMBeanInfo(commands).getOperations())
            .anyMatch(command -> command.getName().equals("systemTrimNativeHeap"));
  }

  /** Allocates pieces and keeps some of them, all of which were there at the same time. */
  private static List<ByteBuffer> allocate() {
    List<ByteBuffer> all = new ArrayList<>();
    for (int i = 0; i < PIECES; i++) {
      all.add(ByteBuffer.allocateDirect(PIECE_BYTES)); // filled with zeros
    }
    List<ByteBuffer> staying = new ArrayList<>();
    for (int i = STAYING - 1; i < PIECES; i += STAYING) {
      staying.add(all.get(i));
    }
    return staying;
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** Returns the memory that is the process's own. */
  private static long resident() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("RssAnon:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
