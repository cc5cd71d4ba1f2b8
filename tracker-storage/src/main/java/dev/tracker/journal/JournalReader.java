package dev.tracker.journal;

import dev.tracker.format.Counters;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a run's journal frame by frame, also while it is being written.
 *
 * <p>Assumes that positions given to it are frame boundaries: 0, a checkpoint, or what a reader
 * said. Guarantees that frames come in order, each position once, whatever happens to the segments
 * meanwhile: a segment that was opened stays readable when it is released.
 *
 * <p>Records that are damaged, and of which a later frame says that they had been on stable
 * storage, are a gap at the head of the first whole frame behind them, which begins where they did.
 *
 * <p>A folder without segments is an empty journal at any position. So who learned {@code from}
 * elsewhere, and finds nothing, must look there again: all may have been sealed and released in
 * between.
 *
 * <p>One thread uses a reader. It may be interrupted; that does no harm here.
 */
public final class JournalReader implements AutoCloseable {
  /**
   * How many files are held open, at most. What lies farther ahead is opened when it is reached.
   */
  private static final int OPEN_FILES = 512;

  private static final int LOOKS = 3;
  private static final RecordVisitor NOBODY = new RecordVisitor() {};

  private final Path folder;
  private final FileLayer files;
  private final FrameBuffer buffer = new FrameBuffer();
  private final RecordDecoder decoder = new RecordDecoder();

  /** The segments from the one that was read first on, in journal order. */
  private final TreeMap<SegmentName, SegmentReader> known = new TreeMap<>();

  /** The one of {@link #known} that is being read; null before any reaches to the position. */
  private @Nullable SegmentReader current;

  /** Whether there were any segments in the folder at the last look. */
  private boolean isListed;

  /** Where reading goes on. */
  private long position;

  /** How far reading has ever come: beyond {@link #position} while a further pass is made. */
  private long reached;

  /** The frame that was read last, if it is still in {@link #buffer}: its counters and its end. */
  private @Nullable Counters before;

  private @Nullable Counters after;
  private long end;

  /** How many records of the current frame are damaged ones before it, and the time before them. */
  private long damaged;

  private long damagedSince;

  /** The time before the frame that was read last. */
  private long latest = Long.MAX_VALUE;

  private boolean sawDamage;

  /** Where nothing was found behind the end; -1 before an end was reached. */
  private long searchedAt = -1;

  private JournalReader(Path folder, long from, FileLayer files) {
    this.folder = folder;
    this.position = from;
    this.reached = from;
    this.files = files;
  }

  /**
   * Opens a journal at a position. A missing folder is an empty journal.
   *
   * @param folder the journal's folder
   * @param from where to begin, a frame boundary
   * @param files the file operations
   * @throws JournalHoleException where the record at {@code from} is gone and later ones exist
   */
  public static JournalReader open(Path folder, long from, FileLayer files) throws IOException {
    JournalReader reader = new JournalReader(folder, from, files);
    try {
      reader.lookAround();
      reader.moveOn();
      for (int look = 2; look <= LOOKS && reader.current == null && reader.isListed; look++) {
        reader.lookAround();
        reader.moveOn();
      }
      if (reader.current == null && !reader.known.isEmpty()) {
        throw reader.hole(reader.known.firstKey().first());
      }
      return reader;
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** Whether there was no segment when the folder was last looked at. */
  public boolean isEmpty() {
    return !isListed;
  }

  /**
   * Goes on to the next frame.
   *
   * @return false at the end of what is there now; a later call may find more
   * @throws JournalHoleException where records are gone that had been on stable storage
   */
  public boolean nextFrame() throws IOException {
    before = null;
    if (readKnown() || (reopenedBlank() && readKnown())) {
      return true;
    }
    for (int look = 1; look <= LOOKS; look++) {
      boolean more = lookAround();
      if (!more && following() == null) {
        break;
      }
      // A segment gets its last frame before the next one is made. So now that a next one has been
      // seen, what the current one shows is all of it: it is read once more before it is left.
      if (readKnown()) {
        return true;
      }
    }
    SegmentReader next = following();
    if (next != null && current == null) {
      throw hole(next.name().first());
    }
    return passDamage(next);
  }

  /** Returns whether any records were damaged that had been on stable storage. */
  public boolean sawDamage() {
    return sawDamage;
  }

  /** Returns the position of the current frame's first record. */
  public long frameStart() {
    return before().position();
  }

  /** Returns the position after the current frame's last record. */
  public long frameEnd() {
    before();
    return end;
  }

  /** Returns the counters before the current frame. */
  public Counters before() {
    Counters counters = before;
    if (counters == null) {
      throw new IllegalStateException("no frame is current: position=" + position);
    }
    return counters;
  }

  /**
   * Returns the counters after the current frame. The first call costs a decoding, unless {@link
   * #decode} came before.
   */
  public Counters after() throws IOException {
    if (after == null) {
      decode(NOBODY);
    }
    Counters counters = after;
    if (counters == null) {
      throw new IllegalStateException("no frame is current: position=" + position);
    }
    return counters;
  }

  /** Delivers the records of the current frame. May be called again for the same frame. */
  public void decode(RecordVisitor visitor) throws IOException {
    Counters counters = before();
    if (damaged > 0) {
      visitor.gap(damaged, damagedSince, counters.micros());
    }
    try {
      decoder.decode(buffer.bytes(), buffer.payload(), buffer.payloadEnd(), counters, visitor);
    } catch (RecordDecoder.MalformedException e) {
      throw new IOException(
          "journal frame holds no records that are known here: folder="
              + folder
              + " position="
              + counters.position()
              + " "
              + e.getMessage()
              + " (written by a newer version?)",
          e);
    }
    after = new Counters(end, decoder.step(), decoder.globalStep(), decoder.latestMicros());
  }

  /** Returns the end of the last whole frame seen; where reading began before there was one. */
  public long position() {
    return position;
  }

  /**
   * Goes back to a frame boundary, for a further pass, or on to one, where a pass was left
   * half-way. There is no current frame until the next one is read.
   *
   * @param target a frame boundary from where reading began, or from what was last forgotten, to
   *     the end of the last frame that was ever read
   */
  public void seek(long target) throws IOException {
    SegmentReader holding = servedFrom(target);
    if (target > reached || (holding == null && target < reached)) {
      throw new IllegalArgumentException(
          "journal cannot be read from there: position=" + target + " reached=" + reached);
    }
    before = null;
    latest = Long.MAX_VALUE;
    position = target;
    current = holding;
    if (holding != null) {
      holding.rewind(target);
    }
  }

  /**
   * Lets go of the segments that lie wholly before a position. A reader that lives long calls this
   * now and then: segments that it holds take up the disk even after they were released. The
   * segment that was read last goes, too, where nothing is to be read in it and it was released.
   */
  public void forget(long before) throws IOException {
    SegmentReader holding = servedFrom(Math.min(before, position));
    while (holding != null && known.firstEntry().getValue() != holding) {
      known.pollFirstEntry().getValue().close();
    }
    if (holding != null
        && holding == current
        && before >= reached
        && known.size() == 1
        && !SegmentName.in(folder, files).contains(holding.name())) {
      known.clear();
      current = null;
      this.before = null;
      holding.close();
    }
  }

  /** Closes the segments. Closing again does nothing. */
  @Override
  public void close() throws IOException {
    before = null;
    current = null;
    IOException failure = null;
    for (SegmentReader reader : known.values()) {
      try {
        reader.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    known.clear();
    if (failure != null) {
      throw failure;
    }
  }

  /** Reads the next frame from the segments that are known. */
  private boolean readKnown() throws IOException {
    do {
      if (current != null && readFrom(current)) {
        return true;
      }
    } while (moveOn());
    return false;
  }

  /**
   * Opens the current segment again if nothing was read in it yet: it may have been released, and
   * another one been made that begins at the same position and so has its name.
   *
   * @return whether it was opened again
   */
  private boolean reopenedBlank() throws IOException {
    SegmentReader blank = current;
    if (blank == null || blank.servedTo() > blank.name().first()) {
      return false;
    }
    known.remove(blank.name());
    current = null;
    blank.close();
    return add(new SegmentReader(folder, blank.name(), files)) && moveOn();
  }

  private boolean readFrom(SegmentReader reader) throws IOException {
    long limit = Math.max(limit(reader), reader.servedTo());
    while (reader.next() < limit && read(reader) && reader.next() <= limit) {
      if (reader.next() > position) {
        accept(reader);
        return true;
      }
    }
    return false;
  }

  private boolean read(SegmentReader reader) throws IOException {
    try {
      if (!reader.isOpen()) {
        makeRoom();
      }
      return reader.read(buffer);
    } catch (NoSuchFileException e) { // released before it was opened
      JournalHoleException hole = hole(limit(reader));
      hole.initCause(e);
      throw hole;
    }
  }

  private void accept(SegmentReader reader) throws IOException {
    Counters found = buffer.before();
    if (found.position()
        < position) { // positions that are no boundaries, from a journal that is not this one
      throw hole(reader.next());
    }
    reader.serve(buffer);
    damaged = found.position() - position;
    damagedSince = Math.min(latest, found.micros());
    sawDamage |= damaged > 0;
    latest = found.micros();
    before = new Counters(position, found.step(), found.globalStep(), found.micros());
    after = null;
    end = reader.next();
    position = end;
    reached = Math.max(reached, end);
  }

  /**
   * Goes on to the last segment that begins at or before the position; false where that is the
   * current one.
   */
  private boolean moveOn() {
    SegmentReader holding = holding(position);
    if (holding == null || holding == current) {
      return false;
    }
    holding.rewind(position);
    current = holding;
    return true;
  }

  /**
   * Returns the segment that the record at a position was served from, or would be.
   *
   * <p>A further pass must see the same frames. So it reads them from the same segments, also where
   * a later one has been made since that begins inside: a frame whose write failed, but was seen,
   * may not be in the new segment yet.
   */
  private @Nullable SegmentReader servedFrom(long target) {
    for (SegmentReader reader : known.values()) {
      if (reader.hasServed(target)) {
        return reader;
      }
    }
    return holding(target);
  }

  /** Returns the last segment that begins at or before a position, or null. */
  private @Nullable SegmentReader holding(long target) {
    return reader(known.floorEntry(new SegmentName(target, Integer.MAX_VALUE)));
  }

  /** Returns the first segment that begins beyond the position, or null. */
  private @Nullable SegmentReader following() {
    return reader(known.higherEntry(new SegmentName(position, Integer.MAX_VALUE)));
  }

  /** Returns where a segment ends: where the next one begins. */
  private long limit(SegmentReader reader) {
    SegmentName next = known.higherKey(reader.name());
    return next == null ? Long.MAX_VALUE : next.first();
  }

  private static @Nullable SegmentReader reader(
      Map.@Nullable Entry<SegmentName, SegmentReader> entry) {
    return entry == null ? null : entry.getValue();
  }

  /** Adds segments that were not known, from the current one on; returns whether there were any. */
  private boolean lookAround() throws IOException {
    boolean more = false;
    List<SegmentName> names = SegmentName.in(folder, files);
    isListed = !names.isEmpty();
    SegmentName floor = current == null ? floor(names) : current.name();
    for (SegmentName name : names) {
      if ((floor == null || name.compareTo(floor) >= 0) && !known.containsKey(name)) {
        more |= add(new SegmentReader(folder, name, files));
      }
    }
    return more;
  }

  private @Nullable SegmentName floor(List<SegmentName> names) {
    SegmentName floor = null;
    for (SegmentName name : names) {
      if (name.first() <= position) {
        floor = name;
      }
    }
    return floor;
  }

  private boolean add(SegmentReader added) throws IOException {
    if (openFiles() < OPEN_FILES) {
      try {
        added.open();
      } catch (NoSuchFileException e) { // released since it was listed
        return false;
      }
    }
    known.put(added.name(), added);
    return true;
  }

  private int openFiles() {
    int open = 0;
    for (SegmentReader reader : known.values()) {
      open += reader.isOpen() ? 1 : 0;
    }
    return open;
  }

  /** Closes the segment that was read longest ago, if too many are open. */
  private void makeRoom() throws IOException {
    if (openFiles() < OPEN_FILES) {
      return;
    }
    for (SegmentReader reader : known.values()) {
      if (reader.isOpen() && reader != current) {
        reader.close();
        return;
      }
    }
  }

  /**
   * Goes on behind damage, where there is any and not just the journal's end.
   *
   * <p>A power cut can tear what was not forced, in any order: then the journal ends there, and
   * nothing that was promised is gone. But if a whole frame beyond says that the journal was forced
   * beyond the position, what is missing here is damaged, and what follows is as durable as it was.
   *
   * @param following the first segment beyond the position
   * @return whether a frame behind damage is current now
   */
  private boolean passDamage(@Nullable SegmentReader following) throws IOException {
    SegmentReader left = current;
    boolean isLikelyEnd =
        following == null && searchedAt >= 0 && position >= reached && buffer.sawZeros();
    if (left == null || searchedAt == position || isLikelyEnd) {
      return false;
    }
    Place behind = null;
    boolean isProved = false;
    for (SegmentReader reader : known.tailMap(left.name()).values()) {
      FrameSearch search = search(reader);
      long offset = reader == left ? left.offset() : SegmentFormat.HEADER_BYTES;
      long expected = Math.max(position, reader.name().first());
      while (!isProved && search.find(offset, expected)) {
        isProved = search.forced() > position;
        offset = search.offset() + search.length();
        expected = search.end();
        if (behind == null && expected <= limit(reader)) {
          behind = new Place(reader, search.nonce(), search.offset(), search.first());
        }
      }
    }
    if (behind == null || !isProved) {
      searchedAt = position;
      return false;
    }
    if (readKnown()) {
      return true; // it was being written while it was looked at first
    }
    if (behind.segment != left && !SegmentName.in(folder, files).contains(left.name())) {
      throw hole(behind.first); // what is missing was sealed and released meanwhile
    }
    current = behind.segment;
    current.jump(behind.nonce, behind.offset, behind.first);
    return readFrom(current);
  }

  /** A whole frame behind damage. */
  private record Place(SegmentReader segment, long nonce, long offset, long first) {}

  private FrameSearch search(SegmentReader reader) throws IOException {
    try {
      if (!reader.isOpen()) {
        makeRoom();
      }
      return new FrameSearch(reader.open());
    } catch (NoSuchFileException e) { // released before it was opened
      JournalHoleException hole = hole(reader.name().first());
      hole.initCause(e);
      throw hole;
    }
  }

  private JournalHoleException hole(long found) {
    return new JournalHoleException(folder, position, found);
  }
}
