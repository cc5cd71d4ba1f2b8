package dev.tracker.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tracker.Board;
import dev.tracker.Resume;
import dev.tracker.SeriesKind;
import dev.tracker.format.Kind;
import dev.tracker.format.StorageException;
import dev.tracker.media.Attachment;
import dev.tracker.read.MediaFile;
import dev.tracker.read.RunReader;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import dev.tracker.verify.RepairReport;
import dev.tracker.verify.Repairer;
import dev.tracker.verify.Verification;
import dev.tracker.verify.Verifier;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes small runs, and damages copies of them one bit or one cut at a time. {@code make ROOT} logs
 * finished runs, {@code leave ROOT} goes on with two of them and leaves them with a journal, and
 * {@code flushed ROOT} logs one that was flushed often and left before anything was sealed; for
 * these two the JVM must not be able to seal, however long they take. {@code sweep ROOT WORK SEED
 * CASES EVERY KINDS} verifies, reads, repairs and resumes damaged copies; a line {@code wrong …} is
 * a failure, and so is an end without the word {@code swept}.
 */
public final class DamageProgram {
  private static final List<String> TINY = List.of("tiny", "tinyleft");

  /** How many of the zeros behind what is used are damaged as well. */
  private static final int ZEROS = 8;

  /** The bytes of a database that say how to read the others. */
  private static final int SQLITE_HEADER = 100;

  /**
   * Of damages of a database after which SQLite tells what it told before, one in so many is tried:
   * verifying and reading see no more of it than SQLite does, and take a hundred times as long.
   */
  private static final int UNREAD = 64;

  private static final Duration GRANULE = Duration.ofSeconds(1);

  private static final List<String> KINDS =
      List.of("journal", "metadata", "metadata", "lance", "lance", "media", "logs");

  private DamageProgram() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("make")) {
      make(Path.of(args[1]));
    } else if (args[0].equals("leave")) {
      leave(Path.of(args[1]));
    } else if (args[0].equals("flushed")) {
      flushed(Path.of(args[1]));
    } else {
      new Sweep(Path.of(args[1]), Path.of(args[2]), Long.parseLong(args[3]))
          .go(Integer.parseInt(args[4]), Integer.parseInt(args[5]), List.of(args[6].split(",")));
    }
  }

  // ---- the runs

  private static void make(Path root) {
    for (String id : List.of("finished", "left")) {
      try (Board board = open(root, id, Resume.NEVER)) {
        log(board, 0);
      }
    }
    for (String id : TINY) {
      try (Board board = open(root, id, Resume.NEVER)) {
        logLittle(board, 0);
      }
    }
    try (Board board = open(root, "finished", Resume.MUST)) {
      log(board, 1);
    }
  }

  private static void leave(Path root) {
    Board board = open(root, "left", Resume.MUST);
    board.log("train/loss", -1.0);
    // To the last row of a global step, for which no sealed row is read: here none can be.
    board.rewindTo(1_099);
    log(board, 1);
    byte[] large = new byte[140_000];
    new Random(7).nextBytes(large);
    board.log("file", Attachment.of(large, "large.bin"));
    board.flush();
    Board tiny = open(root, TINY.get(1), Resume.MUST);
    for (int life = 1; life < 4; life++) {
      logLittle(tiny, life);
      tiny.flush();
    }
    tiny.log("train/loss", -1.0);
    tiny.rewindTo(23); // as if it had not been logged
    Runtime.getRuntime().halt(0);
  }

  /** Leaves a journal of frames each of which says that the ones before were forced. */
  private static void flushed(Path root) {
    Board board = Board.builder("flushed").root(root).id("flushed").captureOutput(false).open();
    for (int i = 0; i < 60; i++) {
      board.log("train/loss", (double) i);
      if (i % 10 == 9) {
        board.flush();
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static Board open(Path root, String id, Resume resume) {
    return Board.builder(id)
        .root(root)
        .id(id)
        .resume(resume)
        .config(Map.of("lr", 0.25, "net", Map.of("layers", 3)))
        .tags("tried")
        .captureOutput(true)
        .open();
  }

  /** Some values of each kind, so that every byte of what they become can be damaged. */
  private static void logLittle(Board board, int life) {
    Random random = new Random(life);
    for (int i = 0; i < 5; i++) {
      board.log("train/loss", random.nextGaussian());
    }
    board.log(
        Map.of(
            "note",
            "text " + life,
            "grad",
            Histogram.of(random.doubles(20).toArray()),
            "predictions",
            Table.of(List.of(Map.of("label", "cat", "score", 0.5 + life))),
            "file",
            Attachment.of(new byte[] {1, 2, (byte) life}, "f.bin")));
    System.out.println("line of life " + life);
  }

  private static void log(Board board, int life) {
    board.metric("seen", SeriesKind.INT64);
    Random random = new Random(life);
    for (int i = 0; i < 1_200; i++) {
      if (i % 100 == 0) {
        board.step();
      }
      board.log("train/loss", i == 7 ? Double.NaN : random.nextGaussian());
    }
    for (int i = 0; i < 4; i++) {
      byte[] bytes = new byte[200 + i];
      random.nextBytes(bytes);
      board.log(
          Map.of(
              "seen",
              (long) i,
              "done",
              i % 2 == 0,
              "note",
              "text " + i,
              "grad",
              Histogram.of(random.doubles(100).toArray()),
              "predictions",
              Table.of(List.of(Map.of("label", "cat " + i, "score", random.nextDouble()))),
              "file",
              Attachment.of(bytes, "f" + i + ".bin")));
    }
    System.out.println("line of life " + life);
  }

  // ---- the sweep

  private static final class Sweep {
    private final Path root;
    private final Path work;
    private final Random random;
    private final Map<String, Integer> counts = new TreeMap<>();
    private final Map<String, Long> millis = new TreeMap<>();
    private int number;
    private long changes;
    private int unread;

    Sweep(Path root, Path work, long seed) {
      this.root = root;
      this.work = work;
      this.random = new Random(seed);
    }

    /** Damages: every byte of small structures, so many others by chance. */
    void go(int cases, int every, List<String> kinds) throws Exception {
      for (String id : List.of("finished", "left")) {
        Path run = root.resolve("default").resolve(id);
        Verification sound = Verifier.verify(run);
        if (!sound.isSound()) {
          System.out.println("wrong: not sound before any damage: " + sound);
        }
        String print = fingerprint(run);
        List<Path> files = files(run);
        for (int i = 0; i < cases; i++) {
          String chosen = KINDS.get(random.nextInt(KINDS.size()));
          List<Path> some =
              files.stream()
                  .filter(path -> kind(run.relativize(path).toString()).equals(chosen))
                  .toList();
          Path file = some.isEmpty() ? files.get(0) : some.get(random.nextInt(some.size()));
          long length = Files.size(file);
          if (length > 0) {
            long at = (long) (random.nextDouble() * length);
            damage(run, file, random.nextInt(8) == 0 ? -1 - at : at * 8 + random.nextInt(8), print);
          }
        }
      }
      tiny(every, kinds);
      counts.forEach((what, count) -> System.out.println("count " + count + " " + what));
      System.out.println("swept " + number + " ms " + millis);
    }

    /** Sweeps the tiny runs, each on a thread of its own. */
    private void tiny(int every, List<String> kinds) throws Exception {
      ExecutorService threads = Executors.newFixedThreadPool(TINY.size());
      Map<Sweep, Future<?>> sweeps = new LinkedHashMap<>();
      for (String id : TINY) {
        Sweep one = new Sweep(root, work.resolve(id), random.nextLong());
        sweeps.put(
            one,
            threads.submit(() -> {
              for (String kind : kinds) {
                one.bytes(id, kind, every);
              }
              return one;
            }));
      }
      threads.shutdown();
      for (Map.Entry<Sweep, Future<?>> sweep : sweeps.entrySet()) {
        sweep.getValue().get();
        number += sweep.getKey().number;
        sweep.getKey().counts.forEach((what, count) -> counts.merge(what, count, Integer::sum));
      }
    }

    /** Flips a bit in each byte of a small run, and cuts each of its files at each byte. */
    private void bytes(String id, String kind, int every) throws Exception {
      Path run = work.resolve("bytes").resolve("default").resolve(id);
      copy(root.resolve("default").resolve(id), run);
      String print = fingerprint(run);
      for (Path file : files(run)) {
        if (!kind.equals(kind(run.relativize(file).toString()))) {
          continue;
        }
        byte[] sound = Files.readAllBytes(file);
        String tables = kind.equals("metadata") ? tables(file) : "";
        int used = used(sound);
        int end = Math.min(sound.length, used + ZEROS);
        for (int at = random.nextInt(every); at < end; at += every) {
          byte[] flipped = sound.clone();
          flipped[at] ^= (byte) (1 << random.nextInt(8));
          rewrite(file, flipped);
          if (at < SQLITE_HEADER || tables.isEmpty() || !tables.equals(tables(file))) {
            inPlace(run, file, "flip " + at, print);
          } else if (unread++ % UNREAD == 0) {
            inPlace(run, file, "unread " + at, print);
          } else {
            count("metadata unread");
          }
          if (at >= used) {
            continue; // such a cut takes nothing away
          }
          boolean ends = file.toString().endsWith(".seg") && at % 8 == 0;
          rewrite(file, Arrays.copyOf(sound, at));
          inPlace(run, file, (ends ? "end " : "cut ") + at, print);
        }
        rewrite(file, sound);
        if (every == 1) {
          System.out.println("bytes " + end + " of " + id + "/" + run.relativize(file));
          System.out.println("so far " + number + " " + counts);
        }
      }
      delete(work.resolve("bytes"));
    }

    private static int used(byte[] bytes) {
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] == 0) {
        end--;
      }
      return end;
    }

    /** Returns a hash of all that SQLite tells of a database, or of why it does not. */
    private static String tables(Path file) throws Exception {
      MessageDigest said = MessageDigest.getInstance("SHA-256");
      try (Connection connection =
              DriverManager.getConnection("jdbc:sqlite:file:" + file + "?mode=ro&immutable=1");
          Statement statement = connection.createStatement()) {
        List<String> tables = new ArrayList<>(List.of("sqlite_master"));
        try (ResultSet names =
            statement.executeQuery("SELECT name FROM sqlite_master WHERE type = 'table'")) {
          while (names.next()) {
            tables.add(names.getString(1));
          }
        }
        for (String pragma : List.of("integrity_check", "user_version", "application_id")) {
          say(said, statement, "PRAGMA " + pragma);
        }
        for (String table : tables) {
          say(said, statement, "SELECT * FROM \"" + table + "\"");
        }
      } catch (SQLException e) {
        say(said, e);
      }
      return HexFormat.of().formatHex(said.digest());
    }

    private static void say(MessageDigest said, Statement statement, String query)
        throws SQLException {
      try (ResultSet rows = statement.executeQuery(query)) {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
          for (int column = 1; column <= columns; column++) {
            say(said, rows.getObject(column));
          }
        }
      }
    }

    private static void say(MessageDigest said, @Nullable Object value) {
      boolean isBlob = value instanceof byte[];
      said.update(String.valueOf(value == null ? null : value.getClass()).getBytes(UTF_8));
      said.update(isBlob ? (byte[]) value : String.valueOf(value).getBytes(UTF_8));
    }

    /** Writes a file with a time of change that it never had: readers remember what is whole. */
    private void rewrite(Path file, byte[] bytes) throws IOException {
      Files.write(file, bytes);
      Files.setLastModifiedTime(
          file, FileTime.from(Instant.now().plus(GRANULE.multipliedBy(++changes))));
    }

    /** Verifies and reads a run of which one file is damaged. */
    private void inPlace(Path run, Path file, String what, String print) {
      if (++number % 100 == 0) {
        System.out.println("case " + number);
      }
      String kind = kind(run.relativize(file).toString());
      String name = run.getFileName() + "/" + run.relativize(file) + " " + what;
      try {
        boolean detected = !Verifier.verify(run).isSound();
        boolean isEnd = what.startsWith("end");
        String cause = kind + " " + what.substring(0, what.indexOf(' ')) + " ";
        count(cause + (detected ? "detected" : "not detected"));
        if (!detected && !isEnd && !kind.equals("metadata")) {
          System.out.println("wrong: not detected: " + name);
        }
        if (number % 8 != 0 && (kind.equals("lance") || (detected && kind.equals("metadata")))) {
          return; // native code opens the other files each time, and takes longest
        }
        String seen = read(run);
        boolean error = seen.startsWith("error");
        boolean right = seen.equals(print);
        count(cause + "read: " + (error ? "error" : right ? "right" : "other"));
        if (!error && !right && kind.equals("lance")) {
          System.out.println("wrong: read other rows: " + name);
        }
        if (!error && !right && !detected && !isEnd) {
          count(cause + "not detected and read other");
          System.out.println("silent: " + name);
        }
      } catch (Throwable e) {
        System.out.println("wrong: " + name + " " + e);
        e.printStackTrace(System.out);
      }
    }

    private static List<Path> files(Path run) throws IOException {
      try (Stream<Path> walk = Files.walk(run)) {
        return walk.filter(Files::isRegularFile)
            .filter(file -> !file.getFileName().toString().startsWith("writer."))
            .filter(file -> !file.getFileName().toString().startsWith("tracker.log"))
            .sorted()
            .toList();
      }
    }

    /** What is a bit to flip, or, where it is negative, a length to cut to. */
    private void damage(Path run, Path file, long what, String print) throws Exception {
      number++;
      if (number % 20 == 0) {
        System.out.println("case " + number);
      }
      long start = System.nanoTime();
      Path copy = work.resolve("r" + number).resolve("default").resolve(run.getFileName());
      copy(run, copy);
      Path victim = copy.resolve(run.relativize(file).toString());
      String name = run.getFileName() + "/" + run.relativize(file) + " " + what;
      boolean changes = change(victim, what);
      String kind = kind(run.relativize(file).toString());
      String stage = "verify";
      timed("copy", start);
      start = System.nanoTime();
      try {
        Verification found = Verifier.verify(copy);
        boolean detected = !found.isSound();
        count(kind + (detected ? " detected" : " not detected"));
        if (!detected && changes && !kind.equals("metadata")) {
          System.out.println("wrong: not detected: " + name + " " + found);
        }
        timed(stage, start);
        stage = "read";
        start = System.nanoTime();
        String seen = read(copy);
        boolean error = seen.startsWith("error");
        count(kind + " read: " + (error ? "error" : seen.equals(print) ? "right" : "other"));
        if (!error && !seen.equals(print) && !detected) {
          count(kind + " not detected and read other");
        }
        if (!error && !seen.equals(print) && kind.equals("lance")) {
          System.out.println("wrong: read other rows: " + name);
        }
        timed(stage, start);
        start = System.nanoTime();
        if (number % 8 == 0) {
          stage = "repair";
          RepairReport report = Repairer.repair(copy, work.resolve("t" + number));
          count(kind + " repaired" + (report.lost().isEmpty() ? ", nothing lost" : ", with loss"));
          fingerprint(report.target());
          delete(report.target());
        }
        if (number % 8 == 4) {
          stage = "resume";
          count(kind + " resumed: " + resume(work.resolve("r" + number), copy));
        }
        timed(stage, start);
      } catch (Throwable e) {
        System.out.println("wrong: " + stage + " " + name + " " + e);
        e.printStackTrace(System.out);
      }
      delete(work.resolve("r" + number));
    }

    private void timed(String stage, long start) {
      millis.merge(stage, (System.nanoTime() - start) / 1_000_000, Long::sum);
    }

    private void count(String what) {
      counts.merge(what, 1, Integer::sum);
    }

    private static String kind(String path) {
      return path.startsWith("data/metadata")
          ? "metadata"
          : path.startsWith("data") ? "lance" : path.substring(0, path.indexOf('/'));
    }

    /** Damages a file; false where what is changed says nothing. */
    private static boolean change(Path file, long what) throws IOException {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        if (what < 0) {
          long length = -1 - what;
          boolean changes = !isZeroFrom(channel, length);
          channel.truncate(length);
          // A journal that ends between two frames ends there; nothing tells that there was more.
          return changes && !(file.toString().endsWith(".seg") && length % 8 == 0);
        }
        java.nio.ByteBuffer one = java.nio.ByteBuffer.allocate(1);
        channel.read(one, what / 8);
        one.put(0, (byte) (one.get(0) ^ (1 << (what % 8)))).rewind();
        channel.write(one, what / 8);
        return true;
      }
    }

    private static boolean isZeroFrom(FileChannel channel, long from) throws IOException {
      java.nio.ByteBuffer rest =
          java.nio.ByteBuffer.allocate((int) Math.max(0, channel.size() - from));
      channel.read(rest, from);
      for (byte b : rest.array()) {
        if (b != 0) {
          return false;
        }
      }
      return true;
    }

    private static String resume(Path root, Path run) {
      try (Board board =
          Board.builder("again")
              .root(root)
              .id(run.getFileName().toString())
              .resume(Resume.MUST)
              .open()) {
        for (int i = 0; i < 5; i++) {
          board.log("train/loss", (double) i);
        }
        board.finish();
        return "finished";
      } catch (RuntimeException e) {
        return "error " + e.getClass().getSimpleName();
      }
    }

    private static void copy(Path from, Path to) throws IOException {
      try (Stream<Path> walk = Files.walk(from)) {
        for (Path file : walk.toList()) {
          Path target = to.resolve(from.relativize(file).toString());
          if (Files.isDirectory(file)) {
            Files.createDirectories(target);
          } else {
            Files.copy(file, target);
          }
        }
      }
    }

    private static void delete(Path folder) throws IOException {
      try (Stream<Path> walk = Files.walk(folder)) {
        for (Path file : walk.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  // ---- what a run says

  /** Returns what a run says, or {@code error} and the reason where it says so. */
  static String read(Path run) throws Exception {
    try {
      return fingerprint(run);
    } catch (StorageException e) {
      return "error " + e.getMessage();
    }
  }

  /** Returns a hash of all that a run says. */
  static String fingerprint(Path run) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    List<String> said = new ArrayList<>();
    try (RunReader reader = RunReader.open(run)) {
      said.add(reader.info().config() + " " + reader.info().tags() + reader.info().name());
      for (String name : reader.metrics()) {
        if (reader.kind(name) == Kind.STRING) {
          said.add(name + Arrays.toString(reader.strings(name).steps()));
          said.add(Arrays.toString(reader.strings(name).values()));
        } else {
          var rows = reader.scalars(name);
          said.add(name + Arrays.toString(rows.steps()) + Arrays.toString(rows.globalSteps()));
          said.add(Arrays.toString(rows.timestamps()) + Arrays.toString(rows.values()));
        }
      }
      for (String name : reader.histograms()) {
        said.add(name + Arrays.toString(reader.histograms(name).steps()));
      }
      for (String name : reader.media()) {
        for (MediaFile file : reader.media(name)) {
          said.add(name + file.step() + file.caption());
        }
      }
      for (String name : reader.tables()) {
        said.add(name + reader.tables(name).page(0, 100));
      }
      said.add(reader.steps().toString());
      said.add(reader.console().toString());
    }
    for (String text : said) {
      digest.update(text.getBytes(UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
