package dev.tracker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.format.RunNames;
import dev.tracker.format.StorageException;
import dev.tracker.host.Environment;
import dev.tracker.host.NameList;
import dev.tracker.journal.FileLayer;
import dev.tracker.read.RunState;
import dev.tracker.read.StepHistory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A run that is being logged to. {@link #run(Builder, Body)} is the form to prefer; {@link
 * #open(String)} and {@link #close()} suit where a lambda does not.
 *
 * <p>One log call is one row: its values share a step and a time. Every row takes the next {@code
 * _step} unless it is given one, and is stored with the global step that {@link #step()} moves.
 *
 * <p>Guarantees to whoever logs:
 *
 * <ul>
 *   <li>A log call does no I/O and takes no lock that I/O holds. It waits only while the queue is
 *       full, if the board is to wait then ({@link OnFull#BLOCK}), or for the disk if it is to be
 *       {@link Durability#STRICT}.
 *   <li>Scalars allocate nothing. What was given may be changed as soon as the call returns.
 *   <li>Storage makes no log call throw. While the journal cannot be written, what does not fit
 *       into the queue is dropped, counted, and declared in the run as a gap.
 *   <li>A call that races with the end of the board is either accepted, and then as durable as any,
 *       or refused.
 * </ul>
 *
 * <p>Rules for values: a name's first value fixes what its series holds, see {@link SeriesKind}. A
 * value that does not fit, is null, or is of a type that cannot be logged is left out, counted in
 * {@link #health()} and reported once; the rest of its call stands. A call of which nothing is left
 * logs nothing and takes no step.
 *
 * <p>Names are not empty, at most 65,535 characters long and without unpaired surrogates; others
 * are an {@link IllegalArgumentException}. Logging to a board that its user has finished is an
 * {@link IllegalStateException}; to one that the JVM closed on its way down it is only counted.
 *
 * <p>A board may be used by any number of threads.
 */
public final class Board implements AutoCloseable {
  /** The greatest step, and the least but for its sign: counting on from it never runs over. */
  static final long MAX_STEP = 1L << 62;

  /** What a board that is not off is made of besides what log calls need. */
  private record Parts(Writer writer, LiveRun run, Lifecycle lifecycle, Reports reports) {}

  private final String id;
  private final Path directory;
  private final StagingFolder staging;
  private final Intake intake;
  private final Description description;

  /** Null when the board is off. */
  private final @Nullable Ring ring;

  /** Null when the board is off. */
  private final @Nullable Parts parts;

  /** Held while a message waits for room, so no monitor: that would pin a virtual thread. */
  private final ReentrantLock globalStepLock = new ReentrantLock();

  private volatile long globalStep; // written under the lock

  /** Whether a board that is off was finished. */
  private volatile boolean offIsFinished;

  private Board(
      String id,
      Path directory,
      ObjectNode document,
      Reports reports,
      @Nullable Ring ring,
      Metrics metrics,
      @Nullable Parts parts) {
    this.id = id;
    this.directory = directory;
    this.staging = new StagingFolder(new RunLayout(directory));
    this.ring = ring;
    this.parts = parts;
    this.intake = new Intake(this, ring, metrics, reports);
    this.description = new Description(ring, document);
  }

  // ---- opening

  /**
   * Opens a new run with a name for people; everything else is as {@link #builder} has it by
   * default.
   */
  public static Board open(String name) {
    return builder(name).open();
  }

  /** Returns a builder of boards of a name for people. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * Opens a board, passes it to a body, and finishes it. An exception of the body is recorded as
   * the run's failure and thrown on as it is, checked ones undeclared.
   *
   * @throws TrackerException if the run cannot be opened, or not all that was logged is on stable
   *     storage at the end
   */
  public static void run(Builder builder, Body body) {
    Objects.requireNonNull(body, "body");
    Board board = builder.open();
    try {
      body.accept(board);
    } catch (Throwable e) {
      try {
        board.finish(e);
      } catch (RuntimeException | Error unwritten) {
        e.addSuppressed(unwritten);
      }
      throwOn(e);
    }
    board.finish();
  }

  /** Throws an exception as it is, whether it is declared or not. */
  @SuppressWarnings({
    "unchecked",
    "TypeParameterUnusedInFormals"
  }) // the cast does nothing, that is its purpose
  private static <E extends Throwable> void throwOn(Throwable e) throws E {
    throw (E) e;
  }

  /**
   * Returns the board that is open, for code that was not handed one; the one that was opened last
   * where there are several.
   *
   * @throws IllegalStateException if no board is open
   */
  public static Board current() {
    Board latest = OpenBoards.latest();
    if (latest == null) {
      throw new IllegalStateException("no board is open (Board.run and Board.open open one)");
    }
    return latest;
  }

  /** What {@link Board#run} does with its board. */
  @FunctionalInterface
  public interface Body {
    /** Trains and logs. */
    void accept(Board board) throws Exception;
  }

  // ---- logging

  /** Logs a number. */
  public void log(String name, double value) {
    Metric metric = intake.find(name);
    if (metric != null) {
      metric.log(value);
    } else {
      logFirst(name, value);
    }
  }

  private void logFirst(String name, double value) {
    if (isOn(name)) {
      intake.findOrAdd(name, Kind.FLOAT64).log(value);
    } else {
      checkOff();
    }
  }

  /** Logs an integer; exact in a series declared as {@link SeriesKind#INT64}. */
  public void log(String name, long value) {
    if (isOn(name)) {
      logNumber(intake.findOrAdd(name, Kind.FLOAT64), value, Slots.ROW, 0);
    } else {
      checkOff();
    }
  }

  /**
   * Logs a number, a boolean, a text, an enum constant, a {@link dev.tracker.value.Histogram},
   * {@link dev.tracker.media.Media}, or a {@link dev.tracker.value.Table}; a null is counted and
   * left out.
   */
  public void log(String name, @Nullable Object value) {
    Draft draft = Drafts.take();
    try {
      gather(draft, name, value);
      log(draft, Slots.ROW, 0);
    } finally {
      Drafts.giveBack(draft);
    }
  }

  /** Logs two numbers as one row. */
  public void log(String name1, double value1, String name2, double value2) {
    Metric metric1 = intake.find(name1);
    Metric metric2 = intake.find(name2);
    Ring to = ring;
    if (to != null
        && metric1 != null
        && metric2 != null
        && metric1.takesDoubles()
        && metric2.takesDoubles()) {
      to.put(metric1, value1, metric2, value2);
      return;
    }
    Draft draft = Drafts.take();
    try {
      gather(draft, name1, value1);
      gather(draft, name2, value2);
      log(draft, Slots.ROW, 0);
    } finally {
      Drafts.giveBack(draft);
    }
  }

  /** Logs three numbers as one row. */
  public void log(
      String name1, double value1, String name2, double value2, String name3, double value3) {
    Draft draft = Drafts.take();
    try {
      gather(draft, name1, value1);
      gather(draft, name2, value2);
      gather(draft, name3, value3);
      log(draft, Slots.ROW, 0);
    } finally {
      Drafts.giveBack(draft);
    }
  }

  /** Logs four numbers as one row. */
  public void log(
      String name1,
      double value1,
      String name2,
      double value2,
      String name3,
      double value3,
      String name4,
      double value4) {
    Draft draft = Drafts.take();
    try {
      gather(draft, name1, value1);
      gather(draft, name2, value2);
      gather(draft, name3, value3);
      gather(draft, name4, value4);
      log(draft, Slots.ROW, 0);
    } finally {
      Drafts.giveBack(draft);
    }
  }

  /** Logs five numbers as one row. */
  public void log(
      String name1,
      double value1,
      String name2,
      double value2,
      String name3,
      double value3,
      String name4,
      double value4,
      String name5,
      double value5) {
    Draft draft = Drafts.take();
    try {
      gather(draft, name1, value1);
      gather(draft, name2, value2);
      gather(draft, name3, value3);
      gather(draft, name4, value4);
      gather(draft, name5, value5);
      log(draft, Slots.ROW, 0);
    } finally {
      Drafts.giveBack(draft);
    }
  }

  /** Logs values of any kinds, as {@link #log(String, Object)} takes them, as one row. */
  public void log(Map<String, ?> values) {
    log(values, Slots.ROW, 0);
  }

  /**
   * Logs values as one row at a step of the caller's choice. Steps may repeat and run backwards;
   * the next automatic one comes after the largest so far.
   *
   * @throws IllegalArgumentException if the step, whatever its sign, is greater than 2<sup>62</sup>
   */
  public void log(long step, Map<String, ?> values) {
    log(values, Slots.ROW_AT_STEP, checkStep(step));
  }

  private void log(Map<String, ?> values, int what, long step) {
    if (values == null) {
      throw new IllegalArgumentException("the map of values is null");
    }
    Draft draft = Drafts.take();
    try {
      for (Map.Entry<String, ?> value : values.entrySet()) {
        gather(draft, value.getKey(), value.getValue());
      }
      log(draft, what, step);
    } finally {
      Drafts.giveBack(draft);
    }
  }

  /** Returns a new, empty row, for one thread. */
  public Row row() {
    return new Row(this);
  }

  /** Returns the series of a name: what it is already, else one of {@link SeriesKind#FLOAT64}. */
  public Metric metric(String name) {
    return isOn(name)
        ? intake.findOrAdd(name, Kind.FLOAT64)
        : new Metric(this, name, Kind.FLOAT64, 0, 0, null);
  }

  /**
   * Returns the series of a name, declaring what it holds.
   *
   * @throws IllegalArgumentException if it holds something else already
   */
  public Metric metric(String name, SeriesKind kind) {
    Objects.requireNonNull(kind, "kind");
    if (!isOn(name)) {
      return new Metric(this, name, kind.kind, 0, 0, null);
    }
    Metric metric = intake.findOrAdd(name, kind.kind);
    if (metric.kind != kind.kind) {
      throw new IllegalArgumentException(
          "the series holds something else already: metric='"
              + name
              + "' kind="
              + metric.kind
              + " wanted="
              + kind);
    }
    return metric;
  }

  // ---- logging, step by step; also for Row and Metric

  /** Gathers a value for a row. */
  void gather(Draft draft, String name, double value) {
    if (isOn(name)) {
      intake.add(draft, name, value);
    }
  }

  /** Gathers a value for a row. */
  void gather(Draft draft, String name, long value) {
    if (isOn(name)) {
      intake.add(draft, name, value);
    }
  }

  /** Gathers a value for a row. */
  void gather(Draft draft, String name, @Nullable Object value) {
    if (isOn(name)) {
      intake.add(draft, name, value);
    }
  }

  /** Logs what was gathered. */
  void log(Draft draft, int what, long step) {
    Ring to = ring;
    if (to == null) {
      checkOff();
    } else if (draft.size() == 0) {
      to.checkOpen();
    } else {
      to.put(draft, what, step);
    }
  }

  /** Logs a number to a series that may not take it as it is. */
  void logNumber(Metric metric, double value, int what, long step) {
    Draft draft = Drafts.take();
    try {
      if (ring != null) {
        intake.add(draft, metric, value);
      }
      log(draft, what, step);
    } finally {
      Drafts.giveBack(draft);
    }
  }

  /** Logs an integer. */
  void logNumber(Metric metric, long value, int what, long step) {
    Draft draft = Drafts.take();
    try {
      if (ring != null) {
        intake.add(draft, metric, value);
      }
      log(draft, what, step);
    } finally {
      Drafts.giveBack(draft);
    }
  }

  /** Says whether the board is on; one that is off does nothing but check names. */
  private boolean isOn(String name) {
    if (ring != null) {
      return true;
    }
    intake.checkName(name);
    return false;
  }

  private void checkOff() {
    if (offIsFinished) {
      throw new IllegalStateException("the board is finished: run=" + id);
    }
  }

  private void checkIfOff() {
    if (ring == null) {
      checkOff();
    }
  }

  // ---- steps

  /** Adds one to the global step: an epoch begins, say. */
  public void step() {
    globalStepLock.lock();
    try {
      putGlobalStep(Slots.NEXT_GLOBAL_STEP, globalStep + 1);
    } finally {
      globalStepLock.unlock();
    }
  }

  /**
   * Sets the global step.
   *
   * @throws IllegalArgumentException if it is, whatever its sign, greater than 2<sup>62</sup>
   */
  public void globalStep(long value) {
    checkStep(value);
    globalStepLock.lock();
    try {
      putGlobalStep(Slots.GLOBAL_STEP, value);
    } finally {
      globalStepLock.unlock();
    }
  }

  /** Returns a step, which is refused where it leaves no room to count on from it. */
  static long checkStep(long step) {
    if (step > MAX_STEP || step < -MAX_STEP) {
      throw new IllegalArgumentException(
          "illegal step: step=" + step + " (from " + -MAX_STEP + " to " + MAX_STEP + ")");
    }
    return step;
  }

  private void putGlobalStep(int what, long value) {
    if (ring == null) {
      checkOff();
    } else {
      ring.putGlobalStep(what, value);
    }
    globalStep = value;
  }

  /**
   * Goes back: every row whose step is greater is dropped, in every series, and later rows go on at
   * {@code step + 1}. The global step becomes that of the last row that stays, 0 where none does.
   * Times do not go back. A step that was not reached yet drops nothing, and steps go on where they
   * were.
   *
   * <p>Waits until it is in the journal; from then on readers do not see the dropped rows, whatever
   * happens to this process. What other threads log meanwhile falls on one side or the other.
   *
   * @param step the greatest {@code _step} that stays; -1 drops every row
   * @throws TrackerException if the journal cannot be written or read now; the run has not gone
   *     back then, unless the message says otherwise
   */
  public void rewindTo(long step) {
    checkRewind(step);
    Ring to = ring;
    if (to == null || parts == null) {
      checkOff();
      return;
    }
    if (to.isEnded()) {
      to.checkOpen();
      return; // the JVM is going down
    }
    globalStepLock.lock();
    try {
      rewind(to, parts, step);
    } finally {
      globalStepLock.unlock();
    }
  }

  static void checkRewind(long step) {
    if (step < -1) {
      throw new IllegalArgumentException(
          "illegal step to go back to: step=" + step + " (-1 drops every row)");
    }
  }

  private void rewind(Ring to, Parts live, long step) {
    if (!live.writer.awaitWritten()) {
      throw unsafe(
          "the journal cannot be written, the run did not go back", live.reports.lastError());
    }
    long before;
    try {
      before = StepHistory.globalStepAt(new RunLayout(directory), step);
    } catch (IOException e) {
      throw unsafe("the run cannot be read, it did not go back", e);
    }
    if (!to.putRewind(step, before)) {
      if (to.isEnded()) {
        return; // the JVM began to go down
      }
      throw unsafe(
          "the journal cannot be written, the run did not go back", live.reports.lastError());
    }
    globalStep = before;
    live.run.sealing().note("rewound: step=" + step + " globalStep=" + before);
    if (!live.writer.awaitWritten()) {
      throw unsafe(
          "the journal cannot be written, the run goes back once it can be",
          live.reports.lastError());
    }
  }

  /** Returns the global step. */
  public long globalStep() {
    return globalStep;
  }

  // ---- config, tags and notes

  /**
   * Adds to what the run is configured with, or changes it, while it runs. Objects are merged key
   * by key, at every depth; any other value, a list or null too, replaces what was there, and what
   * is not mentioned stays. To replace a whole object, set it to null first.
   *
   * <p>It stands among log calls in their order, survives what they survive, and is seen by readers
   * when they are. The values are turned into JSON in the call, which costs microseconds each.
   *
   * @throws IllegalArgumentException if a value cannot be written as JSON; the message names it,
   *     and nothing is changed
   */
  public void config(Map<String, ?> config) {
    ObjectNode added = Config.toJson(Objects.requireNonNull(config, "config"));
    checkIfOff();
    description.config(added);
  }

  /**
   * Adds or changes one value of the config, as {@link #config(Map)} does.
   *
   * @param path the value's key; for one inside other objects their keys from the outside in,
   *     joined with {@code /}, as in {@code optimizer/lr}. Objects on the way are made where they
   *     are missing
   * @throws IllegalArgumentException if a key in the path is empty, or the value cannot be written
   *     as JSON
   */
  public void config(String path, @Nullable Object value) {
    ObjectNode added = Config.toJson(path, value);
    checkIfOff();
    description.config(added);
  }

  /** Adds tags to the run; those it has stay. */
  public void tag(String... tags) {
    checkIfOff();
    description.tag(tags);
  }

  /** Takes tags away; one that the run does not have is passed over. */
  public void untag(String... tags) {
    checkIfOff();
    description.untag(tags);
  }

  /** Replaces the run's notes. */
  public void notes(String notes) {
    checkIfOff();
    description.notes(notes);
  }

  // ---- looking

  /** Returns the run's id, unique within its project. */
  public String id() {
    return id;
  }

  /** Returns the run's folder. A board that is off has none; this is where it would be. */
  public Path directory() {
    return directory;
  }

  /** Returns where large media go until they are sealed. */
  StagingFolder staging() {
    return staging;
  }

  /** Returns how the board is doing; cheap enough to be called at every step. */
  public Health health() {
    if (ring == null || parts == null) {
      return Health.OFF;
    }
    // From the end of the road to its beginning: what has come far was counted where it began.
    long sealed = parts.run.sealing().sealedRows();
    Duration lag = parts.run.sealing().lag();
    long durable = Math.max(sealed, parts.run.journal().durableRows());
    long journaled = Math.max(durable, parts.run.journal().writtenRows());
    long open = parts.writer.openRows(); // last: a call is open before it is written
    return new Health(
        parts.writer.isConcluded() ? 0 : ring.queued(), // then only refused calls are in it
        ring.queuedBytes(),
        parts.writer.lostRows(),
        intake.rejected(),
        intake.nulls(),
        intake.rounded(),
        Math.max(0, journaled - open),
        Math.max(0, durable - open),
        Math.max(0, sealed - open),
        lag,
        ring.isHopeless() || parts.run.journal().trouble().isPresent(),
        Optional.ofNullable(parts.reports.lastError()));
  }

  // ---- ending

  /**
   * Returns when everything that was logged before is on stable storage and visible to readers.
   * Does nothing once the board is finished. An interrupt does not end the waiting; the thread's
   * interrupt flag is kept.
   *
   * @throws TrackerException if the journal cannot be written or forced now, or if log calls were
   *     lost, other than by {@link OnFull#DROP}, since this or {@link #finish()} last said so
   */
  public void flush() {
    if (parts == null) {
      return;
    }
    if (parts.lifecycle.endedBy() != null) {
      parts.lifecycle.awaitEnd();
      return;
    }
    if (!parts.writer.awaitWritten()) {
      throw unsafe(
          "the journal cannot be written, what was logged waits in the queue",
          parts.reports.lastError());
    }
    try {
      parts.run.journal().awaitDurable(parts.run.journal().written());
    } catch (IOException e) {
      parts.reports.failed(e);
      throw unsafe("the journal cannot be forced to the disk", e);
    }
    long lost = parts.writer.takeUnreportedLosses();
    if (lost > 0) {
      throw unsafe(
          "log calls were lost while the journal could not be written: lost=" + lost,
          parts.reports.lastError());
    }
  }

  private TrackerException unsafe(String what, @Nullable Throwable cause) {
    Health health = health();
    return new TrackerException(
        what
            + ": run="
            + directory
            + " queued="
            + health.queued()
            + " dropped="
            + health.dropped()
            + " journaled="
            + health.journaled()
            + " durable="
            + health.durable(),
        cause);
  }

  /**
   * Ends the run as succeeded: everything that was logged goes into the journal, and within {@code
   * closeTimeout} into its final files; what is left then stays in the journal, whole. Does nothing
   * if the board has ended.
   *
   * @throws TrackerException if something that was logged is not on stable storage; the board has
   *     ended nevertheless
   */
  public void finish() {
    end(null, Lifecycle.By.FINISH);
  }

  /**
   * Ends the run as failed; where it had ended as succeeded, turns that into failed. Null means
   * {@link #finish()}.
   *
   * @throws TrackerException if something that was logged is not on stable storage; the board has
   *     ended nevertheless
   */
  public void finish(@Nullable Throwable error) {
    end(error, Lifecycle.By.FINISH);
  }

  /**
   * Ends the run as {@link #finish()} does, but reports failures of storage instead of throwing
   * them. Idempotent.
   */
  @Override
  public void close() {
    if (parts == null) {
      end(null, Lifecycle.By.CLOSE);
    } else {
      parts.lifecycle.endReporting(null, Lifecycle.By.CLOSE);
    }
  }

  private void end(@Nullable Throwable error, Lifecycle.By by) {
    if (parts != null) {
      parts.lifecycle.end(error, by);
    } else {
      offIsFinished = true;
      OpenBoards.remove(this);
    }
  }

  @Override
  public String toString() {
    return "Board[" + directory + "]";
  }

  /**
   * Says how a board is to be, and opens it. For one thread; may be used again to open further
   * boards if no id was given.
   */
  public static final class Builder {
    /** The project of a run that names none. */
    public static final String DEFAULT_PROJECT = "default";

    /** The smallest power of two that holds 50,000 values. */
    public static final int DEFAULT_QUEUE_CAPACITY = 65_536;

    /**
     * The most bytes of texts and large rows that a queue holds; a quarter of the heap if that is
     * less.
     */
    public static final long DEFAULT_QUEUE_BYTES = 256L << 20;

    /** How long the end of a board may take once everything is in the journal. */
    public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(30);

    /** How often what the machine uses is logged. */
    public static final Duration DEFAULT_SYSTEM_METRICS = Duration.ofSeconds(10);

    private static final Duration MIN_SYSTEM_METRICS = Duration.ofMillis(100);
    private static final int MAX_QUEUE_CAPACITY = 1 << 26;
    private static final Duration MAX_CLOSE_TIMEOUT = Duration.ofDays(365);
    private static final Duration MAX_SYSTEM_METRICS = Duration.ofDays(365);

    private final ObjectNode document = JsonNodeFactory.instance.objectNode();
    private String project = DEFAULT_PROJECT;
    private @Nullable String id;
    private @Nullable Path root;
    private Resume resume = Resume.NEVER;
    private int queueCapacity = DEFAULT_QUEUE_CAPACITY;
    private long queueBytes = Math.min(DEFAULT_QUEUE_BYTES, Runtime.getRuntime().maxMemory() / 4);
    private OnFull onFull = OnFull.BLOCK;
    private Durability durability = Durability.DEFAULT;
    private Duration closeTimeout = DEFAULT_CLOSE_TIMEOUT;
    private boolean captureOutput;
    private @Nullable Duration systemMetrics;
    private boolean recordsEnvironment = true;
    private NameList environmentVariables = NameList.of();
    private NameList systemProperties = NameList.of();
    private boolean wantsGitDiff;
    private boolean enabled = true;
    private @Nullable Long rewindStep;
    private @Nullable Path parent;
    private long forkStep;
    private FileLayer files = FileLayer.real();
    private InstantSource wall = InstantSource.system();

    private Builder(String name) {
      if (name == null || name.isBlank()) {
        throw new IllegalArgumentException("a board's name is null or blank");
      }
      document.put("name", Description.checkText("name", name));
    }

    /** Sets what the run belongs to: {@code [A-Za-z0-9][A-Za-z0-9._-]{0,127}}. */
    public Builder project(String project) {
      this.project = RunNames.checkId("project", Objects.requireNonNull(project, "project"));
      return this;
    }

    /**
     * Sets the run's id, of the same letters as a project; otherwise it is made of the time and
     * chance.
     */
    public Builder id(String id) {
      this.id = RunNames.checkId("run id", Objects.requireNonNull(id, "id"));
      return this;
    }

    /**
     * Adds to what the run was configured with: maps, lists, arrays, records and beans nest, times
     * and paths become texts. It is merged into what an earlier call gave, and into what a resumed
     * run has, as {@link Board#config(Map)} does.
     *
     * @throws IllegalArgumentException if a value cannot be written as JSON; the message names it
     */
    public Builder config(Map<String, ?> config) {
      ObjectNode added = Config.toJson(Objects.requireNonNull(config, "config"));
      RunDocument.merge(document.withObject("/" + RunDocument.CONFIG), added);
      return this;
    }

    /**
     * Adds tags; none may be blank. A run that is resumed, or forked from another one, keeps those
     * it has.
     */
    public Builder tags(String... tags) {
      Description.addTags(document, tags);
      return this;
    }

    /** Sets the run's notes. */
    public Builder notes(String notes) {
      document.put("notes", Description.checkText("notes", notes));
      return this;
    }

    /**
     * Sets the folder of all runs. Otherwise it is what the property {@code tracker.dir} says, else
     * the environment variable {@code TRACKER_DIR}, else {@code tracker} in the working directory.
     */
    public Builder root(Path root) {
      this.root = Objects.requireNonNull(root, "root");
      return this;
    }

    /** Sets what happens when the run is there already. */
    public Builder resume(Resume resume) {
      this.resume = Objects.requireNonNull(resume, "resume");
      return this;
    }

    /**
     * Has a run that is resumed go back first, as {@link Board#rewindTo} does; a run that begins
     * has nowhere to go. Needs {@link #resume}.
     *
     * @param step the greatest {@code _step} that stays; -1 drops every row
     */
    public Builder rewindTo(long step) {
      checkRewind(step);
      this.rewindStep = step;
      return this;
    }

    /**
     * Begins the run with a copy of another run's past: all its rows up to a step, its config, tags
     * and notes, over which this builder's go. Steps go on after it. The other run may be live, and
     * stays as it is; where the file system allows, the copy shares its files.
     *
     * <p>A run that is resumed, because {@link #resume} allows it and it is there, is not copied
     * again; it must have begun as a copy of the same run and step.
     *
     * @param run the other run's folder
     * @param step the greatest {@code _step} that is taken over; -1 takes over no row
     */
    public Builder forkFrom(Path run, long step) {
      checkRewind(step);
      this.parent = Objects.requireNonNull(run, "run");
      this.forkStep = step;
      return this;
    }

    /**
     * Sets whether what the program prints to {@code System.out} and {@code System.err} becomes
     * part of the run, line by line with its time; it goes where it went as well. Off unless it is
     * asked for.
     *
     * <p>A line that is drawn anew by carriage returns is kept as it stands at its end. Whoever
     * prints never waits for the run's storage: a line that finds no room in the queue is dropped
     * and counted. What a program prints through a {@code PrintStream} that it took from {@code
     * System.out} before the board was opened, or by native code, is not seen.
     */
    public Builder captureOutput(boolean capture) {
      this.captureOutput = capture;
      return this;
    }

    /**
     * Sets whether the run records what it runs on: host, user, process, operating system,
     * processors, memory, JVM and its arguments, main class, class path, working folder, the git
     * commit, GPUs, and the environment variables that are listed. On unless this, the property
     * {@code tracker.environment=off} or the variable {@code TRACKER_ENVIRONMENT=off} says no. It
     * is found out on another thread, soon after open.
     *
     * <p>Values of {@code -D} arguments are masked unless they are listed, and so is what looks
     * like a secret in the program's arguments: by the name before it, as a password in an address,
     * or by the shape of a known access token. Other secrets on a command line are not noticed.
     */
    public Builder environment(boolean record) {
      this.recordsEnvironment = record;
      return this;
    }

    /**
     * Adds to the environment variables that the run records; by default those that tell which
     * devices and which place in a cluster a job has. {@code NAME*} means all that begin so, but
     * not those whose names look like a secret's; these have to be named in full.
     */
    public Builder environmentVariables(String... names) {
      this.environmentVariables = environmentVariables.and(NameList.of(names));
      return this;
    }

    /**
     * Adds to the system properties whose values the run records and shows in the JVM's arguments.
     * {@code name*} means all that begin so, but not those whose names look like a secret's; these
     * have to be named in full.
     */
    public Builder systemProperties(String... names) {
      this.systemProperties = systemProperties.and(NameList.of(names));
      return this;
    }

    /**
     * Sets whether the run records what the tracked files in the git work tree have that the commit
     * does not, up to 256 KB. Off unless it is asked for: such a diff may hold anything.
     */
    public Builder gitDiff(boolean record) {
      this.wantsGitDiff = record;
      return this;
    }

    /**
     * Sets how often the run gets values of what the machine and the process use, in the series
     * {@code system/*}; zero for never. Otherwise it is what the property {@code
     * tracker.systemMetrics} says in seconds or as {@code off}, else the environment variable
     * {@code TRACKER_SYSTEM_METRICS}, else ten seconds.
     *
     * <p>The first comes after one such interval, so a shorter run has none. They are rows that
     * keep the step: those of the program do not move.
     *
     * @param interval zero, or at least 100 ms
     */
    public Builder systemMetrics(Duration interval) {
      this.systemMetrics = checkInterval(interval);
      return this;
    }

    static Duration checkInterval(Duration interval) {
      Objects.requireNonNull(interval, "interval");
      if (interval.isNegative()
          || (!interval.isZero() && interval.compareTo(MIN_SYSTEM_METRICS) < 0)) {
        throw new IllegalArgumentException(
            "illegal interval of system metrics: interval="
                + interval
                + " (at least "
                + MIN_SYSTEM_METRICS
                + ", or zero for never)");
      }
      return interval.compareTo(MAX_SYSTEM_METRICS) > 0 ? MAX_SYSTEM_METRICS : interval;
    }

    /** Sets how many values may wait for the journal; rounded up to a power of two, at least 8. */
    public Builder queueCapacity(int values) {
      if (values < 1 || values > MAX_QUEUE_CAPACITY) {
        throw new IllegalArgumentException(
            "illegal queue capacity: values="
                + values
                + " (allowed: 1 to "
                + MAX_QUEUE_CAPACITY
                + ")");
      }
      this.queueCapacity = values;
      return this;
    }

    /** Sets how many bytes of texts, histograms, media and large rows may wait for the journal. */
    public Builder queueBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("illegal queue size: bytes=" + bytes);
      }
      this.queueBytes = bytes;
      return this;
    }

    /** Sets what a log call does when the queue is full. */
    public Builder onFull(OnFull onFull) {
      this.onFull = Objects.requireNonNull(onFull, "onFull");
      return this;
    }

    /** Sets when a log call is on stable storage. */
    public Builder durability(Durability durability) {
      this.durability = Objects.requireNonNull(durability, "durability");
      return this;
    }

    /** Sets how long the end of the board may take once everything is in the journal. */
    public Builder closeTimeout(Duration closeTimeout) {
      Objects.requireNonNull(closeTimeout, "closeTimeout");
      if (closeTimeout.isNegative()) {
        throw new IllegalArgumentException("illegal close timeout: timeout=" + closeTimeout);
      }
      this.closeTimeout =
          closeTimeout.compareTo(MAX_CLOSE_TIMEOUT) > 0 ? MAX_CLOSE_TIMEOUT : closeTimeout;
      return this;
    }

    /**
     * Sets whether the board logs at all. One that is off checks its arguments and does nothing: no
     * thread, no file. The property {@code tracker.enabled=false} and the environment variable
     * {@code TRACKER_ENABLED=0} turn all boards off.
     */
    public Builder enabled(boolean enabled) {
      this.enabled = enabled;
      return this;
    }

    /** Sets the clock that times of log calls follow. */
    Builder wall(InstantSource wall) {
      this.wall = wall;
      return this;
    }

    /** Sets the file system under the journal. */
    Builder files(FileLayer files) {
      this.files = files;
      return this;
    }

    /**
     * Opens the board.
     *
     * @throws TrackerException if the run's folder cannot be made, the run is being written, or
     *     {@link #resume} forbids
     */
    public Board open() {
      boolean interrupted =
          Thread.interrupted(); // it would close the files under this thread's hands
      try {
        return openUninterrupted();
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    private Board openUninterrupted() {
      if (id == null && resume == Resume.MUST) {
        throw new IllegalStateException("resume(Resume.MUST) is for a run whose id is given: id()");
      }
      Settings settings = Settings.ofProcess();
      String run = id == null ? RunNames.newId(Instant.now()) : id;
      Path folder = (root == null ? settings.root() : root).resolve(project).resolve(run);
      Reports reports = new Reports(run);
      if (!enabled || !settings.isEnabled()) {
        Board board = new Board(run, folder, document, reports, null, new Metrics(), null);
        OpenBoards.add(board, null);
        return board;
      }
      Duration sampling =
          systemMetrics == null ? settings.systemMetrics(DEFAULT_SYSTEM_METRICS) : systemMetrics;
      return open(run, folder, reports, settings.recordsEnvironment(), sampling);
    }

    private Board open(
        String run, Path folder, Reports reports, boolean mayRecord, Duration sampling) {
      if (rewindStep != null && resume == Resume.NEVER) {
        throw new IllegalStateException(
            "rewindTo is for a run that is resumed: run=" + run + " (resume(Resume.MUST))");
      }
      boolean strict = durability == Durability.STRICT;
      BoardClock clock = new BoardClock(wall);
      Ring ring = new Ring(queueCapacity, queueBytes, onFull == OnFull.DROP, strict, clock, run);
      RunLayout layout = new RunLayout(folder);
      LiveRun live = openRun(layout, run, reports);
      RunState state = live.state();
      clock.startAt(state.counters().micros());
      Metrics metrics = new Metrics();
      Writer writer = new Writer(ring, metrics, live.journal(), clock, reports, strict, state, run);
      Lifecycle lifecycle = new Lifecycle(layout, files, closeTimeout, reports, ring, writer, live);
      Board board =
          new Board(
              run,
              folder,
              state.document().fields(),
              reports,
              ring,
              metrics,
              new Parts(writer, live, lifecycle, reports));
      board.intake.addAll(state, live.tables());
      board.globalStep = state.counters().globalStep();
      try {
        writer.start();
      } catch (Throwable e) { // there may be no room for a thread
        live.giveUp(e);
        throw e;
      }
      OpenBoards.add(board, lifecycle);
      OpeningThread.opens(lifecycle);
      try {
        if (captureOutput) {
          ConsoleCapture.begin(ring, reports);
        }
        if (recordsEnvironment && mayRecord) {
          Prober.begin(
              ring,
              writer,
              new Environment(environmentVariables, systemProperties, wantsGitDiff),
              live.host());
        }
        Sampler.begin(ring, board.intake, folder.toFile(), sampling);
      } catch (OutOfMemoryError e) { // neither memory nor a thread for what only looks on
        reports.failed(e);
        reports.warn("the machine is not looked at, or not all of it", e);
      }
      return board;
    }

    private LiveRun openRun(RunLayout layout, String run, Reports reports) {
      ObjectNode opening = document.deepCopy();
      opening.put("id", run).put("project", project);
      try {
        if (parent != null) {
          Fork.make(layout, resume, parent, forkStep, opening, files);
        }
        Resume then = parent == null ? resume : Resume.MUST;
        return LiveRun.open(layout, then, opening, rewindStep, files, reports);
      } catch (IOException | StorageException e) {
        throw new TrackerException("the board cannot be opened: " + e.getMessage(), e);
      }
    }
  }
}
