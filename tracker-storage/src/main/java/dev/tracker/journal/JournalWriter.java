package dev.tracker.journal;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run's journal. To read one, use {@link JournalReader}.
 *
 * <p>Records gather in memory until {@link #write} appends them as one frame. What is {@link
 * #written} survives the end of the process and is seen by readers; what is {@link #durable}
 * survives a power cut.
 *
 * <p>Assumes:
 *
 * <ul>
 *   <li>nobody else writes the run;
 *   <li>the methods that gather and {@link #write} are called by one thread, the writer. The others
 *       may be called by any thread.
 * </ul>
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>records are in the journal in the order given, each once;
 *   <li>a frame that could not be written stays pending, and the next {@link #write} tries it in a
 *       new segment;
 *   <li>what could not be forced is written again, to a new segment, before it counts as durable: a
 *       failed force is never retried on the same file. What cannot even be read back becomes a gap
 *       ({@link #lostRows});
 *   <li>nothing counts as durable, and no segment is made, while the folder's name leads nowhere or
 *       to another folder;
 *   <li>{@link #written} and {@link #durable} never go back.
 * </ul>
 *
 * <p>The writer waits for writing into the page cache, now and then for making a segment of 1 MB,
 * and never for a disk to be forced, unless it calls {@link #force} itself.
 */
public final class JournalWriter implements AutoCloseable {
  private static final long FIRST_SEGMENT_BYTES = 1L << 20;
  private static final long LARGEST_SEGMENT_BYTES = 32L << 20;

  /**
   * How much of a spare is filled and forced at a time, so that forcing a journal never waits long.
   */
  private static final long SPARE_STEP_BYTES = 1L << 20;

  private static final int SMALLEST_BUFFER_BYTES = 64 * 1024;
  private static final int LARGEST_BUFFER_BYTES = 1024 * 1024;

  /** What was written is forced after this long: a power cut costs at most a second. */
  private static final long FORCE_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(900);

  private static final long RETRY_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path folder;
  private final FileLayer files;

  /** What tells the folder from another that takes its name. */
  private final Object identity;

  private final FrameEncoder encoder;
  private final SegmentFormat.Checksum checksum = new SegmentFormat.Checksum();
  private ByteBuffer direct = ByteBuffer.allocateDirect(SMALLEST_BUFFER_BYTES);
  private final SyncThread.Entry sync =
      SyncThread.INSTANCE.entry(this::forceOnSchedule, this::prepareOnSchedule);
  private final AtomicLong temporaries = new AtomicLong();

  // -- locks, in the order in which they may be taken; a thread may leave some out

  /** One thread forces at a time. Guards the two that follow. */
  private final Object forcing = new Object();

  private boolean parentForced;

  /** Whether the latest force of the folder by {@link #forceFolder} failed. */
  private boolean folderFailed;

  /** One thread prepares at a time. Guards {@link #filling}. */
  private final Object preparing = new Object();

  private @Nullable SpareFile filling;

  /** One thread releases at a time. Guards {@link #garbage}. */
  private final Object releasing = new Object();

  /** Segments that are out of {@link #segments} and may still be in the folder. */
  private final ArrayDeque<Segment> garbage = new ArrayDeque<>();

  /**
   * Guards what follows, and the frames and flags of segments. The writer holds it while it writes,
   * nobody forces under it.
   */
  private final Object appending = new Object();

  /** The segments of the folder in journal order. */
  private final List<Segment> segments = new ArrayList<>();

  /** The one that is written to, always the last; null when the next frame needs a new one. */
  private @Nullable Segment current;

  private @Nullable SpareFile spare;
  private long nextSegmentBytes = FIRST_SEGMENT_BYTES;

  /** The last name given, whether the file came to be or not. */
  private SegmentName lastName = new SegmentName(-1, 0);

  /** Whether the folder was forced since there is a segment in it. */
  private boolean anchored;

  /** Whether {@link #anchor} is forcing the folder, or failed to. */
  private volatile boolean anchorFailed;

  /** Whether {@link #sync} was asked to force and has not begun. */
  private boolean forceAsked;

  /** Waited on by {@link #awaitDurable}; guards {@link #failures} and {@link #lastFailure}. */
  private final Object progress = new Object();

  private long failures;
  private @Nullable IOException lastFailure;

  // -- written under the locks, read without

  /** By the writer, under {@link #appending}, after the bytes are in the file. */
  private volatile Counters counters;

  private volatile long writtenRows;

  /** Under {@link #forcing} and {@link #appending}, after the force. */
  private volatile long durable;

  private volatile long durableRows;
  private volatile long lostRows;

  /** Under {@link #appending}. */
  private volatile long bytes;

  private volatile boolean closed;

  /**
   * By the writer: up to where records should be sealed soon, and whether those to come can wait.
   */
  private volatile long dueForSealing;

  private boolean canWait;

  /** By whoever wants to hear; called under {@link #appending}. */
  private volatile @Nullable Consumer<String> segmentListener;

  /** By whoever meets it. */
  private volatile @Nullable IOException trouble;

  private JournalWriter(Path folder, Counters start, FileLayer files) throws IOException {
    this.folder = folder;
    this.files = files;
    this.identity = files.identity(folder);
    this.encoder = new FrameEncoder(start);
    this.counters = start;
    this.durable = start.position();
  }

  /**
   * Opens a journal for going on at a position, in a segment of its own.
   *
   * <p>Segments that begin beyond {@code start} are deleted: a power cut had taken what lay before
   * them, and a reader had found that the journal ends at {@code start}. A journal that goes on
   * beyond {@code start} is refused.
   *
   * @param folder the journal's folder; made if it is missing. Its parent's entry in turn is the
   *     caller's to force
   * @param start the run's counters where the journal ends
   * @param files the file operations
   */
  public static JournalWriter open(Path folder, Counters start, FileLayer files)
      throws IOException {
    files.createFolder(folder);
    refuseIfItGoesOn(folder, start.position(), files);
    JournalWriter journal = new JournalWriter(folder, start, files);
    deleteUnfinished(folder, files);
    for (SegmentName name : SegmentName.in(folder, files)) {
      if (name.first() > start.position()) {
        files.delete(name.file(folder));
      } else {
        journal.segments.add(
            Segment.earlier(name, name.file(folder), files.size(name.file(folder))));
      }
    }
    journal.begin();
    return journal;
  }

  private static void refuseIfItGoesOn(Path folder, long start, FileLayer files)
      throws IOException {
    try (JournalReader reader = JournalReader.open(folder, start, files)) {
      if (reader.nextFrame()) {
        throw new IOException(
            "journal goes on beyond the position to continue at: folder="
                + folder
                + " start="
                + start
                + " found="
                + reader.frameEnd()
                + " (not read to its end before?)");
      }
    }
  }

  private static void deleteUnfinished(Path folder, FileLayer files) throws IOException {
    for (String name : files.list(folder)) {
      if (name.startsWith(SegmentName.UNFINISHED)) {
        files.delete(folder.resolve(name));
      }
    }
  }

  private void begin() throws IOException {
    synchronized (appending) {
      for (Segment segment : segments) {
        use(segment.end());
      }
      if (!segments.isEmpty()) {
        durable = segments.get(0).name().first(); // the earlier writer may not have forced them
      }
      roll(0);
      forceAsked = true;
      sync.forceWithin(0); // the folder's entry for the segment
    }
    sync.start();
  }

  /**
   * Sets who hears the name of each new segment, on the thread that writes; it must not wait or
   * throw.
   */
  public void onSegment(Consumer<String> listener) {
    segmentListener = listener;
  }

  // -- the writer: gathering

  /** Adds the first use of a series. */
  public void series(int id, Kind kind, String name) {
    encoder.series(id, kind, name);
  }

  /** Begins a row that takes the next step. Exactly {@code values} values must follow. */
  public void beginRow(long micros, int values) {
    encoder.row(micros, values);
  }

  /** Begins a row at the step that the next row will take, which stays. */
  public void beginRowKeeping(long micros, int values) {
    encoder.rowKeeping(micros, values);
  }

  /** Begins a row at its own step, and lifts the next step to {@code max(next, step + 1)}. */
  public void beginRowAt(long step, long micros, int values) {
    encoder.rowAt(step, micros, values);
  }

  /** Adds a row of one FLOAT64 or INT64 value, at the next step. */
  public void single(long micros, int series, long bits) {
    encoder.single(micros, series, bits);
  }

  /** Adds a FLOAT64 or INT64 value to the row. */
  public void value(int series, long bits) {
    encoder.value(series, bits);
  }

  /** Adds a BOOL value to the row. */
  public void bool(int series, boolean value) {
    encoder.bool(series, value);
  }

  /** Adds a STRING value to the row; surrogates without a partner become U+FFFD. */
  public void text(int series, String value) {
    encoder.text(series, value);
  }

  /** Takes back the row that was begun, if it lacks values: for a caller that cannot give them. */
  public void cancelRow() {
    encoder.cancelRow();
  }

  /** Sets the global step. */
  public void globalStep(long value) {
    encoder.globalStep(value);
  }

  /**
   * Makes all rows before void whose step is greater, lets the steps go on after it, and sets the
   * global step.
   *
   * <p>It takes a frame of its own: nothing may be pending, and {@link #write} must follow before
   * anything else is added.
   */
  public void rewind(long step, long globalStep) {
    encoder.rewind(step, globalStep);
  }

  /** Adds to the global step. */
  public void addGlobalStep(long n) {
    encoder.addGlobalStep(n);
  }

  /** Adds that rows were dropped here, and when they were logged. */
  public void gap(long rows, long fromMicros, long toMicros) {
    encoder.gap(rows, fromMicros, toMicros);
  }

  /**
   * Adds a line that the program printed, without its end.
   *
   * @throws IllegalArgumentException if it holds a CR or LF
   */
  public void console(ConsoleStream stream, long micros, String line) {
    encoder.console(stream, micros, line);
  }

  /**
   * Adds a value of a row that was added before, of a kind that is not {@linkplain Kind#isScalar()
   * scalar}. It moves no counter.
   *
   * @param series the series' number
   * @param step the row's step
   * @param globalStep the row's global step
   * @param micros the row's time
   * @param value in the form of its kind
   */
  public void entry(int series, long step, long globalStep, long micros, byte[] value) {
    encoder.entry(series, step, globalStep, micros, value);
  }

  /** Returns the step that the next row takes. */
  public long nextStep() {
    return encoder.nextStep();
  }

  /** Returns the global step of the next row. */
  public long globalStep() {
    return encoder.globalStep();
  }

  /** Adds a patch to the run's document. */
  public void run(byte[] json) {
    encoder.run(json);
  }

  /** Returns how many bytes wait to be written. */
  public int pendingBytes() {
    return encoder.pendingBytes();
  }

  /** Returns how many rows wait to be written. */
  public int pendingRows() {
    return encoder.pendingRows();
  }

  // -- the writer: writing

  /**
   * Appends what is pending as one frame; nothing if nothing is. When it returns, readers see it.
   *
   * <p>When it throws, what was pending still is, and the next call tries it in a new segment.
   * Records may be added meanwhile; they become a frame of their own.
   */
  public void write() throws IOException {
    for (Frame frame = encoder.cut(); frame != null; frame = encoder.cut()) {
      synchronized (appending) {
        append(frame);
      }
      encoder.accept();
    }
    if (!canWait) {
      dueForSealing = written();
    }
    canWait = false;
  }

  private void append(Frame frame) throws IOException {
    if (closed) {
      throw new IOException("journal is closed: folder=" + folder);
    }
    Segment segment = current;
    if (segment == null || !segment.hasRoom(frame.length())) {
      segment = roll(frame.length());
    }
    byte[] frameBytes = encoder.bytes();
    checksum.stamp(frameBytes, 0, frame.length(), segment.nonce(), segment.end(), durable);
    try {
      segment.write(frameBytes, frame.length(), directFor(frame.length()));
    } catch (IOException | RuntimeException | Error e) {
      current = null;
      closeIfForced(segment);
      throw e;
    }
    segment.add(frame);
    long rowsBefore = writtenRows;
    use(frame.length());
    writtenRows = rowsBefore + frame.rows();
    counters = frame.after();
    askSync(segment);
  }

  private void askSync(Segment segment) {
    if (!forceAsked) {
      forceAsked = true;
      sync.forceWithin(FORCE_WITHIN_NANOS);
    }
    if (!segment.spareAsked && segment.isHalfFull()) {
      segment.spareAsked = true;
      if (spare == null) {
        sync.prepare();
      }
    }
  }

  private void use(long more) {
    long used = bytes;
    bytes = used + more;
  }

  private ByteBuffer directFor(int length) {
    if (length > direct.capacity() && direct.capacity() < LARGEST_BUFFER_BYTES) {
      int wanted = Integer.highestOneBit(Math.min(length, LARGEST_BUFFER_BYTES) - 1) << 1;
      direct = ByteBuffer.allocateDirect(wanted);
    }
    return direct;
  }

  /** Makes a new segment the current one, with room for a frame. */
  private Segment roll(int frameLength) throws IOException {
    requireFolder();
    SpareFile file = spare;
    spare = null;
    long wanted = SegmentFormat.HEADER_BYTES + (long) frameLength;
    if (file != null && file.filled() < wanted) {
      file.discard(new IOException("spare is too small"));
      file = null;
    }
    if (file == null) {
      file = SpareFile.create(temporary(), files);
    }
    Segment made;
    try {
      file.fill(Math.max(FIRST_SEGMENT_BYTES, wanted));
      anchor();
      made = file.become(newName(counters.position()), folder);
    } catch (IOException | RuntimeException | Error e) {
      file.discard(e);
      throw e;
    }
    insert(made); // first: what is current must be forced
    Segment full = current;
    current = made;
    nextSegmentBytes = Math.min(LARGEST_SEGMENT_BYTES, 2 * nextSegmentBytes);
    if (full != null) {
      closeIfForced(full);
    }
    Consumer<String> listener = segmentListener;
    if (listener != null) {
      listener.accept(made.path().getFileName().toString());
    }
    return made;
  }

  /** A file that is open can be written and forced wherever it is, also where nobody finds it. */
  private void requireFolder() throws IOException {
    Object found;
    try {
      found = files.identity(folder);
    } catch (NoSuchFileException e) {
      found = "none";
    }
    if (!identity.equals(found)) {
      throw new IOException(
          "journal folder is not where it was: folder="
              + folder
              + " expected="
              + identity
              + " found="
              + found
              + " (was the run deleted, moved or renamed? logging recovers once it is back)");
    }
  }

  /** Puts a segment in its place among the others. */
  private void insert(Segment made) {
    int at = segments.size();
    while (at > 0 && segments.get(at - 1).name().compareTo(made.name()) > 0) {
      at--;
    }
    segments.add(at, made);
    use(made.end());
    deleteSuperseded();
  }

  /**
   * Deletes segments that another one of the same first position leaves nothing of. The first
   * segment of all stays until the other is sure to be there after a power cut.
   */
  private void deleteSuperseded() {
    for (int i = segments.size() - 2; i >= 0; i--) {
      Segment segment = segments.get(i);
      Segment next = segments.get(i + 1);
      if (segment.name().first() == next.name().first()
          && segment.unforced.isEmpty()
          && (i > 0 || next.entered)) {
        segments.remove(i);
        use(-segment.end());
        try {
          segment.close();
          files.delete(segment.path());
        } catch (IOException e) {
          trouble = e; // it holds nothing that counts
        }
      }
    }
  }

  /**
   * Forces the folder before a second segment gets its name, if nobody has: so that after a power
   * cut the second is not there without the first. File systems that keep the order of changes do
   * so anyhow; so a failure here is left to {@link #force}, and writing goes on.
   */
  private void anchor() {
    if (!anchored && !segments.isEmpty()) {
      try {
        anchorFailed = true;
        files.forceFolder(folder);
        anchorFailed = false;
        anchored = true;
      } catch (IOException e) {
        trouble = e;
      }
    }
  }

  private Path temporary() {
    return folder.resolve(SegmentName.UNFINISHED + "-" + temporaries.getAndIncrement());
  }

  private SegmentName newName(long first) {
    int serial = lastName.first() == first ? lastName.serial() + 1 : 0;
    for (Segment segment : segments) {
      if (segment.name().first() == first) {
        serial = Math.max(serial, segment.name().serial() + 1);
      }
    }
    lastName = new SegmentName(first, serial);
    return lastName;
  }

  private void closeIfForced(Segment segment) {
    if (segment != current && segment.unforced.isEmpty()) {
      try {
        segment.close();
      } catch (IOException e) {
        trouble = e; // all of it is on stable storage: nothing depends on it
      }
    }
  }

  // -- any thread: how far it has come

  /** Returns the position up to which records are in the file. */
  public long written() {
    return counters.position();
  }

  /**
   * Returns the position up to which records are on stable storage. In a journal that is gone on
   * with it lies before {@link #written()} until what an earlier writer left has been forced.
   */
  public long durable() {
    return durable;
  }

  /** Says that what waits to be written need not be sealed soon. */
  public void letWait() {
    canWait = true;
  }

  /** Returns up to where records should be sealed soon. */
  public long dueForSealing() {
    return dueForSealing;
  }

  /**
   * Returns how many rows were written since the journal was opened, without those that were lost
   * again.
   */
  public long writtenRows() {
    return writtenRows;
  }

  /** Returns how many of the written rows are on stable storage. */
  public long durableRows() {
    return durableRows;
  }

  /**
   * Returns how many of the written rows and console lines were lost: they could neither be forced
   * nor read back, and a GAP record states them.
   */
  public long lostRows() {
    return lostRows;
  }

  /** Returns the counters after the last {@link #write}. */
  public Counters counters() {
    return counters;
  }

  /** Returns the bytes used in segments that are not released, headers included. */
  public long bytes() {
    return bytes;
  }

  /**
   * Returns what made the latest force fail, or the latest preparing; empty once a force succeeds.
   */
  public Optional<IOException> trouble() {
    return Optional.ofNullable(trouble);
  }

  // -- any thread: forcing

  /**
   * Returns when a position is on stable storage. An interrupt does not end the waiting; the flag
   * is kept.
   *
   * @param position at most {@link #written()}
   * @throws IOException what made forcing fail; waiting again tries again
   */
  public void awaitDurable(long position) throws IOException {
    if (durable >= position) {
      return;
    }
    if (position > written()) {
      throw new IllegalArgumentException(
          "position is not written yet: position=" + position + " written=" + written());
    }
    long seen;
    synchronized (progress) {
      seen = failures;
    }
    sync.forceWithin(0);
    boolean interrupted = false;
    try {
      synchronized (progress) {
        while (durable < position) {
          if (closed || failures != seen) {
            throw notDurable(position);
          }
          try {
            progress.wait();
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private IOException notDurable(long position) {
    return new IOException(
        "journal is not on stable storage: folder="
            + folder
            + " position="
            + position
            + " durable="
            + durable
            + (closed ? " (closed)" : ""),
        lastFailure);
  }

  /**
   * Forces what was written before the call. {@code tracker-sync} does so once a second and for
   * {@link #awaitDurable}; a writer that answers for each message calls it after {@link #write}.
   */
  public void force() throws IOException {
    synchronized (forcing) {
      if (closed) {
        return; // close() has said what is not on stable storage
      }
      try {
        requireFolder();
        replaceGivenUp();
        forceWritten();
        settle(null);
      } catch (IOException | RuntimeException e) {
        IOException failure =
            new IOException(
                "journal could not be forced: folder="
                    + folder
                    + " durable="
                    + durable
                    + " written="
                    + written(),
                e);
        settle(failure);
        throw failure;
      }
    }
  }

  private void settle(@Nullable IOException failure) {
    synchronized (progress) {
      trouble = failure;
      if (failure != null) {
        failures++;
        lastFailure = failure;
      }
      progress.notifyAll();
    }
  }

  /** A segment and how far it is written, at the moment when a force begins. */
  private record Target(Segment segment, long next) {}

  private void forceWritten() throws IOException {
    List<Target> targets = new ArrayList<>();
    List<Segment> unentered = new ArrayList<>();
    synchronized (appending) {
      for (int i = 0; i < segments.size(); i++) {
        Segment segment = segments.get(i);
        if (segment.isUnforced()) {
          targets.add(new Target(segment, endOf(i)));
        }
        if (!segment.entered) {
          unentered.add(segment);
        }
      }
    }
    forceEntries(unentered);
    for (Target target : targets) {
      try {
        forceSegment(target);
      } catch (IOException | RuntimeException e) {
        forceAnother(target.segment(), e);
      }
    }
  }

  private void forceEntries(List<Segment> unentered) throws IOException {
    if (unentered.isEmpty()) {
      return;
    }
    if (!parentForced) {
      Path parent = folder.toAbsolutePath().getParent();
      if (parent != null) {
        files.forceFolder(parent);
      }
      parentForced = true;
    }
    try {
      forceFolder();
    } catch (IOException e) {
      forceFolder();
    }
    synchronized (appending) {
      anchored = true;
      for (Segment segment : unentered) {
        segment.entered = true;
      }
      deleteSuperseded();
    }
  }

  /**
   * Forces the folder. After a failure that alone says nothing, so its entries are changed first.
   */
  private void forceFolder() throws IOException {
    if (folderFailed || anchorFailed) {
      SpareFile.create(temporary(), files).discard(new IOException());
    }
    folderFailed = true;
    files.forceFolder(folder);
    folderFailed = false;
  }

  /**
   * Returns the position after a segment's last frame; an earlier one ends where the next begins.
   */
  private long endOf(int index) {
    Segment segment = segments.get(index);
    return segment.isEarlier() ? segments.get(index + 1).name().first() : segment.next();
  }

  /**
   * Goes on after a segment could not be forced: with a copy of what was not yet on stable storage.
   */
  private void forceAnother(Segment failed, Exception reason) throws IOException {
    synchronized (appending) {
      if (!segments.contains(failed)) {
        return; // released meanwhile
      }
    }
    try {
      Segment copy = replace(failed);
      forceEntries(List.of(copy));
      forceSegment(new Target(copy, copy.next()));
    } catch (IOException | RuntimeException e) {
      if (!e.equals(reason)) {
        e.addSuppressed(reason);
      }
      throw e;
    }
  }

  private void forceSegment(Target target) throws IOException {
    Segment segment = target.segment();
    try {
      segment.force(files);
    } catch (IOException | RuntimeException e) {
      synchronized (appending) {
        segment.givenUp = true;
        if (current == segment) {
          current = null;
        }
      }
      throw e;
    }
    synchronized (appending) {
      long rows = 0;
      for (Frame frame = segment.unforced.peek();
          frame != null && frame.after().position() <= target.next();
          frame = segment.unforced.peek()) {
        rows += frame.rows();
        segment.unforced.remove();
      }
      segment.earlierForced = true;
      durableRows += rows;
      durable = target.next();
      closeIfForced(segment);
    }
    synchronized (progress) {
      progress.notifyAll();
    }
  }

  /** Writes the unforced frames of segments that were given up into new ones. */
  private void replaceGivenUp() throws IOException {
    List<Segment> givenUp = new ArrayList<>();
    synchronized (appending) {
      for (Segment segment : segments) {
        if (segment.givenUp && segment.isUnforced()) {
          givenUp.add(segment);
        }
      }
    }
    for (Segment segment : givenUp) {
      replace(segment);
    }
  }

  /**
   * Writes the unforced frames of a segment into a new one, which begins where the first of them
   * does; so the old one ends there. The writer has left the old one, and only who forces takes
   * frames from it: nothing changes meanwhile.
   */
  private Segment replace(Segment old) throws IOException {
    if (old.isEarlier()) {
      throw new IOException(
          "journal segment of an earlier session could not be forced: file="
              + old.path()
              + " durable="
              + durable
              + " (settled once it is sealed and released)");
    }
    List<Frame> frames;
    long offset;
    synchronized (appending) {
      frames = new ArrayList<>(old.unforced);
      offset = old.unforcedFrom();
    }
    List<Frame> written = new ArrayList<>();
    long lost = 0;
    long lostOthers = 0;
    SpareFile copy = SpareFile.create(temporary(), files);
    try {
      copy.fill(SegmentFormat.HEADER_BYTES);
      try (ReadBack source = new ReadBack(old.path(), old.nonce(), files)) {
        for (Frame frame : frames) {
          byte @Nullable [] found = source.read(frame, offset);
          offset += frame.length();
          if (found == null) {
            FrameEncoder standIn = FrameEncoder.standingFor(frame);
            written.add(append(copy, Objects.requireNonNull(standIn.cut()), standIn.bytes()));
            lost += frame.rows();
            lostOthers += frame.others();
          } else {
            written.add(append(copy, frame, found));
          }
        }
      }
      synchronized (appending) {
        Segment made = copy.become(newName(frames.get(0).before().position()), folder);
        written.forEach(made::add);
        old.unforced.clear();
        insert(made);
        closeIfForced(old);
        long lostBefore = lostRows;
        lostRows = lostBefore + lost + lostOthers;
        long rowsBefore = writtenRows;
        writtenRows = rowsBefore - lost;
        return made;
      }
    } catch (IOException | RuntimeException | Error e) {
      copy.discard(e);
      throw e;
    }
  }

  private Frame append(SpareFile copy, Frame frame, byte[] frameBytes) throws IOException {
    new SegmentFormat.Checksum()
        .stamp(frameBytes, 0, frame.length(), copy.nonce(), copy.filled(), durable);
    copy.append(frameBytes, frame.length(), ByteBuffer.allocateDirect(SMALLEST_BUFFER_BYTES));
    return frame;
  }

  // -- tracker-sync

  /** Forces, and asks for another try later if that fails. */
  private void forceOnSchedule() {
    synchronized (appending) {
      forceAsked = false;
    }
    try {
      force();
    } catch (IOException e) {
      retryLater(); // the failure is in trouble, and those who wait have got it
    } catch (Throwable e) {
      settle(new IOException("journal could not be forced: folder=" + folder, e));
      retryLater();
    }
  }

  private void retryLater() {
    synchronized (appending) {
      if (!closed && !forceAsked) {
        forceAsked = true;
        sync.forceWithin(RETRY_WITHIN_NANOS);
      }
    }
  }

  /**
   * Goes on preparing a spare, a step at a time.
   *
   * @return whether there is more to do
   */
  private boolean prepareOnSchedule() {
    synchronized (preparing) {
      if (closed) {
        return false;
      }
      try {
        return fillSpare();
      } catch (IOException | RuntimeException | Error e) {
        discardFilling(e);
        trouble = new IOException("journal segment could not be prepared: folder=" + folder, e);
        return false;
      }
    }
  }

  private boolean fillSpare() throws IOException {
    long wanted;
    synchronized (appending) {
      if (spare != null) {
        return false; // the writer asked again while the last piece of it was being forced
      }
      wanted = nextSegmentBytes;
    }
    SpareFile file = filling;
    if (file == null) {
      requireFolder();
      file = SpareFile.create(temporary(), files);
      filling = file;
    }
    file.fill(Math.min(wanted, file.filled() + SPARE_STEP_BYTES));
    file.force();
    if (file.filled() < wanted) {
      return true;
    }
    filling = null;
    synchronized (appending) {
      spare = file;
    }
    return false;
  }

  private void discardFilling(Throwable reason) {
    SpareFile file = filling;
    filling = null;
    if (file != null) {
      file.discard(reason);
    }
  }

  // -- any thread: releasing

  /**
   * Deletes the segments that lie wholly before a checkpoint, and are on stable storage. The last
   * one stays as long as the journal is open. The checkpoint itself must be on stable storage.
   *
   * @param checkpoint the position up to which everything is sealed
   * @throws IOException where a segment cannot be deleted; the next call tries again
   */
  public void release(long checkpoint) throws IOException {
    synchronized (releasing) {
      synchronized (appending) {
        while (isReleasable(checkpoint)) {
          Segment released = segments.remove(0);
          use(-released.end());
          garbage.add(released);
        }
      }
      for (Segment segment = garbage.peek(); segment != null; segment = garbage.peek()) {
        segment.close();
        files.delete(segment.path());
        garbage.remove();
      }
    }
  }

  private boolean isReleasable(long checkpoint) {
    if (segments.isEmpty() || (!closed && segments.size() == 1)) {
      return false;
    }
    if (closed) {
      return (segments.size() == 1 ? written() : segments.get(1).name().first()) <= checkpoint;
    }
    Segment next = segments.get(1);
    long end = next.name().first();
    return end <= checkpoint && next.entered && (end <= durable || segments.get(0).isEarlier());
  }

  /**
   * Deletes the segments of a run that nobody writes, as far as they lie before a checkpoint: all
   * of them where nothing lies beyond.
   *
   * @param folder the journal's folder
   * @param checkpoint the position up to which everything is sealed, on stable storage
   * @param files the file operations
   */
  public static void release(Path folder, long checkpoint, FileLayer files) throws IOException {
    List<SegmentName> names = SegmentName.in(folder, files);
    boolean goesOn = false;
    boolean unreachable = false;
    if (!names.isEmpty()) {
      try (JournalReader reader = JournalReader.open(folder, checkpoint, files)) {
        goesOn = reader.nextFrame();
      }
    }
    for (int i = names.size() - 1; i >= 0; i--) {
      if (names.get(i).first() > checkpoint) {
        unreachable = true;
      } else if (unreachable && !goesOn) {
        files.forceFolder(folder); // they must not come back alone
        unreachable = false;
      }
      if (!goesOn || (i + 1 < names.size() && names.get(i + 1).first() <= checkpoint)) {
        files.delete(names.get(i).file(folder));
      }
    }
    deleteUnfinished(folder, files);
  }

  // -- closing

  /**
   * Writes what is pending, forces, and closes the files; the segments stay. The writer calls it,
   * or someone else once the writer has ended. Closing again does nothing.
   *
   * @throws IOException where something is not on stable storage; the journal is closed all the
   *     same
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    IOException failure = null;
    try {
      encoder.cancelRow();
      write();
    } catch (IOException | RuntimeException e) {
      failure = new IOException("journal could not be written to its end: folder=" + folder, e);
    }
    sync.remove();
    try {
      force();
    } catch (IOException e) {
      if (failure != null) {
        e.addSuppressed(failure);
      }
      failure = e;
    }
    shut();
    settle(failure);
    if (failure != null) {
      throw failure;
    }
  }

  private void shut() {
    IOException leftBehind = new IOException("journal left something open: folder=" + folder);
    synchronized (forcing) {
      synchronized (preparing) {
        synchronized (appending) {
          closed = true;
        }
        discardFilling(leftBehind);
      }
    }
    // Nobody writes, forces or prepares from here on.
    synchronized (appending) {
      SpareFile unused = spare;
      spare = null;
      if (unused != null) {
        unused.discard(leftBehind);
      }
      try {
        if (current != null) {
          current.trim();
        }
        for (Segment segment : segments) {
          segment.close();
        }
      } catch (IOException e) {
        leftBehind.addSuppressed(e);
      }
      current = null;
    }
  }
}
