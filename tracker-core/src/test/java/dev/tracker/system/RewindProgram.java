package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.Resume;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A training program that goes back now and then, as its parent tells it, one line each.
 *
 * <p>Every log call has a value for each of {@link #METRICS} metrics: its step, and how often the
 * run had gone back, {@link #LIFE} apart.
 *
 * <pre>
 * open ROOT ID              opened FOLDER
 * resume ROOT ID LIFE STEP  opened FOLDER; goes back to STEP while opening
 * log COUNT                 logged
 * flush                     flushed
 * rewind STEP               rewound
 * finish                    finished
 * </pre>
 */
public final class RewindProgram {
  /** How many metrics there are. */
  public static final int METRICS = 12;

  /** What a value grows by each time the run goes back. */
  public static final double LIFE = 1e9;

  private Board board;
  private long step;
  private long life;

  private RewindProgram() {}

  /** Obeys until nobody says anything any more. */
  public static void main(String[] args) throws Exception {
    RewindProgram program = new RewindProgram();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      program.obey(line.split(" "));
    }
  }

  /** Returns the name of a metric. */
  public static String metric(int i) {
    return "metric/" + i;
  }

  private void obey(String[] words) {
    switch (words[0]) {
      case "open" -> {
        board = builder(words).open();
        say("opened " + board.directory());
      }
      case "resume" -> {
        life = Long.parseLong(words[3]);
        step = Long.parseLong(words[4]) + 1;
        board = builder(words).resume(Resume.MUST).rewindTo(step - 1).open();
        say("opened " + board.directory());
      }
      case "log" -> {
        log(Long.parseLong(words[1]));
        say("logged");
      }
      case "flush" -> {
        board.flush();
        say("flushed");
      }
      case "rewind" -> {
        board.rewindTo(Long.parseLong(words[1]));
        step = Long.parseLong(words[1]) + 1;
        life++;
        say("rewound");
      }
      case "finish" -> {
        board.finish();
        say("finished");
      }
      default -> throw new IllegalArgumentException(String.join(" ", words));
    }
  }

  /** Returns a board's builder; what is finished is to be sealed. */
  private static Board.Builder builder(String[] words) {
    return Board.builder("child")
        .root(Path.of(words[1]))
        .id(words[2])
        .closeTimeout(Duration.ofMinutes(5));
  }

  private void log(long count) {
    Map<String, Double> values = new HashMap<>();
    for (long i = 0; i < count; i++) {
      for (int metric = 0; metric < METRICS; metric++) {
        values.put(metric(metric), step + life * LIFE);
      }
      board.log(values);
      step++;
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
