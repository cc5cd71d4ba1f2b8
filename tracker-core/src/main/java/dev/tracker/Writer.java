package dev.tracker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Json;
import dev.tracker.format.RunDocument;
import dev.tracker.journal.JournalWriter;
import dev.tracker.read.RunState;
import dev.tracker.read.RunState.SeriesName;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread {@code tracker-writer} of one board: takes messages out of the ring, encodes them into
 * the journal, and does nothing else that could take long.
 *
 * <p>A round is: encode what is in the ring, up to a frame; write the frame; give the slots back.
 * Because slots are given back after the write, what the ring calls queued is what is not in the
 * journal.
 *
 * <p>When the journal cannot be written the frame is kept and written again, after pauses that grow
 * to a second. The ring fills meanwhile and then drops. What it dropped becomes a gap record at the
 * place where that happened.
 *
 * <p>Anything but an I/O failure ends the thread: its board then counts what it is given, and says
 * so.
 */
final class Writer implements Runnable {
  /** A frame is written when it has come to this size. */
  private static final int FRAME_BYTES = 256 * 1024;

  /** A frame takes at most this part of the ring, so that callers can go on while it is written. */
  private static final int FRAME_PART = 4;

  private static final int MAX_FRAME_SLOTS = 16_384;

  /**
   * A round that took no more than this part of the ring is followed by a rest: whoever logs now
   * and then has many messages written at once rather than each by itself.
   */
  private static final int SMALL_PART = 256;

  /**
   * How long the first rest is for each slot of the ring: nobody logs a value in less, so that the
   * ring does not fill meanwhile. Whoever waits for something ends it.
   */
  private static final long REST_NANOS_PER_SLOT = 16;

  private static final long MIN_REST_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long MAX_FIRST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /**
   * Rests double up to this. After one so long nobody seems to log: the thread then dozes until a
   * message wakes it.
   */
  private static final long MAX_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

  private static final long DOZE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long MIN_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long MAX_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * How often whoever ends the thread looks whether it gets on, and how long he lets it stand
   * still.
   */
  private static final long LOOK_MILLIS = 100;

  private static final long LONGEST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2 * LOOK_MILLIS);

  /** How often what the heap has no room for is tried again before it is lost. */
  private static final int MAX_TRIES_WITHOUT_MEMORY = 100;

  /** How often a write that the heap has no room for is tried before callers no longer wait. */
  private static final int MAX_WRITES_WITHOUT_MEMORY = 40;

  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How much earlier than others give it up the thread gives up itself, and closes the journal. */
  private static final long FAREWELL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Ring ring;
  private final Slots slots;
  private final Metrics metrics;
  private final JournalWriter journal;
  private final BoardClock clock;
  private final Reports reports;
  private final boolean strict;
  private final Parcels parcels;
  private final long maxFrameSlots;
  private final long smallSlots;
  private final long firstRestNanos;
  private final int restsBeforeDoze;
  private final Thread thread;

  // Of the thread alone.
  private long next;
  private int nextSeries;
  private long lastMicros;
  private boolean warnedOfFilling;
  private boolean warnedOfForcing;

  /** Whether there is payload among what is encoded and not given back. */
  private boolean hasNews;

  private boolean holdsPayload;

  /** A gap that is not written yet. */
  private Losses.@Nullable Gap gap;

  /** Patches that were kept beside the ring, and are encoded but not written. */
  private int unwrittenPatches;

  private long triedWithoutMemory;
  private int triesWithoutMemory;
  private int writesWithoutMemory;
  private long attempt;
  private long pauseNanos;

  // Written by the thread, read by any.
  private volatile long attempts;
  private volatile long failedAttempt;
  private volatile long abandonedRows;
  private volatile boolean concluded;

  private long reportedForcing; // guarded by this

  // Written by others, read by the thread.
  private volatile @Nullable Ending ending;
  private volatile boolean overdue; // what cannot be written is to be given up
  private volatile boolean wantsRetry;
  private final Queue<ObjectNode> patches = new ConcurrentLinkedQueue<>();

  /**
   * How the run is to end.
   *
   * @param last the last slot that may hold an accepted message
   * @param document what becomes of the run's document
   */
  private record Ending(long last, ObjectNode document) {}

  /** Ends the thread when what is left cannot be written in time. */
  private static final class GaveUp extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Makes the thread; {@link #start} starts it.
   *
   * @param state where the run stood when it was opened
   */
  Writer(
      Ring ring,
      Metrics metrics,
      JournalWriter journal,
      BoardClock clock,
      Reports reports,
      boolean strict,
      RunState state,
      String run) {
    this.ring = ring;
    this.slots = ring.slots();
    this.metrics = metrics;
    this.journal = journal;
    this.clock = clock;
    this.reports = reports;
    this.strict = strict;
    this.parcels = new Parcels(ring);
    this.lastMicros = state.counters().micros();
    this.nextSeries = 1 + state.series().stream().mapToInt(SeriesName::id).max().orElse(-1);
    this.maxFrameSlots = Math.min(MAX_FRAME_SLOTS, ring.capacity() / FRAME_PART);
    this.smallSlots = ring.capacity() / SMALL_PART;
    long rest = REST_NANOS_PER_SLOT * ring.capacity();
    this.firstRestNanos = Math.min(Math.max(rest, MIN_REST_NANOS), MAX_FIRST_REST_NANOS);
    int doublings = 64 - Long.numberOfLeadingZeros(MAX_REST_NANOS / firstRestNanos - 1);
    this.restsBeforeDoze = doublings + 1;
    this.thread = new Thread(null, this, "tracker-writer-" + run, 0, false);
    this.thread.setDaemon(true);
    this.thread.setContextClassLoader(Writer.class.getClassLoader());
  }

  void start() {
    ring.takenBy(thread);
    thread.start();
  }

  // ---- the thread

  @Override
  public void run() {
    try {
      serveAndClose();
    } finally {
      ring.left();
    }
  }

  private void serveAndClose() {
    boolean died = false;
    try {
      serve();
    } catch (GaveUp e) {
      abandonedRows = countRows(ring.taken() + 1);
      abandon();
    } catch (Throwable e) {
      died = true;
      died(e);
    } finally { // also where what was left to be done, or said, failed
      awaitEnding();
      closeJournal();
      if (died) { // closing wrote what was encoded, if it could
        abandonedRows = countRows(journal.pendingBytes() == 0 ? next : ring.taken() + 1);
      }
    }
  }

  /** A journal that nobody writes any more is still there to be forced and read. */
  private void awaitEnding() {
    while (ending == null) {
      LockSupport.park(this);
      Thread.interrupted();
    }
  }

  private void closeJournal() {
    Thread.interrupted();
    for (int tries = 0; tries < MAX_TRIES_WITHOUT_MEMORY; tries++) {
      try {
        journal.close();
        return;
      } catch (OutOfMemoryError e) {
        LockSupport.parkNanos(MIN_RETRY_NANOS);
      } catch (IOException | RuntimeException | Error e) {
        reports.failed(e);
        concluded = false;
        return;
      }
    }
    concluded = false;
  }

  /** Serves on however full the heap is: whatever was being done is done again. */
  private void serve() throws GaveUp {
    while (true) {
      try {
        serveWhileThereIsMemory();
        return;
      } catch (OutOfMemoryError e) {
        awaitMemory(e);
      }
    }
  }

  private void awaitMemory(OutOfMemoryError cause) throws GaveUp {
    reports.failed(cause);
    if (overdue) {
      throw new GaveUp();
    }
    LockSupport.parkNanos(MIN_RETRY_NANOS);
    Thread.interrupted();
  }

  private void serveWhileThereIsMemory() throws GaveUp {
    int rests = 0;
    while (true) {
      long first = next;
      if (round()) {
        rests = 0;
        if (next - first <= smallSlots && ending == null) {
          rest(rests++);
        }
        continue;
      }
      Ending end = ending;
      if (end != null && next > end.last && (parcels.isEmpty() || overdue)) {
        conclude(end);
        return;
      }
      if (overdue) {
        throw new GaveUp(); // somebody claimed a slot and does not publish it
      }
      rest(rests++);
    }
  }

  /** Rests, longer the longer there has been nothing to do. */
  private void rest(int rests) {
    if (rests < restsBeforeDoze) {
      LockSupport.parkNanos(Math.min(firstRestNanos << rests, MAX_REST_NANOS));
    } else if (!ring.doze(next, DOZE_NANOS)) {
      // The board ends, or what is next cannot be taken yet: it may wait for parcels, or its caller
      // for a processor.
      LockSupport.parkNanos(MAX_REST_NANOS);
    }
    Thread.interrupted(); // nobody's business here, and it would keep the thread from resting
    lookAround();
  }

  /**
   * Takes what is in the ring, up to a frame, and what has come back packed to the journal; says
   * whether there was anything.
   */
  private boolean round() throws GaveUp {
    long first = ring.taken() + 1;
    encode();
    if (next == first && journal.pendingBytes() == 0 && parcels.encoded().isEmpty()) {
      return false; // a parcel may have come to nothing, and is settled all the same
    }
    warnWhereFilling();
    if (!hasNews && parcels.encoded().isEmpty()) {
      journal.letWait();
    }
    write();
    if (holdsPayload) {
      letGoOfPayload(first, next);
      holdsPayload = false;
    }
    hasNews = false;
    settleParcels();
    ring.take(next - 1);
    lookAround();
    return true;
  }

  private void lookAround() {
    if (clock.align(System.nanoTime())) {
      reportForcing();
    }
  }

  /** Reports what the thread that forces journals ran into; it has nobody to tell. */
  private void reportForcing() {
    Throwable trouble = journal.trouble().orElse(null);
    if (trouble != null) {
      reports.failed(trouble);
      if (reports.isFirst("force")) {
        warnedOfForcing = true;
        reports.later(
            "the journal cannot be forced to the disk: what was logged since survives the end of"
                + " the process but not a power cut: written="
                + journal.writtenRows()
                + " durable="
                + journal.durableRows(),
            trouble);
      }
    } else if (warnedOfForcing) {
      warnedOfForcing = false;
      reports.later("the journal is forced again: durable=" + journal.durableRows(), null);
    }
  }

  // ---- encoding

  private void encode() {
    long end = Math.min(ring.cursor(), next + maxFrameSlots - 1);
    parcels.encodePacked(journal, FRAME_BYTES);
    writeGaps();
    writePatches();
    while (next <= end && journal.pendingBytes() < FRAME_BYTES && ring.isPublished(next)) {
      if (!encodeNumber()) {
        int what = slots.what(next);
        if (what == Slots.REWIND) {
          encodeRewind();
          break;
        }
        holdsPayload |= encode(what);
        hasNews |= !isOfTheLibrary();
        next += slots.size(next);
      }
      writeGaps();
    }
  }

  /**
   * Encodes a log call of one number to a series that is known, as nearly all are, by few steps: a
   * program that has just begun interprets them.
   *
   * @return whether it was one, and there was room for it
   */
  private boolean encodeNumber() {
    if (!slots.isSingle(next)) {
      return false;
    }
    Metric metric = metrics.at(slots.metric(next));
    if (metric.id == Metric.NO_ID || !metric.isNumeric()) {
      return false;
    }
    try {
      journal.single(inOrder(slots.micros(next)), metric.id, slots.bits(next));
    } catch (RuntimeException | OutOfMemoryError e) {
      return false; // it will happen again, and be told
    }
    hasNews = true;
    next++;
    return true;
  }

  private boolean isOfTheLibrary() {
    return slots.what(next) == Slots.ROW_KEEPING_STEP && slots.step(next) == Slots.OF_THE_LIBRARY;
  }

  /** Encodes the next message, and says whether there is payload in it. */
  private boolean encode(int what) {
    switch (what) {
      case Slots.ROW, Slots.ROW_KEEPING_STEP, Slots.ROW_AT_STEP -> {
        return encodeRow();
      }
      case Slots.CONSOLE -> {
        encodeLine();
        return true;
      }
      case Slots.PATCH -> {
        encodePatch();
        return true;
      }
      case Slots.NEXT_GLOBAL_STEP -> journal.addGlobalStep(1);
      case Slots.GLOBAL_STEP -> journal.globalStep(slots.step(next));
      default -> {}
    }
    return false;
  }

  /**
   * Encodes a rewind if nothing else is to go into the same frame, and no parcel of an earlier log
   * call is on its way; otherwise it waits until that is written.
   */
  private void encodeRewind() {
    if (journal.pendingBytes() == 0 && parcels.isEmpty()) {
      journal.rewind(slots.step(next), slots.bits(next));
      next += slots.size(next);
    }
  }

  private boolean encodeRow() {
    try {
      return slots.metric(next) == Slots.NO_METRIC ? encodeLargeRow() : encodeSlots();
    } catch (RuntimeException e) {
      lose(e);
    } catch (OutOfMemoryError e) {
      loseUnlessThereMayBeMemory(e);
    }
    return true;
  }

  private void encodeLine() {
    try {
      long micros = inOrder(slots.micros(next));
      String line = (String) Objects.requireNonNull(slots.payload(next));
      journal.console(ConsoleStream.of((int) slots.step(next)), micros, line);
    } catch (RuntimeException e) {
      lose(e);
    } catch (OutOfMemoryError e) {
      loseUnlessThereMayBeMemory(e);
    }
  }

  private void encodePatch() {
    try {
      journal.run((byte[]) Objects.requireNonNull(slots.payload(next)));
    } catch (RuntimeException | OutOfMemoryError e) {
      lose(e);
    }
  }

  /** Returns a time, put off where it would run backwards. */
  private long inOrder(long micros) {
    lastMicros = Math.max(micros, lastMicros);
    return lastMicros;
  }

  /** Has a message tried again, some times, that the heap has no room for now. */
  private void loseUnlessThereMayBeMemory(OutOfMemoryError cause) {
    journal.cancelRow();
    triesWithoutMemory = triedWithoutMemory == next ? triesWithoutMemory + 1 : 1;
    triedWithoutMemory = next;
    if (triesWithoutMemory < MAX_TRIES_WITHOUT_MEMORY) {
      throw cause;
    }
    lose(cause);
  }

  /** Counts a row, a console line or a patch that could not be encoded. */
  private void lose(Throwable cause) {
    journal.cancelRow();
    reports.failed(cause);
    ring.losses().add(next, slots.what(next), slots.step(next), slots.micros(next), false);
    if (reports.isFirst("encode")) {
      reports.later(
          "a log call, console line or change of the run's config, tags or notes could not be encoded and is lost: values="
              + slots.size(next),
          cause);
    }
  }

  private boolean encodeSlots() {
    long end = next + slots.size(next);
    int parcelled = 0;
    boolean hasPayload = false;
    for (long at = next; at < end; at++) {
      Object payload = slots.payload(at);
      declare(metrics.at(slots.metric(at)), payload);
      parcelled += payload instanceof Parcel ? 1 : 0;
      hasPayload |= payload != null;
    }
    Parcel.OpenRow open = parcelled == 0 ? null : new Parcel.OpenRow(next, parcelled);
    long step = beginRow(slots.size(next) - parcelled);
    for (long at = next; at < end; at++) {
      Object payload = slots.payload(at);
      if (!(payload instanceof Parcel)) {
        encodeValue(metrics.at(slots.metric(at)), slots.bits(at), (String) payload);
      }
    }
    if (open != null) {
      parcels.begin(open); // from here on nothing needs memory: the call is not encoded again
      for (long at = next; at < end; at++) {
        if (slots.payload(at) instanceof Parcel parcel) {
          slots.payload(at, null);
          send(parcel, open, step);
        }
      }
    }
    return hasPayload;
  }

  /** Has a parcel packed; from here on it answers for its bytes itself. */
  private void send(Parcel parcel, Parcel.OpenRow row, long step) {
    parcel.row = row;
    parcel.step = step;
    parcel.globalStep = journal.globalStep();
    parcel.micros = lastMicros;
    parcels.send(parcel, journal);
  }

  private boolean encodeLargeRow() {
    LargeRow row = (LargeRow) Objects.requireNonNull(slots.payload(next));
    int size = row.metrics.length;
    int parcelled = 0;
    for (int i = 0; i < size; i++) {
      declare(metrics.at(row.metrics[i]), row.payloads[i]);
      parcelled += row.payloads[i] instanceof Parcel ? 1 : 0;
    }
    Parcel.OpenRow open = parcelled == 0 ? null : new Parcel.OpenRow(next, parcelled);
    long step = beginRow(size - parcelled);
    for (int i = 0; i < size; i++) {
      if (!(row.payloads[i] instanceof Parcel)) {
        encodeValue(metrics.at(row.metrics[i]), row.bits[i], (String) row.payloads[i]);
      }
    }
    if (open != null) {
      parcels.begin(open); // see encodeSlots
      for (@Nullable Object payload : row.payloads) {
        if (payload instanceof Parcel parcel) {
          slots.bits(next, slots.bits(next) - parcel.bytes);
          send(parcel, open, step);
        }
      }
    }
    return true;
  }

  /** Begins a row and returns its step. */
  private long beginRow(int values) {
    long micros = inOrder(slots.micros(next));
    long step = slots.what(next) == Slots.ROW_AT_STEP ? slots.step(next) : journal.nextStep();
    switch (slots.what(next)) {
      case Slots.ROW -> journal.beginRow(micros, values);
      case Slots.ROW_KEEPING_STEP -> journal.beginRowKeeping(micros, values);
      default -> journal.beginRowAt(slots.step(next), micros, values);
    }
    return step;
  }

  private void encodeValue(Metric metric, long bits, @Nullable String text) {
    switch (metric.kind) {
      case FLOAT64, INT64 -> journal.value(metric.id, bits);
      case BOOL -> journal.bool(metric.id, bits != 0);
      case STRING -> journal.text(metric.id, Objects.requireNonNull(text));
      default -> throw new IllegalStateException("value is no parcel: metric=" + metric);
    }
  }

  private void declare(Metric metric, @Nullable Object payload) {
    declare(metric);
    if (payload instanceof Parcel parcel) {
      parcel.companions.forEach(this::declare);
      parcels.prepare(metric);
    }
  }

  /**
   * Gives a series its number, at its first use. The columns of a table come in the same frame: who
   * has the one has the other.
   */
  private void declare(Metric metric) {
    if (metric.id == Metric.NO_ID) {
      TableSchema schema = metric.schema();
      if (schema != null) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.set(RunDocument.TABLE + metric.name, schema.toJson());
        journal.run(Json.bytes(patch));
      }
      journal.series(nextSeries, metric.kind, metric.name);
      metric.id = nextSeries++;
    }
  }

  /** Puts the losses that stand before the next message into the journal. */
  private void writeGaps() {
    while (true) {
      if (gap == null && next > ring.losses().firstAfter()) {
        gap = ring.losses().poll();
      }
      if (gap == null) {
        return;
      }
      write(gap);
      gap = null;
    }
  }

  /** Puts all losses that are left into the journal, and has later ones be none of its business. */
  private void writeLastGaps() {
    ring.losses().end();
    for (gap = gap == null ? ring.losses().poll() : gap; gap != null; gap = ring.losses().poll()) {
      write(gap);
    }
  }

  private void write(Losses.Gap gap) {
    gap.patches.forEach(journal::run);
    if (gap.rows > 0) {
      journal.gap(gap.rows, gap.fromMicros, gap.toMicros);
    }
    if (gap.setsGlobalStep) {
      journal.globalStep(gap.globalStep);
    }
    if (gap.globalSteps > 0) {
      journal.addGlobalStep(gap.globalSteps);
    }
    unwrittenPatches += gap.patches.size();
  }

  /** Puts into the journal what has become of the run's document. */
  private void writePatches() {
    for (ObjectNode patch = patches.peek(); patch != null; patch = patches.peek()) {
      journal.run(Json.bytes(patch));
      patches.remove();
    }
  }

  private void letGoOfPayload(long from, long to) {
    for (long at = from; at < to; at++) {
      Object payload = slots.payload(at);
      if (payload instanceof String text) {
        ring.release(Draft.bytes(text));
      } else if (payload instanceof Parcel parcel) {
        ring.release(parcel.bytes); // of a log call that could not be encoded
      } else if (payload != null) {
        ring.release(slots.bits(at));
      }
      slots.payload(at, null);
    }
  }

  /** What came back packed is in the journal now; says so, and counts what could not be packed. */
  private void settleParcels() {
    Parcel.Line encoded = parcels.encoded();
    for (Parcel parcel = encoded.first(); parcel != null; parcel = encoded.after(parcel)) {
      Throwable failure = parcel.failure();
      if (failure != null) {
        failedToPack(parcel, failure);
      }
    }
    parcels.settle();
  }

  private void failedToPack(Parcel parcel, Throwable cause) {
    reports.failed(cause);
    if (parcel.packed().isEmpty()) {
      ring.losses().add(next - 1, Slots.ROW, 0, parcel.micros, false);
    }
    if (reports.isFirst("pack", parcel.metric.name)) {
      reports.later(
          "a value could not be packed, further ones of its series are counted: metric='"
              + parcel.metric.name
              + "' step="
              + parcel.step
              + " cause="
              + cause,
          cause);
    }
  }

  // ---- writing

  /** Writes what is encoded, however often it takes. */
  private void write() throws GaveUp {
    while (true) {
      attempts = ++attempt;
      try {
        if (journal.pendingBytes() > 0) {
          journal.write();
        }
        unwrittenPatches = 0;
        if (strict) {
          journal.force();
        }
        succeeded();
        return;
      } catch (IOException | RuntimeException e) {
        failed(e);
      } catch (OutOfMemoryError e) {
        failedUnlessThereMayBeMemory(e);
      }
      pauseBeforeRetry();
    }
  }

  /**
   * Has callers wait rather than drop for a while: whoever filled the heap dies of it or lets go.
   */
  private void failedUnlessThereMayBeMemory(OutOfMemoryError cause) {
    if (++writesWithoutMemory < MAX_WRITES_WITHOUT_MEMORY) {
      reports.failed(cause);
      pauseNanos = 0;
    } else {
      failed(cause);
    }
  }

  private void succeeded() {
    pauseNanos = 0;
    writesWithoutMemory = 0;
    if (ring.isFailing()) {
      ring.failing(false);
      reports.later("the journal can be written again: dropped=" + ring.losses().rows(), null);
    }
  }

  private void failed(Throwable cause) {
    reports.failed(cause);
    failedAttempt = attempt;
    if (!ring.isFailing()) {
      ring.failing(true);
      warnOf(cause);
    }
  }

  private void warnOf(Throwable cause) {
    try {
      reports.later(
          "the journal cannot be written: training goes on, and what does not fit into the queue is"
              + " dropped and counted: "
              + state()
              + " (disk full, or the folder gone?)",
          cause);
    } catch (OutOfMemoryError e) {
      reports.failed(e); // health tells
    }
  }

  private String state() {
    return "queued="
        + ring.queued()
        + " capacity="
        + ring.capacity()
        + " dropped="
        + ring.losses().rows();
  }

  private void pauseBeforeRetry() throws GaveUp {
    pauseNanos = Math.min(Math.max(2 * pauseNanos, MIN_RETRY_NANOS), MAX_RETRY_NANOS);
    long start = System.nanoTime();
    while (System.nanoTime() - start < pauseNanos && !wantsRetry) {
      if (overdue) {
        throw new GaveUp();
      }
      LockSupport.parkNanos(MIN_RETRY_NANOS);
      Thread.interrupted();
      lookAround();
    }
    wantsRetry = false;
  }

  private void warnWhereFilling() {
    if (warnedOfFilling || ring.isFailing()) {
      return;
    }
    long queued = ring.queued();
    long bytes = ring.queuedBytes();
    if (queued > ring.capacity() * 4L / 5 || bytes > ring.maxBytes() / 5 * 4) {
      warnedOfFilling = true;
      reports.later(
          "the queue is more than 80 % full: queued="
              + queued
              + " capacity="
              + ring.capacity()
              + " bytes="
              + bytes
              + " maxBytes="
              + ring.maxBytes()
              + " (log less often, bin histograms before logging them, use compact precision, or"
              + " raise queueCapacity and queueBytes)",
          null);
    }
  }

  private void died(Throwable cause) {
    reports.failed(cause);
    abandon();
    reports.later("the board's writer died, what is logged from now on is lost: " + state(), cause);
  }

  private void abandon() {
    ring.died();
    Losses.Gap inHand = gap;
    ring.losses().abandon(unwrittenPatches + (inHand == null ? 0 : inHand.patches.size()));
  }

  // ---- ending

  private void conclude(Ending end) throws GaveUp {
    writeLastGaps();
    abandonParcels();
    writePatches();
    journal.run(Json.bytes(end.document));
    write();
    while (true) {
      try {
        journal.force();
        break;
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        failed(e);
      }
      pauseBeforeRetry();
    }
    succeeded();
    concluded = true;
  }

  /** Gives up what could not be packed before the deadline. */
  private void abandonParcels() {
    if (!parcels.isEmpty()) {
      abandonedRows =
          parcels.abandon(new TimeoutException("the board ended before this was packed"), journal);
    }
  }

  /**
   * Counts the accepted log calls and console lines that are not in the journal: those in the ring
   * from a slot on, and those before it that lack values.
   */
  private long countRows(long from) {
    long rows = parcels.openRowsBefore(from);
    long end = ring.cursor();
    for (long at = from; at <= end && ring.isPublished(at); at += slots.size(at)) {
      if (Slots.isCounted(slots.what(at))) {
        rows++;
      }
    }
    return rows;
  }

  // ---- any thread

  /**
   * Has the thread put everything up to a slot, and then the run's last words, onto stable storage;
   * and end. Waits for that, however long it takes while the thread gets on, else as long as it is
   * told.
   *
   * @return whether the thread has ended, so that the journal may be closed
   */
  boolean end(long last, ObjectNode document, long patience) {
    ending = new Ending(last, document);
    retry();
    try {
      return awaitEnd(patience);
    } finally {
      overdue = true;
    }
  }

  private boolean awaitEnd(long patience) {
    boolean interrupted = false;
    long taken = ring.taken();
    long waited = 0;
    long idle = 0;
    while (thread.isAlive()) {
      long start = System.nanoTime();
      try {
        thread.join(LOOK_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      // A process that stood still has not waited: the thread could not get on meanwhile.
      long look = Math.min(System.nanoTime() - start, LONGEST_LOOK_NANOS);
      waited += look;
      idle += look;
      overdue = waited >= patience - FAREWELL_NANOS;
      if (taken != ring.taken()) {
        taken = ring.taken();
        idle = 0;
      } else if (waited >= patience && idle >= Math.min(GRACE_NANOS, patience)) {
        break;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  /**
   * Has the thread change the run's document, before whatever is logged from now on. Returns at
   * once; does nothing when the run has ended.
   */
  void patch(ObjectNode document) {
    patches.add(document);
    ring.wakeTaker();
  }

  /** Has the thread look at once, also where it pauses because the journal cannot be written. */
  void retry() {
    wantsRetry = true;
    ring.wakeTaker();
  }

  /**
   * Waits until all that was put into the ring before is in the journal.
   *
   * @return whether it is; if not, the journal cannot be written, which was tried again meanwhile
   */
  boolean awaitWritten() {
    long target = ring.cursor();
    long attemptsBefore = attempts;
    retry();
    boolean interrupted = false;
    for (int tries = 0; ring.settled() < target; tries++) {
      if (!thread.isAlive()
          || ring.isDead()
          || (ring.isFailing() && failedAttempt > attemptsBefore)) {
        break;
      }
      interrupted |= ring.pause(tries);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return ring.settled() >= target || concluded;
  }

  /** Returns how many log calls were lost, not by the user's choice, since this was last asked. */
  synchronized long takeUnreportedLosses() {
    long forcing = journal.lostRows() - reportedForcing;
    reportedForcing += forcing;
    return ring.losses().takeUnreported() + forcing;
  }

  /** Returns how many log calls have values that are still being packed. */
  long openRows() {
    return parcels.openRows();
  }

  /** Returns how many log calls are lost, for whatever reason. */
  long lostRows() {
    return ring.losses().rows() + journal.lostRows() + abandonedRows;
  }

  /** Says whether everything, the run's last words included, is on stable storage. */
  boolean isConcluded() {
    return concluded;
  }

  /** Returns how many accepted log calls were left when the thread gave up, or died. */
  long abandonedRows() {
    return abandonedRows;
  }
}
