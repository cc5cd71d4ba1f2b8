package dev.tracker.torture.order;

import dev.tracker.torture.order.Recorder.Death;
import dev.tracker.torture.order.Trace.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Records the system calls of a run that is begun and killed, opened, sealed, compacted, killed,
 * resumed, taken back, finished and repaired, and checks their order: by {@link Rules} at every
 * call, and by what a power cut would leave at calls chosen by seed.
 *
 * <pre>
 * java -jar tracker-torture/target/torture.jar order 60
 * </pre>
 *
 * <p>The argument says at how many calls of each process the power is cut; further ones name the
 * processes, if not all are to be recorded. Each time three disks are looked at: one that lost all
 * that was not forced; one that kept all names and lengths, and zeros for the bytes; one that kept
 * what it happened to keep, page by page.
 */
public final class Order {
  private static final List<String> PHASES =
      List.of(
          "unborn", "first", "again", "dies", "dies", "killed", "strict", "again", "killed",
          "repair");

  /** A thread forces so many things before a new run has its folders. */
  private static final int FIRST_FORCES = 4;

  /** A thread forces things some dozens of times from an opening of a run to its end. */
  private static final int FORCES = 24;

  private static final int DEFAULT_CUTS = 60;

  /** Every so many remains are gone on with. */
  private static final int RESUMED = 10;

  private final Path folder;
  private final Path root;
  private final Path marks;
  private final Path remains;
  private final Platter platter;
  private final Rules rules;
  private final Random random;
  private final List<String> broken = new ArrayList<>();
  private long events;
  private long looked;
  private long resumed;

  /** Steps of killed processes that nobody was promised: their larger values may be missing. */
  private final BitSet mayLack = new BitSet();

  /** From where on the last process was promised nothing; -1 where it ended by itself. */
  private int unpromised = -1;

  private Order(Path folder, long seed) throws IOException {
    this.folder = folder;
    this.root = Files.createDirectory(folder.resolve("root"));
    this.marks = folder.resolve("marks");
    this.remains = folder.resolve("remains");
    this.platter = new Platter(root);
    this.rules = new Rules(platter, marks, Files.createDirectory(folder.resolve("scratch")));
    this.random = new Random(seed);
  }

  /** Runs the program. */
  public static void run(String... arguments) throws IOException, InterruptedException {
    Optional<String> whyNot = Recorder.whyNot();
    if (whyNot.isPresent()) {
      System.out.println("order: not checked: " + whyNot.get());
      return;
    }
    int cuts = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_CUTS;
    long seed = Long.getLong("torture.seed", System.nanoTime());
    System.out.printf("order: cuts=%d seed=%d%n", cuts, seed);
    Path folder = makeFolder();
    Order order = new Order(folder, seed);
    List<String> phases =
        List.of(arguments).subList(Math.min(1, arguments.length), arguments.length);
    for (String phase : phases.isEmpty() ? PHASES : phases) {
      order.record(phase, cuts);
    }
    order.print();
    if (!order.broken.isEmpty()) {
      throw new AssertionError("order: broken=" + order.broken.size() + " seed=" + seed);
    }
    Rules.delete(folder);
  }

  private static Path makeFolder() throws IOException {
    String disk = System.getProperty("torture.dir");
    Path made =
        disk == null
            ? Files.createTempDirectory("tracker-order")
            : Files.createTempDirectory(Files.createDirectories(Path.of(disk)), "order");
    return made.toRealPath();
  }

  private void record(String phase, int cuts) throws IOException, InterruptedException {
    Path trace = folder.resolve("trace");
    Death death =
        switch (phase) {
          case "unborn" -> new Death(1 + random.nextInt(FIRST_FORCES), 0);
          case "dies" -> new Death(1 + random.nextInt(FORCES), 0);
          case "killed" -> new Death(0, 5 + random.nextInt(40));
          default -> Death.NEVER;
        };
    boolean ended = Recorder.record(trace, root, marks, phase, death);
    List<Event> read = Trace.read(trace);
    Set<Integer> at = new TreeSet<>();
    List<Integer> ours = ours(read);
    for (int i = 0; i < cuts && !ours.isEmpty(); i++) {
      at.add(ours.get(random.nextInt(ours.size())));
    }
    for (int i = 0; i < read.size(); i++) {
      take(read.get(i));
      if (at.contains(i)) {
        cut(phase + " call " + i + " " + read.get(i).call().name());
      }
    }
    if (ended) {
      List<String> different = platter.differences();
      if (!different.isEmpty()) {
        throw new IllegalStateException("the model is not the folder: files=" + different);
      }
      platter.forget();
    } else {
      unpromised = (int) rules.ledger().promised();
      platter.adopt();
      rules.killed();
    }
    System.out.printf("order: %s: calls=%d%n", phase, read.size() / 2);
    Files.delete(trace);
  }

  /** Returns the events that may have changed something. */
  private List<Integer> ours(List<Event> read) {
    List<Integer> ours = new ArrayList<>();
    for (int i = 0; i < read.size(); i++) {
      boolean named = read.get(i).call().arguments().stream().anyMatch(a -> a.contains(root + "/"));
      if (read.get(i).succeeded() && named && !read.get(i).call().name().equals("close")) {
        ours.add(i);
      }
    }
    return ours;
  }

  private void take(Event event) throws IOException {
    int known = rules.broken().size();
    int openings = rules.ledger().openings();
    rules.before(event);
    platter.take(event);
    rules.after(event);
    if (rules.ledger().openings() > openings && unpromised >= 0) {
      mayLack.set(unpromised, Math.max(unpromised, (int) rules.ledger().steps()));
      unpromised = -1;
    }
    events++;
    rules.broken().subList(known, rules.broken().size()).forEach(this::complain);
  }

  private void complain(String what) {
    broken.add(what);
    if (broken.size() <= 20) {
      System.out.println("order: BROKEN " + what);
    }
  }

  private void cut(String where) throws IOException {
    int share = random.nextInt(11);
    Random pages = new Random(random.nextLong());
    long upTo = Math.max(0, platter.changes() - random.nextInt(20));
    look(where + ", all lost that was not forced", 0, file -> file.content(change -> false));
    look(where + ", bytes lost", Long.MAX_VALUE, StoredFile::lengthened);
    look(where + ", some lost", upTo, file -> file.content(c -> pages.nextInt(10) < share));
  }

  private void look(String where, long upTo, Platter.Kept kept) throws IOException {
    Rules.delete(remains);
    platter.leave(remains, upTo, kept);
    boolean resume = ++looked % RESUMED == 0;
    resumed += resume ? 1 : 0;
    List<String> wrong =
        Remains.check(remains, rules.ledger(), step -> mayLack.get((int) step), resume);
    wrong.forEach(what -> complain(where + ": " + what));
  }

  private void print() {
    System.out.printf("order: %d events%n", events);
    rules.checked().forEach((rule, times) -> System.out.printf("  %6d  %s%n", times, rule));
    System.out.printf("  %6d  power cuts looked at, %d gone on with%n", looked, resumed);
    System.out.printf("order: broken=%d%n", broken.size());
  }
}
