package dev.tracker.torture;

import dev.tracker.Board;
import dev.tracker.Durability;
import dev.tracker.Metric;
import dev.tracker.Resume;
import dev.tracker.SeriesKind;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A training program that logs values of every kind from several threads and says what it may count
 * on, until something happens to it. It does not know what that will be.
 *
 * <p>Arguments: root, id, file of {@link Marks}, {@link Plan}. It prints one line, in one write,
 * for everything that a {@link Ledger} takes:
 *
 * <pre>
 * capturing LIFE               what is printed in the life is captured
 * opening LIFE [STEP]          goes back to STEP while opening
 * opened LIFE
 * flushing LIFE
 * flushed LIFE CALLS...        so many calls of each thread were logged before the flush began
 * journaled LIFE CALLS
 * rewinding LIFE STEP
 * rewound LIFE CALLS...        so many calls of each thread had returned by then
 * finishing LIFE CALLS...      so many calls of each thread had returned by then
 * finished LIFE CALLS...
 * failed LIFE TEXT             a promise was broken that only the program itself can see
 * </pre>
 */
final class Victim {
  private static final long LOOK_NANOS = 200_000;

  private final OutputStream out = new FileOutputStream(FileDescriptor.out);
  private final Path root;
  private final String id;
  private final Plan plan;
  private final Marks marks;
  private final Random random;

  private Victim(Path root, String id, Marks marks, Plan plan) {
    this.root = root;
    this.id = id;
    this.marks = marks;
    this.plan = plan;
    this.random = new Random(plan.script().seed() + plan.life());
  }

  public static void main(String... arguments) throws Exception {
    // What is captured goes on to nobody: the standard output is for the ledger.
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    dieWithParent();
    Plan plan = Plan.parse(Arrays.copyOfRange(arguments, 3, arguments.length));
    Marks marks = Marks.open(Path.of(arguments[2]));
    new Victim(Path.of(arguments[0]), arguments[1], marks, plan).live();
  }

  /** Ends when whoever started it has gone: nobody would end it otherwise. */
  private static void dieWithParent() {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {}
              } catch (IOException e) {
                // Gone as well.
              }
              Runtime.getRuntime().halt(1);
            },
            "parent");
    thread.setDaemon(true);
    thread.start();
  }

  private void live() throws InterruptedException {
    long reached = 0;
    for (int i = 0; i < plan.openings(); i++) {
      boolean last = i == plan.openings() - 1;
      Life life = new Life(plan.life() + i);
      life.open(plan.rewindsAtOpen() ? reached / 2 : -1);
      life.log(last && !plan.finishes());
      life.finish();
      reached += life.calls();
    }
  }

  private void say(String line) {
    // One write, so that a line is whole or not there at all when the process is killed.
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      try {
        out.write(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Returns a time around the given one, in nanoseconds. */
  private long about(int millis) {
    return 500_000L * millis + random.nextInt(1 + millis) * 1_000_000L;
  }

  /** One opening of the run. */
  private final class Life {
    private final int number;
    private final AtomicLongArray returned = new AtomicLongArray(plan.script().threads());
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable Board board;
    private volatile boolean isEnding;

    Life(int number) {
      this.number = number;
    }

    void open(long rewindTo) {
      if (plan.console()) {
        say("capturing " + number);
      }
      say("opening " + number + (rewindTo >= 0 ? " " + rewindTo : ""));
      Board.Builder builder =
          Board.builder("victim")
              .root(root)
              .id(id)
              .resume(Resume.ALLOW)
              .environment(false)
              .systemMetrics(Duration.ZERO)
              .closeTimeout(Duration.ofMinutes(10)) // however busy the machine is, pack all
              .tags(Call.tagOfLife(number))
              .captureOutput(plan.console())
              .durability(plan.strict() ? Durability.STRICT : Durability.DEFAULT);
      if (rewindTo >= 0) {
        builder.rewindTo(rewindTo);
      }
      board = builder.open();
      say("opened " + number);
    }

    private Board board() {
      if (board == null) {
        throw new IllegalStateException("not open");
      }
      return board;
    }

    /** Logs for about as long as the plan says, or until nobody lets it any more. */
    void log(boolean forEver) throws InterruptedException {
      for (int thread = 0; thread < plan.script().threads(); thread++) {
        int whose = thread;
        start("trainer-" + thread, () -> train(whose));
      }
      start("reporter", this::report);
      if (plan.flushMillis() > 0) {
        start("flusher", this::flush);
      }
      long end = System.nanoTime() + about(plan.millis());
      while (forEver || System.nanoTime() < end) {
        if (plan.rewindMillis() > 0) {
          LockSupport.parkNanos(about(plan.rewindMillis()));
          rewind();
        } else {
          LockSupport.parkNanos(1_000_000);
        }
      }
    }

    private void start(String name, Runnable body) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  body.run();
                } catch (Throwable e) {
                  e.printStackTrace();
                  say("failed " + number + " " + name + ": " + e);
                }
              },
              name);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }

    void finish() throws InterruptedException {
      say("finishing " + number + counts());
      board().finish();
      isEnding = true;
      for (Thread thread : threads) {
        thread.join();
      }
      say("finished " + number + counts());
    }

    long calls() {
      long calls = 0;
      for (int thread = 0; thread < returned.length(); thread++) {
        calls += returned.get(thread);
      }
      return calls;
    }

    private String counts() {
      StringBuilder counts = new StringBuilder();
      for (int thread = 0; thread < returned.length(); thread++) {
        counts.append(' ').append(returned.get(thread));
      }
      return counts.toString();
    }

    private void train(int thread) {
      Hands hands = new Hands(board(), thread, plan.console());
      marks.begin(number, thread);
      for (long i = 0; !isEnding; i++) {
        Call call = plan.script().call(number, thread, i);
        try {
          hands.log(call);
        } catch (IllegalStateException e) {
          return; // finished meanwhile
        }
        marks.returned(thread, i + 1);
        returned.set(thread, i + 1);
        if (plan.pauseMicros() > 0) {
          LockSupport.parkNanos(plan.pauseMicros() * 1_000L);
        }
      }
    }

    private void report() {
      long last = 0;
      while (!isEnding) {
        long journaled = board().health().journaled();
        if (journaled > last) {
          last = journaled;
          say("journaled " + number + " " + journaled);
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }

    private void flush() {
      Random times = new Random(plan.script().seed() + number);
      while (!isEnding) {
        LockSupport.parkNanos(times.nextInt(1 + 2 * plan.flushMillis()) * 1_000_000L);
        String before = counts();
        say("flushing " + number);
        board().flush();
        say("flushed " + number + before);
      }
    }

    private void rewind() {
      long step = (long) (calls() * random.nextDouble());
      say("rewinding " + number + " " + step);
      board().rewindTo(step);
      say("rewound " + number + counts());
    }
  }

  /** The handles of one thread, and all the ways there are to log. */
  static final class Hands {
    private final Board board;
    private final Metric metric;
    private final boolean prints;

    Hands(Board board, int thread, boolean prints) {
      this.prints = prints;
      this.board = board;
      this.metric = board.metric(Call.series(thread));
      board.metric(Call.Part.WHOLE.series(thread), SeriesKind.INT64);
    }

    /** Logs the first calls of a life. */
    void log(int life, Call.Script script, int thread, long calls) {
      for (long i = 0; i < calls; i++) {
        log(script.call(life, thread, i));
      }
    }

    void log(Call call) {
      if (call.steps()) {
        board.step();
      }
      if (prints && call.prints()) {
        System.out.println(call.line());
      }
      if (call.changesConfig()) {
        board.config(Call.configKey(call.thread()), call.id());
      }
      if (call.changesTags()) {
        board.tag(call.tag());
        Call before = call.tagsBefore();
        if (before != null) {
          board.untag(before.tag());
        }
      }
      if (!call.isBare()) {
        board.log(call.values());
      } else if (call.number() % 2 == 0) {
        metric.log(call.id());
      } else {
        board.log(metric.name(), call.id());
      }
    }
  }
}
