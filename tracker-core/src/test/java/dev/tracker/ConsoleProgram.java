package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.FileLayer;
import dev.tracker.metadata.MetadataReader;
import dev.tracker.metadata.Snapshot;
import dev.tracker.read.ConsoleLine;
import dev.tracker.read.RunReader;
import dev.tracker.system.Await;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.LoggerFactory;

/**
 * Programs that print while boards capture it; what goes wrong in one ends it with an exception.
 */
public final class ConsoleProgram {
  private static final PrintStream OUT = System.out;
  private static final PrintStream ERR = System.err;

  /** How long a line waits for room, where it does. */
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Path root;
  private int runs;

  private ConsoleProgram(Path root) {
    this.root = root;
  }

  public static void main(String[] args) throws Exception {
    LoggerFactory
        .getILoggerFactory(); // says now, and not while a board captures it, that there is no
    // provider
    ConsoleProgram program = new ConsoleProgram(Path.of(args[1]));
    switch (args[0]) {
      case "everyCall" -> program.everyCall();
      case "order" -> program.order(Long.parseLong(args[2]));
      case "replaced" -> program.replaced();
      case "holders" -> program.holders();
      case "threads" -> program.threads();
      case "bars" -> program.bars();
      case "bytes" -> program.bytes();
      case "full" -> program.full(program.builder().queueCapacity(64));
      case "fullOfBytes" -> program.full(program.builder().queueBytes(5_000));
      case "ownReports" -> program.ownReports();
      case "endless" -> program.endless();
      case "live" -> program.live(Resume.valueOf(args[2]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private Board.Builder builder() {
    return Board.builder("console").root(root).id("run" + runs++).captureOutput(true);
  }

  private static List<ConsoleLine> lines(Board board) {
    try (RunReader reader = RunReader.open(board.directory())) {
      return reader.console();
    }
  }

  private static List<String> texts(Board board) {
    return lines(board).stream().map(ConsoleLine::text).toList();
  }

  private static List<String> texts(Board board, ConsoleStream stream) {
    return lines(board).stream()
        .filter(line -> line.stream() == stream)
        .map(ConsoleLine::text)
        .toList();
  }

  private static void assertRestored() {
    assertSame(OUT, System.out);
    assertSame(ERR, System.err);
  }

  /** All ways to print, each seen by the run as by the terminal. */
  private void everyCall() throws IOException {
    System.out.println("before");
    long start = System.currentTimeMillis() * 1000;
    Board board = builder().open();
    assertNotSame(OUT, System.out);
    for (PrintStream to : List.of(System.out, System.err)) {
      to.print(true);
      to.print('c');
      to.print(1);
      to.print(2L);
      to.print(0.5f);
      to.print(0.25);
      to.print(new char[] {'x', 'y'});
      to.print("s");
      to.print((String) null);
      to.print((Object) List.of(1));
      to.println();
      to.println(true);
      to.println('c');
      to.println(1);
      to.println(2L);
      to.println(0.5f);
      to.println(0.25);
      to.println(new char[] {'x', 'y'});
      to.println("s");
      to.println((String) null);
      to.println((Object) List.of(1));
      to.printf("%d%%%n", 7).printf(java.util.Locale.ROOT, "%.1f%n", 0.5);
      to.format("%s ", "f").format(java.util.Locale.ROOT, "%s%n", "g");
      to.append("abc").append("xabcx", 1, 4).append('d').append(null).println();
      to.write('w');
      to.write("rite".getBytes(StandardCharsets.US_ASCII), 1, 3);
      to.write("bytes".getBytes(StandardCharsets.US_ASCII));
      to.writeBytes("more\n".getBytes(StandardCharsets.US_ASCII));
      to.println("\u001b[32mgreen\u001b[0m");
      to.flush();
      assertEquals(false, to.checkError());
    }
    new IllegalStateException("trace").printStackTrace();
    board.log("loss", 1.0);
    board.log("loss", 2.0);
    board.finish();
    System.out.println("after");
    assertRestored();
    List<String> expected =
        List.of(
            "truec120.50.25xysnull[1]",
            "true",
            "c",
            "1",
            "2",
            "0.5",
            "0.25",
            "xy",
            "s",
            "null",
            "[1]",
            "7%",
            "0.5",
            "f g",
            "abcabcdnull",
            "witebytesmore",
            "\u001b[32mgreen\u001b[0m");
    assertEquals(expected, texts(board, ConsoleStream.OUT));
    List<String> err = texts(board, ConsoleStream.ERR);
    assertEquals(expected, err.subList(0, expected.size()));
    assertEquals("java.lang.IllegalStateException: trace", err.get(expected.size()));
    assertTrue(
        err.get(expected.size() + 1).startsWith("\tat dev.tracker.ConsoleProgram.everyCall("));
    long now = System.currentTimeMillis() * 1000;
    long last = 0;
    for (ConsoleLine line : lines(board)) {
      assertTrue(line.timestamp() >= last && line.timestamp() <= now + 1_000_000, line.toString());
      assertTrue(line.timestamp() > start - 1_000_000, line.toString());
      last = line.timestamp();
    }
    try (RunReader reader = RunReader.open(board.directory())) {
      assertEquals(1, reader.scalars("loss").steps()[1], "lines take no step");
      assertEquals(2, board.health().journaled());
    }
  }

  /** Boards that open and end in any order: each holds what was printed while it was open. */
  private void order(long seed) {
    Random random = new Random(seed);
    Map<Board, List<String>> open = new HashMap<>();
    Map<Board, List<String>> ended = new HashMap<>();
    for (int i = 0; i < 25; i++) {
      if (open.size() < 4 && random.nextBoolean()) {
        open.put(builder().open(), new ArrayList<>());
      } else if (!open.isEmpty() && random.nextBoolean()) {
        Board ends = new ArrayList<>(open.keySet()).get(random.nextInt(open.size()));
        ends.close();
        ended.put(ends, open.remove(ends));
      }
      assertEquals(open.isEmpty(), OUT.equals(System.out), "after " + i);
      assertEquals(open.isEmpty(), ERR.equals(System.err), "after " + i);
      String line = "line " + i;
      (random.nextBoolean() ? System.out : System.err).println(line);
      open.values().forEach(lines -> lines.add(line));
    }
    open.keySet().forEach(Board::finish);
    ended.putAll(open);
    assertRestored();
    ended.forEach((board, lines) -> assertEquals(lines, texts(board), board + " seed " + seed));
  }

  /** A stream that somebody else puts in place of ours stays, and is not captured twice. */
  private void replaced() {
    Board board = builder().open();
    PrintStream ours = System.out;
    PrintStream theirs = new PrintStream(ours, true);
    System.setOut(theirs);
    System.out.println("through theirs and ours");
    board.finish();
    assertSame(theirs, System.out);
    assertSame(ERR, System.err);
    System.out.println("quiet");
    assertEquals(List.of("through theirs and ours"), texts(board));

    Board second = builder().open();
    System.out.println("once");
    ours.println("below theirs");
    second.finish();
    assertSame(theirs, System.out);
    assertEquals(List.of("once"), texts(second));

    System.setOut(ours); // as somebody does who had put it aside
    Board third = builder().open();
    System.out.println("again ours");
    System.setErr(System.out);
    System.err.println("as out");
    third.finish();
    assertSame(OUT, System.out);
    assertEquals(List.of("again ours", "as out"), texts(third));

    Board fourth = builder().open(); // System.err is still a tee, of the other stream
    System.out.println("out");
    System.err.println("err");
    fourth.finish();
    assertEquals(List.of("out"), texts(fourth, ConsoleStream.OUT));
    assertEquals(List.of("err"), texts(fourth, ConsoleStream.ERR));
    System.setErr(ERR);
  }

  /** Loggers that took a stream before, during or between runs go on. */
  private void holders() {
    PrintStream before = System.out;
    Board first = builder().open();
    PrintStream during = System.out;
    before.println("before in first");
    during.println("during in first");
    first.finish();
    before.println("before after first");
    during.println("during after first");
    Board second = builder().open();
    assertSame(during, System.out);
    during.println("during in second");
    second.finish();
    assertRestored();
    during.println("during after second");
    assertEquals(List.of("during in first"), texts(first));
    assertEquals(List.of("during in second"), texts(second));

    Board off = builder().enabled(false).open();
    assertRestored();
    off.finish();
    Board without = builder().captureOutput(false).open();
    assertRestored();
    System.out.println("not captured");
    without.finish();
    assertEquals(List.of(), texts(without));
  }

  /** Lines of many threads: none is lost, none is mixed up, each thread's are in order. */
  private void threads() throws InterruptedException {
    int threads = 8;
    int lines = 1_500;
    List<Board> boards = List.of(builder().open(), builder().open());
    List<Thread> printers =
        IntStream.range(0, threads)
            .mapToObj(t ->
                new Thread(() -> {
                  for (int i = 0; i < lines; i++) {
                    PrintStream to = i % 3 == 0 ? System.err : System.out;
                    switch (i % 4) {
                      case 0 -> to.println("thread " + t + " " + i);
                      case 1 -> to.printf("thread %d %d%n", t, i);
                      case 2 -> to.print("thread " + t + " " + i + "\n");
                      default ->
                          to.writeBytes(
                              ("thread " + t + " " + i + "\n").getBytes(StandardCharsets.UTF_8));
                    }
                    boards.get(0).log("i", i);
                    if (i % 10 == 0) {
                      synchronized (System.out) {
                        System.out.println("pair " + t + " " + i);
                        System.out.println("of pair " + t + " " + i);
                      }
                    }
                  }
                }))
            .toList();
    printers.forEach(Thread::start);
    for (Thread printer : printers) {
      printer.join();
    }
    boards.forEach(Board::finish);
    for (Board board : boards) {
      assertEquals(0, board.health().dropped());
      List<String> all = texts(board);
      assertEquals(threads * lines + 2 * threads * lines / 10, all.size());
      List<String> out = texts(board, ConsoleStream.OUT);
      for (int i = 0; i < out.size(); i++) {
        if (out.get(i).startsWith("pair ")) {
          assertEquals("of " + out.get(i), out.get(i + 1));
        }
      }
      for (int t = 0; t < threads; t++) {
        String name = "thread " + t + " ";
        for (ConsoleStream stream : ConsoleStream.values()) {
          List<String> expected =
              IntStream.range(0, lines)
                  .filter(i -> (i % 3 == 0) == (stream == ConsoleStream.ERR))
                  .mapToObj(i -> name + i)
                  .toList();
          assertEquals(
              expected,
              texts(board, stream).stream().filter(line -> line.startsWith(name)).toList());
        }
      }
    }
  }

  /** Bars are kept as they stand at their end, also where no line end comes any more. */
  private void bars() {
    Board first = builder().open();
    for (int i = 0; i <= 100; i++) {
      System.out.print("\r" + i + " %  ");
    }
    System.out.println();
    Board second = builder().open();
    for (int i = 0; i <= 7; i++) {
      System.out.print("\rsecond " + i);
    }
    first.finish();
    System.out.print("\rsecond 8");
    System.err.print("no end");
    second.finish();
    System.out.println("\rafter");
    assertEquals(List.of("100 %", "second 7"), texts(first));
    assertEquals(List.of("second 8"), texts(second, ConsoleStream.OUT));
    assertEquals(List.of("no end"), texts(second, ConsoleStream.ERR));

    Board third = builder().open();
    System.out.println("third");
    third.finish();
    assertEquals(List.of("third"), texts(third), "nothing is left of earlier lines");
  }

  /** Bytes come in pieces of characters; lines may be huge. */
  private void bytes() throws IOException {
    Board board = builder().open();
    byte[] text = "größe \uD83D\uDE80 пример\n".getBytes(StandardCharsets.UTF_8);
    for (byte b : text) {
      System.out.write(b);
    }
    System.out.write(text);
    PrintStream utf8 = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    utf8.println("größe");
    System.out.write(0xC3); // half a character
    System.out.println("text");
    System.out.write(new byte[] {(byte) 0xFF, 'x', '\n'});
    String huge = "0123456789abcdef".repeat(1 << 16);
    System.out.print(huge);
    System.out.println("end");
    System.out.println("chars größe");
    board.finish();
    List<String> texts = texts(board);
    String whole = "größe \uD83D\uDE80 пример";
    assertEquals(List.of(whole, whole, "größe", "\uFFFDtext", "\uFFFDx"), texts.subList(0, 5));
    assertEquals(
        16, texts.subList(5, 21).stream().filter(line -> line.length() == 1 << 16).count());
    assertEquals(huge, String.join("", texts.subList(5, 21)));
    assertEquals(List.of("end", "chars größe"), texts.subList(21, texts.size()));
  }

  /** Storage that stands still does not hold up who prints; what found no room is counted. */
  private void full(Board.Builder builder) throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    FileLayer files = sluggish(stuck);
    Board board = builder.files(files).open();
    int lines = 20_000;
    int waits = 0;
    for (int i = 0; i < lines; i++) {
      long start = System.nanoTime();
      System.out.println("line " + i);
      waits += System.nanoTime() - start < PATIENCE_NANOS ? 0 : 1;
    }
    assertTrue(waits < 500, "waited for " + waits + " lines"); // the machine may stand still, too
    stuck.countDown();
    Await.until("room", () -> board.health().queued() == 0);
    System.out.println("room again");
    board.flush(); // nothing that was logged is lost
    board.finish();
    long dropped = board.health().dropped();
    List<String> texts = texts(board).stream().filter(line -> line.startsWith("line ")).toList();
    assertTrue(dropped > 0);
    long counted =
        texts.size() + dropped; // reports of the full queue may be among what was dropped
    assertTrue(counted >= lines && counted <= lines + 2, "counted " + counted + " of " + lines);
    assertEquals("line 0", texts.get(0));
    assertTrue(texts(board).contains("room again"));
  }

  /**
   * A file system on which writing does not return before a latch is open, after the first file was
   * made.
   */
  private static FileLayer sluggish(CountDownLatch stuck) {
    return proxy(
        FileLayer.class,
        FileLayer.real(),
        (made, method) ->
            method.equals("create")
                ? proxy(
                    FileLayer.WritableFile.class,
                    (FileLayer.WritableFile) made,
                    (result, inner) -> {
                      if (inner.equals("write")
                          && Thread.currentThread().getName().startsWith("tracker-writer")) {
                        try {
                          stuck.await();
                        } catch (InterruptedException e) {
                          throw new AssertionError(e);
                        }
                      }
                      return result;
                    })
                : made);
  }

  private interface After {
    Object done(Object result, String method);
  }

  private static <T> T proxy(Class<T> type, T to, After after) {
    InvocationHandler handler =
        (proxy, method, args) -> {
          try {
            return after.done(method.invoke(to, args), method.getName());
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** What the library itself says is printed once and captured once. */
  private void ownReports() {
    Board board = builder().open();
    board.log("x", (Object) null);
    board.log("x", (Object) null);
    board.flush();
    Await.until("a report", () -> !texts(board).isEmpty());
    board.finish();
    assertEquals(1, lines(board).size());
    assertEquals(ConsoleStream.ERR, lines(board).get(0).stream());
    assertTrue(texts(board).get(0).startsWith("tracker: a null was logged"), texts(board).get(0));
  }

  /**
   * Ends without finishing its board: the shutdown hook does it, and the line that was begun is
   * there.
   */
  private void endless() {
    Board board = builder().open();
    System.out.println("whole");
    System.out.print("begun");
    System.err.println("run " + board.directory());
  }

  /** Returns how much of the console is sealed for good: the file itself is there before that. */
  private static long committedBytes(Board board) {
    try {
      Path metadata = new RunLayout(board.directory()).metadata();
      return MetadataReader.read(metadata).map(Snapshot::outputBytes).orElse(0L);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prints what it is told, until it is killed. */
  private void live(Resume resume) throws IOException {
    Board board =
        Board.builder("live").root(root).id("live").resume(resume).captureOutput(true).open();
    try (java.util.Scanner in = new java.util.Scanner(System.in, StandardCharsets.UTF_8)) {
      while (in.hasNextLine()) {
        String line = in.nextLine();
        if (line.equals("flush")) {
          board.flush();
        } else if (line.equals("finish")) {
          board.finish();
        } else if (line.equals("sealed")) {
          Await.until("sealed lines", () -> committedBytes(board) > 0);
        } else {
          System.out.println(line);
          continue;
        }
        OUT.println("done " + line);
      }
    }
  }
}
