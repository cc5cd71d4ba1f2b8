package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.Resume;
import dev.tracker.TrackerException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * A training program that does what its parent tells it, one line each, and ends when nobody tells
 * it anything any more.
 *
 * <pre>
 * open ROOT ID RESUME                       opened FOLDER | refused MESSAGE
 * log LIFE THREADS METRICS FROM TO CALLS    logged, when all threads have
 * start LIFE THREADS METRICS PACE           started, at once; then "journaled N" as it grows, until killed. PACE is how
 *                                           many numbers a thread logs between two pauses; 0 means that it never pauses
 * config PATH VALUE | tag TAG | notes TEXT  done
 * await-sealed N                            sealed N, when so many log calls have been sealed
 * flush                                     flushed
 * finish                                    finished | failed MESSAGE
 * </pre>
 */
public final class WriterProgram {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private Board board;

  private WriterProgram() {}

  public static void main(String[] args) throws Exception {
    WriterProgram program = new WriterProgram();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      program.obey(line.split(" ", -1));
    }
  }

  private void obey(String[] words) throws Exception {
    switch (words[0]) {
      case "open" -> open(Path.of(words[1]), words[2], Resume.valueOf(words[3]));
      case "log" -> log(words);
      case "start" -> start(words);
      case "await-sealed" -> {
        long wanted = Long.parseLong(words[1]);
        Await.until("sealed " + wanted, () -> board.health().sealed() >= wanted);
        say("sealed " + board.health().sealed());
      }
      case "config" -> {
        board.config(words[1], words[2]);
        say("done");
      }
      case "tag" -> {
        board.tag(words[1]);
        say("done");
      }
      case "notes" -> {
        board.notes(words[1]);
        say("done");
      }
      case "flush" -> {
        board.flush();
        say("flushed");
      }
      case "finish" -> finish();
      default -> throw new IllegalArgumentException(String.join(" ", words));
    }
  }

  private void open(Path root, String id, Resume resume) {
    try {
      board =
          Board.builder("child")
              .root(root)
              .id(id)
              .resume(resume)
              .closeTimeout(Duration.ofMinutes(5)) // what is finished is to be sealed
              .open();
      say("opened " + board.directory());
    } catch (TrackerException e) {
      say("refused " + e.getMessage());
    }
  }

  private void finish() {
    try {
      board.finish();
      say("finished");
    } catch (TrackerException e) {
      say("failed " + e.getMessage());
    }
  }

  private static Workload workload(String[] words) {
    return new Workload(Integer.parseInt(words[2]), Integer.parseInt(words[3]));
  }

  private static List<Thread> train(Workload workload, IntConsumer body) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < workload.threads(); i++) {
      int number = i;
      threads.add(new Thread(() -> body.accept(number), "trainer-" + i));
    }
    threads.forEach(Thread::start);
    return threads;
  }

  private void log(String[] words) throws InterruptedException {
    Workload workload = workload(words);
    int life = Integer.parseInt(words[1]);
    long from = Long.parseLong(words[4]);
    long to = Long.parseLong(words[5]);
    int calls = Integer.parseInt(words[6]);
    for (Thread thread :
        train(workload, i -> workload.new Hands(board, life, i).log(from, to, calls))) {
      thread.join();
    }
    say("logged");
  }

  private void start(String[] words) {
    Workload workload = workload(words);
    int life = Integer.parseInt(words[1]);
    int pace = Integer.parseInt(words[4]);
    train(workload, i -> logForEver(workload.new Hands(board, life, i), pace));
    say("started");
    Thread reporter = new Thread(this::report, "reporter");
    reporter.setDaemon(true);
    reporter.start();
  }

  private static void logForEver(Workload.Hands hands, int pace) {
    int step = pace == 0 ? 1000 : pace;
    for (long from = 0; ; from += step) {
      hands.log(from, from + step, Workload.SINGLE);
      if (pace > 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void report() {
    long last = -1;
    while (true) {
      long journaled = board.health().journaled();
      if (journaled > last) {
        last = journaled;
        say("journaled " + journaled);
      }
    }
  }

  private static void say(String line) {
    // One write, so that a line is whole or not there at all when the process is killed.
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (System.out) {
      System.out.write(bytes, 0, bytes.length);
      System.out.flush();
    }
  }
}
