package dev.tracker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tracker.journal.FileLayer;
import dev.tracker.media.Attachment;
import dev.tracker.system.Await;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Programs that log and then end in all the ways there are: {@code <how> <root> <id>}. They say
 * {@code logged <calls>}, or {@code journaled <calls>} where more is not promised, and then {@code
 * now}.
 */
@SuppressWarnings({
  "InfiniteRecursion", // it fills stacks,
  "ModifiedButNotUsed", // and heaps,
  "ThreadPriorityCheck" // and lets others go on meanwhile
})
public final class EndingsProgram {
  static final int CALLS = 20_000;

  /** How long {@code "finish, stand still"} waits for what is not written. */
  static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private final Path root;
  private final Board.Builder builder;

  private EndingsProgram(Path root, String id) {
    this.root = root;
    builder = Board.builder("ending").root(root).id(id);
  }

  public static void main(String[] arguments) throws Exception {
    new EndingsProgram(Path.of(arguments[1]), arguments[2]).end(arguments[0]);
  }

  private void end(String how) throws Exception {
    switch (how) {
      case "finish" -> log(builder.open()).finish();
      case "close" -> log(builder.open()).close();
      case "finish(t)" -> log(builder.open()).finish(new IOException("diverged"));
      case "run" ->
          Board.run(
              builder,
              board -> {
                log(board);
                throw new IOException("diverged");
              });
      case "throw" -> {
        try (Board board = builder.open()) {
          log(board);
          throw new IllegalStateException("diverged");
        }
      }
      case "throw elsewhere" -> throwElsewhere();
      case "return" -> log(builder.open());
      case "exit" -> {
        log(builder.open());
        System.exit(3);
      }
      case "wait" -> {
        log(builder.open());
        NEVER.await();
      }
      case "handler before" -> {
        passOn("TERM");
        log(builder.open());
        NEVER.await();
      }
      case "handler after" -> {
        Board board = builder.open();
        passOn("TERM");
        log(board);
        NEVER.await();
      }
      case "handler exits" -> {
        handle("TERM", signal -> System.exit(5));
        log(builder.open());
        NEVER.await();
      }
      case "handler swallows" -> swallow();
      case "hooks" -> {
        Board board = builder.open();
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(() -> {
                  board.close();
                  say("my hook ran");
                }));
        log(board);
        NEVER.await();
      }
      case "second" -> {
        passOn("INT");
        log(builder.files(stuckSealing()).closeTimeout(Duration.ofMinutes(10)).open());
        NEVER.await();
      }
      case "halt" -> {
        journal(builder.open());
        Runtime.getRuntime().halt(7);
      }
      case "journal, wait" -> {
        journal(builder.open());
        NEVER.await();
      }
      case "crash" -> {
        journal(builder.open());
        crash();
      }
      case "memory" -> exhaustMemory();
      case "stack" -> exhaustStack(60);
      case "stack, briefly" -> exhaustStack(10);
      case "stuck" -> logToStuckDisk();
      case "stuck, finish" -> logToStuckDisk().finish();
      case "finish, stand still" -> standStill();
      case "stuck sealing" ->
          log(builder.files(stuckSealing()).closeTimeout(Duration.ofSeconds(1)).open());
      default -> throw new IllegalArgumentException(how);
    }
  }

  /** Finishes, and packs what was logged last when it is told to. */
  private void standStill() {
    CountDownLatch packing = new CountDownLatch(1);
    MediaTest.holdPackersUp(packing);
    Board board = builder.closeTimeout(PATIENCE).open();
    board.log(Map.of("loss", 1, "file", Attachment.of(new byte[] {1, 2, 3}, "f.bin")));
    Thread ending = Thread.currentThread();
    Thread other =
        new Thread(() -> {
          Await.until("the end waits for the writer", () -> isIn(ending, Writer.class));
          say("waits");
          new Scanner(System.in, UTF_8).nextLine();
          packing.countDown();
        });
    other.setDaemon(true);
    other.start();
    board.finish();
    say("finished");
  }

  private static boolean isIn(Thread thread, Class<?> type) {
    return Stream.of(thread.getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals(type.getName()));
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Logs, and ends while the ring is still full of it. */
  private static Board log(Board board) {
    logCalls(board);
    say("logged " + CALLS);
    say("now");
    return board;
  }

  private static void logCalls(Board board) {
    for (int i = 0; i < CALLS; i++) {
      board.log("a", i);
    }
  }

  private static void journal(Board board) {
    logCalls(board);
    Await.until("all is journaled", () -> board.health().journaled() == CALLS);
    say("journaled " + CALLS);
    say("now");
  }

  // ---- exceptions

  private void throwElsewhere() throws InterruptedException {
    Thread.setDefaultUncaughtExceptionHandler((thread, e) -> say("mine heard " + e.getMessage()));
    try (Board board = builder.open()) {
      for (int i = 0; i < 20; i++) {
        String message = "astray " + i;
        Thread thread =
            new Thread(() -> {
              throw new IllegalStateException(message);
            });
        thread.setName("loader-" + i);
        thread.start();
        thread.join();
      }
      log(board);
    }
    say("after " + (Thread.getDefaultUncaughtExceptionHandler() instanceof OtherThreads));
  }

  // ---- signals

  /** Installs a handler that says what it heard and calls the one that was there before. */
  private static void passOn(String signal) throws ReflectiveOperationException {
    Object[] before = new Object[1];
    before[0] =
        handle(
            signal,
            heard -> {
              say("mine heard SIG" + signal);
              call(before[0], heard);
            });
  }

  private void swallow() throws Exception {
    CountDownLatch heard = new CountDownLatch(1);
    handle(
        "TERM",
        signal -> {
          say("mine heard SIGTERM");
          heard.countDown();
        });
    Board board = builder.open();
    log(board);
    heard.await();
    board.finish();
  }

  private static Object handle(String name, Consumer<Object> handler)
      throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> type = Class.forName("sun.misc.SignalHandler");
    Object proxy =
        Proxy.newProxyInstance(
            EndingsProgram.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              handler.accept(arguments[0]);
              return null;
            });
    Object of = signal.getConstructor(String.class).newInstance(name);
    return signal.getMethod("handle", signal, type).invoke(null, of, proxy);
  }

  private static void call(Object handler, Object signal) {
    try {
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      type.getMethod("handle", Class.forName("sun.misc.Signal")).invoke(handler, signal);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.toString(), e);
    }
  }

  // ---- disks

  /** Returns the file system, which never answers the sealer once the JVM ends its board. */
  private static FileLayer stuckSealing() {
    AtomicBoolean isSaid = new AtomicBoolean();
    FileLayer real = FileLayer.real();
    return (FileLayer)
        Proxy.newProxyInstance(
            EndingsProgram.class.getClassLoader(),
            new Class<?>[] {FileLayer.class},
            (self, method, arguments) -> {
              if (Thread.currentThread().getName().equals("tracker-sealer")
                  && isAlive("tracker-shutdown-0")) {
                if (!isSaid.getAndSet(true)) {
                  say("stuck");
                }
                NEVER.await();
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private Board logToStuckDisk() {
    FaultyFiles files = new FaultyFiles();
    Board board = builder.files(files).closeTimeout(Duration.ofSeconds(3)).open();
    logCalls(board);
    board.flush();
    files.hang();
    say("journaled " + CALLS);
    logCalls(board); // it is in the ring and does not get any further
    say("now");
    return board;
  }

  // ---- errors of the JVM

  /** Fills the heap again and again while other threads log, and dies of it. */
  private void exhaustMemory() throws InterruptedException {
    try (Board first = Board.builder("first").root(root).open()) {
      first.log("a", 1); // the library is loaded by the time that memory runs out
    }
    Board.builder("sampled").root(root).systemMetrics(Duration.ofMillis(100)).open();
    Board board = builder.open();
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicLong accepted = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      boolean isText = t == 0;
      String name = isText ? "text" : "a";
      Thread thread =
          new Thread(() -> {
            for (int i = 0; !isOver.get(); i++) {
              try {
                if (isText) {
                  board.log(name, "number " + i);
                } else {
                  board.log(name, i);
                }
                accepted.incrementAndGet();
              } catch (OutOfMemoryError e) {
                refused.incrementAndGet();
              }
              if (i % 64 == 0) {
                Thread.yield();
              }
            }
          });
      threads.add(thread);
      thread.start();
    }
    for (int round = 0; round < 30; round++) {
      try {
        fill();
      } catch (OutOfMemoryError e) {
        Thread.yield(); // as training would that tries a smaller batch
      }
    }
    isOver.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    long before = board.health().dropped();
    String[] lasting = {"tracker-writer-run", "tracker-sync", "tracker-sealer", "tracker-sampler"};
    say("alive " + Stream.of(lasting).filter(EndingsProgram::isAlive).toList());
    say("refused " + refused);
    say("logged " + (accepted.get() - before));
    say("now");
    fill();
  }

  private static boolean isAlive(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals(name));
  }

  private static void fill() {
    List<byte[]> all = new ArrayList<>();
    for (int size = 1 << 20; ; ) {
      try {
        all.add(new byte[size]);
      } catch (OutOfMemoryError e) {
        if (size == 16) {
          throw e;
        }
        size = Math.max(16, size / 8); // to the last byte
      }
    }
  }

  /** A text that has no end. */
  private static final class Endless implements CharSequence {
    @Override
    public int length() {
      return toString().length();
    }

    @Override
    public char charAt(int index) {
      return toString().charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return toString().subSequence(start, end);
    }

    @Override
    public String toString() {
      return "and " + toString();
    }
  }

  /** A bean that Jackson follows for ever. */
  public static final class Mirror {
    public Mirror getMirror() {
      return new Mirror();
    }
  }

  /** An exception that cannot say what it is. */
  private static final class Speechless extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      return getMessage() + "!";
    }
  }

  private void exhaustStack(int rounds) {
    try {
      builder.config(Map.of("mirror", new Mirror()));
    } catch (IllegalArgumentException e) {
      say("config " + e.getMessage());
    }
    Board board = builder.open();
    try {
      board.log(Map.of("text", new Endless(), "b", 1));
    } catch (StackOverflowError e) {
      say("value " + e.getClass().getSimpleName());
    }
    long calls = 0;
    for (int round = 0; round < rounds; round++) {
      calls += logEverDeeper(board, round % 30);
    }
    for (int i = 0; i < CALLS; i++) {
      board.log("c", i);
    }
    board.flush();
    say("journaled " + (calls + CALLS)); // and those that are in, though their caller saw an error
    say("now");
    board.finish(new Speechless());
  }

  /** Logs in each frame of a recursion until the stack is full. */
  private static long logEverDeeper(Board board, int offset) {
    long[] calls = new long[1];
    try {
      if (offset > 0) {
        shift(offset, board, calls);
      } else {
        recurse(board, calls);
      }
    } catch (StackOverflowError e) {
      return calls[0];
    }
    return calls[0];
  }

  /** Has the stack end elsewhere in the next recursion. */
  private static long shift(int depth, Board board, long[] calls) {
    long more = depth * 3L;
    if (depth > 0) {
      more += shift(depth - 1, board, calls);
    } else {
      recurse(board, calls);
    }
    return more;
  }

  private static void recurse(Board board, long[] calls) {
    board.log("a", (double) calls[0], "also", 2.0);
    calls[0]++;
    board.log("b", 1.0);
    calls[0]++;
    recurse(board, calls);
  }

  private static void crash() throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Unsafe");
    Field field = type.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    type.getMethod("putAddress", long.class, long.class).invoke(field.get(null), 0L, 0L);
  }
}
