package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.journal.JournalWriter;
import dev.tracker.read.RunState;
import dev.tracker.system.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The writer between a ring and a journal of its own, with values that take long to pack. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriterTest {
  /** Longer than a test may take: what ends earlier was not given up. */
  private static final long PATIENCE = TimeUnit.MINUTES.toNanos(10);

  @TempDir Path root;

  private final FaultyFiles files = new FaultyFiles();
  private final Reports reports = new Reports("run");
  private final Metrics metrics = new Metrics();

  /** What {@link #heldBack} values wait for. */
  private final CountDownLatch packing = new CountDownLatch(1);

  private Ring ring;
  private JournalWriter journal;
  private Writer writer;
  private StandardError err;

  @BeforeEach
  void startWriter() throws IOException {
    err = StandardError.capture();
    start(false);
  }

  private void start(boolean strict) throws IOException {
    BoardClock clock = new BoardClock(InstantSource.system());
    ring = new Ring(64, 1 << 20, false, strict, clock, "run");
    RunState state = new RunState(Counters.START, List.of(), RunDocument.empty());
    journal =
        JournalWriter.open(
            new RunLayout(root.resolve("strict " + strict)).journal(), Counters.START, files);
    writer = new Writer(ring, metrics, journal, clock, reports, strict, state, "run " + strict);
    writer.start();
  }

  @AfterEach
  void endWriter() {
    packing.countDown();
    files.defect = null;
    files.heal();
    end(0);
    err.close();
  }

  private boolean end() {
    return end(PATIENCE);
  }

  private boolean end(long patience) {
    return writer.end(ring.end(true), JsonNodeFactory.instance.objectNode(), patience);
  }

  private Metric metric(String name, Kind kind) {
    return metrics.add(name, number -> new Metric(null, name, kind, number, Metric.NO_ID, null));
  }

  private Metric media() {
    return metric("media", Kind.MEDIA);
  }

  private void log(Parcel parcel) {
    Draft draft = new Draft();
    draft.add(parcel);
    ring.put(draft, Slots.ROW, 0);
  }

  private void logNumber() {
    ring.put(metric("a", Kind.FLOAT64), 0, Slots.ROW, 0);
  }

  private static Parcel heavy(Metric metric, Parcel.Packing packing) {
    return new Parcel(metric, Parcel.Effort.HEAVY, 0, packing);
  }

  /** Returns a value that is packed when the test says so. */
  private Parcel heldBack(Parcel.Packing then) {
    return heavy(
        media(),
        step -> {
          packing.await();
          return then.pack(step);
        });
  }

  private static Parcel.Packed nothing() {
    return new Parcel.Packed(List.of(), null);
  }

  private void awaitRows(long rows) {
    Await.until("the rows are written", () -> journal.writtenRows() == rows);
  }

  private Journaled journaled() {
    return Journaled.of(root.resolve("strict false"));
  }

  // ---- values of which nothing is left

  /** They came back when nothing else was to be written: nobody looked, and flush waited on. */
  @Test
  void valuesThatComeToNothing_areSettledWithoutAnotherMessage() {
    log(heldBack(step -> nothing()));
    log(
        heldBack(step -> {
          throw new IOException("gone");
        }));
    awaitRows(2);
    packing.countDown();
    assertTrue(writer.awaitWritten());
    assertEquals(0, writer.openRows());
    assertEquals(0, ring.queuedBytes());
    assertEquals(1, writer.takeUnreportedLosses());
    assertEquals(1, err.lines("a value could not be packed").size());
    Await.until("the loss is declared", () -> journaled().lost() == 1);
  }

  @Test
  void aValueThatComesToNothingWhileTheBoardEnds_isCountedAndDeclared() {
    log(
        heldBack(step -> {
          throw new IOException("gone");
        }));
    awaitRows(1);
    packing.countDown();
    assertTrue(end());
    assertTrue(writer.isConcluded());
    assertEquals(1, writer.takeUnreportedLosses());
    assertEquals(0, writer.openRows());
    assertEquals(1, journaled().lost());
  }

  /** It was packed too late for the last round, and counted as if it were in the journal. */
  @Test
  void aValueThatTurnsOutToBeLostWhenAllIsGivenUp_isCounted() {
    Parcels parcels = new Parcels(ring);
    Parcel failing =
        heavy(
            media(),
            step -> {
              throw new IOException("gone");
            });
    Parcel empty = heavy(media(), step -> nothing());
    for (Parcel parcel : List.of(failing, empty)) {
      parcels.send(parcel, journal);
      Await.until("it is packed", parcel::isPacked);
    }
    assertFalse(parcels.isEmpty());
    assertEquals(1, parcels.abandon(new IOException("late"), journal));
  }

  // ---- values that are given up

  /** Its caller waited for ever: what was given up is never settled. */
  @Test
  void aStrictCallReturns_whenTheBoardEndsWithoutItsValue() throws Exception {
    end();
    start(true);
    Parcel parcel = heldBack(step -> nothing());
    Thread caller = new Thread(() -> log(parcel));
    caller.setDaemon(true);
    caller.start();
    awaitRows(1);
    end(0);
    Await.until("the writer has ended", writer::isConcluded);
    Await.until("the call returns", () -> !caller.isAlive());
    assertEquals(1, writer.abandonedRows());
  }

  // ---- what is left behind

  private void dieOfTheNextWrite() {
    files.defect = new AssertionError("a defect");
    logNumber();
    Await.until("the writer died", ring::isDead);
    files.defect = null;
  }

  /** It was counted nowhere: the board ended with "lost=0". */
  @Test
  void whatAWriterThatDiedHadNotTakenIsLost() {
    log(heldBack(step -> nothing()));
    awaitRows(1);
    dieOfTheNextWrite();
    logNumber();
    logNumber();
    assertTrue(end());
    assertEquals(2, journaled().rows.size(), "what was encoded is written in the end");
    assertEquals(3, writer.abandonedRows(), "two in the ring and one that lacks its value");
    assertEquals(3, writer.lostRows());
  }

  @Test
  void whatAWriterThatDiedHadTakenIsLostAsWell_whereItsJournalCannotBeWrittenInTheEnd() {
    log(heldBack(step -> nothing()));
    awaitRows(1);
    dieOfTheNextWrite();
    logNumber();
    logNumber();
    files.isFull = true;
    assertTrue(end());
    assertEquals(1, journaled().rows.size());
    assertEquals(4, writer.abandonedRows());
  }

  @Test
  void aCallThatIsNeitherWrittenNorPackedIsLostOnce() {
    files.isFull = true;
    log(heldBack(step -> nothing()));
    Await.until("the failure is noticed", ring::isFailing);
    end(0);
    Await.until("the writer gave up", ring::isDead);
    assertEquals(1, writer.abandonedRows());
  }

  // ---- waiting for values to be packed

  /** It took a whole processor, until the board's time was over. */
  @Test
  void aWriterThatWaitsForAValueAtTheEndOfTheBoardLeavesTheProcessorToOthers() throws Exception {
    log(heldBack(step -> nothing()));
    awaitRows(1);
    Thread ending = new Thread(this::end);
    ending.start();
    Await.until("the board ends", ring::isEnded);
    assertRests();
    packing.countDown();
    ending.join();
    assertTrue(writer.isConcluded());
  }

  @Test
  void aWriterThatWaitsForAValueBeforeItGoesBackLeavesTheProcessorToOthers() {
    log(heldBack(step -> nothing()));
    awaitRows(1);
    assertTrue(ring.putRewind(-1, 0));
    assertRests();
    packing.countDown();
    assertTrue(writer.awaitWritten());
    assertEquals(0, ring.queued());
  }

  /** Fails where the writer takes more than a fifth of a processor. */
  private static void assertRests() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long id =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("tracker-writer-run false"))
            .mapToLong(Thread::getId)
            .sum();
    long start = System.nanoTime();
    long before = threads.getThreadCpuTime(id);
    Await.until("a second is over", () -> System.nanoTime() - start > 1_000_000_000);
    long took = threads.getThreadCpuTime(id) - before;
    long waited = System.nanoTime() - start;
    assertTrue(before >= 0 && took < waited / 5, "took=" + took + " waited=" + waited);
  }

  // ---- loggers that fail

  /** Has everything that is said end in an error, as a logger of another version does. */
  private static void breakLogger() {
    LoggerFactory.getILoggerFactory(); // which says once that it found none
    System.setErr(
        new PrintStream(OutputStream.nullOutputStream()) {
          @Override
          public void println(String line) {
            throw new NoSuchMethodError("org.slf4j.spi.Another.method()");
          }
        });
  }

  /** The writer died of it. */
  @Test
  void aLoggerThatEndsInAnErrorEndsNothingElse() {
    breakLogger();
    reports.later("a report");
    logNumber();
    assertTrue(writer.awaitWritten());
    Await.until("the report is said", () -> !reports.hasWaiting());
    logNumber();
    assertTrue(writer.awaitWritten());
    assertFalse(ring.isDead());
    assertInstanceOf(NoSuchMethodError.class, reports.lastError());
    assertTrue(end());
    assertTrue(writer.isConcluded());
    assertEquals(2, journaled().rows.size());
  }

  @Test
  void aLoggerThatFailsIsReplacedByStandardError() {
    LoggerFactory.getILoggerFactory();
    List<String> said = new ArrayList<>();
    System.setErr(
        new PrintStream(OutputStream.nullOutputStream()) {
          @Override
          public void println(String line) {
            said.add(line);
            if (said.size() == 1) {
              throw new NoClassDefFoundError("org/slf4j/spi/Another");
            }
          }
        });
    reports.warn("a report", null);
    assertEquals(2, said.size());
    assertTrue(said.get(1).contains("a report run=run (the logger failed as well: "), said.get(1));
    assertTrue(said.get(1).contains("org/slf4j/spi/Another"), said.get(1));
  }

  /** What was pending was lost and the files stayed open: the logger ended the thread once more. */
  @Test
  void aWriterThatDiesWhereLoggersFail_closesItsJournal() {
    breakLogger();
    files.defect = new AssertionError("a defect");
    logNumber();
    Await.until("the writer died", ring::isDead);
    files.defect = null;
    assertTrue(end());
    assertFalse(writer.isConcluded());
    assertEquals(1, journaled().rows.size());
    assertEquals(1, journal.durableRows());
  }

  // ---- values that cannot be packed

  /**
   * A class that the JVM lacks left the value out for ever: whoever waited for it, flush or the
   * board's end, waited on.
   */
  @Test
  void aValueWhosePackingEndsInAnError_isWrittenAsWhatStandsForIt() {
    Metric metric = media();
    Parcel.Entry standIn = new Parcel.Entry(metric, new byte[] {1});
    Error[] errors = {
      new NoClassDefFoundError("java/awt/image/BufferedImage"),
      new UnsatisfiedLinkError("no awt in java.library.path"),
      new AssertionError("nothing is written but memory"),
      new StackOverflowError()
    };
    for (Error error : errors) {
      log(heavy(metric, new Failing(error, () -> List.of(standIn))));
      assertTrue(writer.awaitWritten(), error.toString());
      assertEquals(error, reports.lastError());
    }
    log(new Parcel(metric, Parcel.Effort.LIGHT, 0, new Failing(errors[0], () -> List.of(standIn))));
    assertTrue(writer.awaitWritten());
    assertEquals(0, ring.queuedBytes());
    assertEquals(0, writer.takeUnreportedLosses());
    assertEquals(1, err.lines("a value could not be packed").size(), "it is told once a series");
    assertTrue(end());
    assertTrue(writer.isConcluded());
  }

  @Test
  void aValueForWhichNothingCanStandEither_isLostAndHoldsUpNothing() {
    Error missing = new NoClassDefFoundError("java/awt/image/BufferedImage");
    Parcel.Packing packing =
        new Failing(
            missing,
            () -> {
              throw missing;
            });
    log(heavy(media(), packing));
    log(new Parcel(media(), Parcel.Effort.LIGHT, 0, packing));
    assertTrue(writer.awaitWritten());
    assertEquals(2, writer.takeUnreportedLosses());
    assertTrue(end());
    assertTrue(writer.isConcluded());
  }

  /** The writer died of it, and with it what it was about to force. */
  @Test
  void aValueForWhichNothingCanStandWhenAllIsGivenUp_isLost() {
    Error missing = new NoClassDefFoundError("java/awt/image/BufferedImage");
    Failing failing =
        new Failing(
            missing,
            () -> {
              throw missing;
            });
    Parcel parcel = heavy(media(), failing);
    assertEquals(List.of(), parcel.abandon(new IOException("late")));
  }

  @Test
  void handingBackTakesNoMemory() {
    Parcels parcels = new Parcels(ring);
    Metric metric = media();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 20 && allocated > 0; round++) {
      Parcel[] all = new Parcel[1000];
      for (int i = 0; i < all.length; i++) {
        all[i] = heavy(metric, step -> nothing());
        all[i].returnTo(parcels);
      }
      long before = allocatedBytes();
      for (Parcel parcel : all) {
        parcels.takeBack(parcel);
      }
      allocated = Math.min(allocated, allocatedBytes() - before);
    }
    assertTrue(allocated < 1000, "bytes for 1,000 parcels: " + allocated);
  }

  /**
   * A heap that was full just then had the call encoded again, and whoever waited for the values of
   * the first time waited for ever. The heap cannot be filled at that very place; so this is about
   * there being nothing that it would be needed for.
   */
  @Test
  void onceACallIsEncoded_itTakesNoMemoryToSendItsValues() {
    Metric metric = media();
    Parcel.Packed nothing = nothing();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 20 && allocated > 0; round++) {
      Parcels parcels = new Parcels(ring);
      Parcel[] all = new Parcel[1000];
      Parcel.OpenRow row = new Parcel.OpenRow(0, all.length);
      for (int i = 0; i < all.length; i++) {
        all[i] = new Parcel(metric, Parcel.Effort.LIGHT, 0, step -> nothing);
        all[i].row = row;
      }
      parcels.prepare(metric);
      long before = allocatedBytes();
      parcels.begin(row);
      for (Parcel parcel : all) {
        parcels.send(parcel, journal);
      }
      allocated = Math.min(allocated, allocatedBytes() - before);
      assertFalse(parcels.isEmpty());
    }
    assertTrue(allocated < 1000, "bytes for 1,000 values: " + allocated);
  }

  @Test
  void aLineIsInOrder_andItsParcelsCanJoinAnother() {
    Parcel a = heavy(media(), step -> nothing());
    Parcel b = heavy(media(), step -> nothing());
    Parcel c = heavy(media(), step -> nothing());
    Parcel.Line line = new Parcel.Line();
    assertNull(line.removeFirst());
    for (Parcel parcel : List.of(a, b, c)) {
      line.addLast(parcel);
    }
    assertEquals(a, line.first());
    assertEquals(b, line.after(a));
    assertNull(line.after(c));
    assertEquals(a, line.removeFirst());
    Parcel.Line other = new Parcel.Line();
    other.addLast(a);
    assertNull(other.after(a));
    line.addLast(other.removeFirst());
    assertTrue(other.isEmpty());
    for (Parcel parcel : List.of(b, c, a)) {
      assertEquals(parcel, line.removeFirst());
    }
    assertTrue(line.isEmpty());
    line.addLast(b);
    assertEquals(b, line.first());
  }

  private static long allocatedBytes() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  /** A value that cannot be packed. */
  private record Failing(Error error, Supplier<List<Parcel.Entry>> standIns)
      implements Parcel.Packing {
    @Override
    public Parcel.Packed pack(long step) {
      throw error;
    }

    @Override
    public List<Parcel.Entry> failed(Throwable cause) {
      return standIns.get();
    }
  }
}
