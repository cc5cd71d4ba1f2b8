package dev.tracker.torture.order;

import dev.tracker.Board;
import dev.tracker.Durability;
import dev.tracker.Resume;
import dev.tracker.media.Attachment;
import dev.tracker.read.RunReader;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import dev.tracker.verify.Repairer;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The process whose system calls are looked at. Before and after each call that promises something
 * it writes a line into the file of marks, by which the trace tells when that was.
 */
final class OrderVictim {
  static final String RUN = "run";
  static final String PROJECT = "default";

  /** The run that repairing the first one makes. */
  static final String REPAIRED = "repaired";

  private final Path root;
  private final OutputStream marks;
  private long steps;
  private long rows;

  private OrderVictim(Path root, OutputStream marks) {
    this.root = root;
    this.marks = marks;
  }

  /**
   * Does what the third argument says.
   *
   * @param arguments the runs' root, the file of marks, {@code unborn}, {@code first}, {@code
   *     again}, {@code dies}, {@code strict}, {@code killed} or {@code repair}
   */
  public static void main(String[] arguments) throws IOException {
    try (OutputStream marks = new FileOutputStream(arguments[1], true)) {
      OrderVictim victim = new OrderVictim(Path.of(arguments[0]), marks);
      switch (arguments[2]) {
        case "first" -> victim.first();
        case "again", "dies", "unborn" -> victim.again(7);
        case "strict" -> victim.strict();
        case "killed" -> victim.logForEver();
        case "repair" -> victim.repair();
        default -> throw new IllegalArgumentException("unknown: phase=" + arguments[2]);
      }
    }
  }

  private void mark(String what) throws IOException {
    String line = what + " rows=" + rows + " steps=" + steps + "\n";
    marks.write(line.getBytes(StandardCharsets.UTF_8));
  }

  private Board.Builder builder() {
    return Board.builder("order")
        .root(root)
        .project(PROJECT)
        .id(RUN)
        .resume(Resume.ALLOW)
        .environment(false)
        .captureOutput(true)
        .systemMetrics(Duration.ZERO);
  }

  private Board open(Board.Builder builder) throws IOException {
    Board board = builder.open();
    rows = 0;
    mark("opened");
    return board;
  }

  /** A new run, three cycles of sealing while it goes on, a step back, the end. */
  private void first() throws IOException {
    try (Board board = open(builder())) {
      for (int cycle = 0; cycle < 3; cycle++) {
        for (int i = 0; i < 60; i++) {
          log(board);
          if (i % 7 == 0) {
            flush(board);
          }
        }
        while (board.health().unsealed() > 0) {
          LockSupport.parkNanos(1_000_000);
        }
      }
      rewind(board, steps - 30);
      log(board);
      flush(board);
      rewind(board, steps - 80);
      log(board);
      finish(board);
    }
  }

  /** The finished run is gone on with and ended, until its series have to be compacted. */
  private void again(int times) throws IOException {
    for (int i = 0; i < times; i++) {
      resume();
      try (Board board = open(builder())) {
        for (int j = 0; j < 11; j++) {
          log(board);
        }
        flush(board);
        log(board);
        finish(board);
      }
    }
  }

  private void strict() throws IOException {
    resume();
    try (Board board = open(builder().durability(Durability.STRICT))) {
      for (int i = 0; i < 40; i++) {
        log(board);
        mark("log returned");
      }
      finish(board);
    }
  }

  private void logForEver() throws IOException {
    resume();
    try (Board board = open(builder())) {
      while (true) {
        log(board);
        if (steps % 23 == 0) {
          flush(board);
        }
        LockSupport.parkNanos(500_000);
      }
    }
  }

  /** Makes another run of what was left. */
  private void repair() throws IOException {
    resume();
    Path project = root.resolve(PROJECT);
    mark("repair begins");
    Repairer.repair(project.resolve(RUN), project.resolve(REPAIRED));
    mark("repair returned");
  }

  /** Finds out at which step the run goes on. */
  private void resume() {
    Path run = root.resolve(PROJECT).resolve(RUN);
    if (Files.exists(run.resolve("journal"))) {
      try (RunReader reader = RunReader.open(run)) {
        boolean any = reader.metrics().contains(Story.NUMBER);
        steps = any ? reader.scalars(Story.NUMBER).size() : 0;
      }
    }
  }

  private void log(Board board) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(Story.NUMBER, Story.number(steps));
    if (Story.has(Story.TEXT, steps)) {
      values.put(Story.TEXT, Story.text(steps));
    }
    if (Story.has(Story.HISTOGRAM, steps)) {
      values.put(Story.HISTOGRAM, Histogram.of(Story.sample(steps)));
    }
    for (String media : List.of(Story.SMALL, Story.LARGE)) {
      if (Story.has(media, steps)) {
        values.put(media, Attachment.of(Story.media(media, steps), "bytes.bin"));
      }
    }
    if (Story.has(Story.TABLE, steps)) {
      values.put(Story.TABLE, Table.of(List.of(Map.of("step", steps, "text", Story.text(steps)))));
    }
    if (steps % 5 == 0) {
      System.out.println(Story.text(steps));
    }
    board.log(values);
    steps++;
    rows++;
  }

  private void flush(Board board) throws IOException {
    mark("flush begins");
    board.flush();
    mark("flush returned");
  }

  private void rewind(Board board, long to) throws IOException {
    long before = steps;
    steps = to + 1;
    mark("rewind begins");
    steps = before;
    board.rewindTo(to);
    steps = to + 1;
    mark("rewind returned");
  }

  private void finish(Board board) throws IOException {
    mark("finish begins");
    board.finish();
    mark("finish returned");
  }
}
