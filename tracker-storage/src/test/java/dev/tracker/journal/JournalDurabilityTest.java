package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.journal.SimulatedDisk.Call;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who forces when, who waits for it, and what may be released. */
class JournalDurabilityTest {
  private static final Path FOLDER = Path.of("/run/journal");

  private final SimulatedDisk disk = new SimulatedDisk();
  private final List<JournalWriter> opened = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() throws IOException {
    threads.shutdownNow();
    disk.sound();
    for (JournalWriter writer : opened) {
      writer.close();
    }
  }

  private JournalWriter open(Path folder, FileLayer files) throws IOException {
    JournalWriter writer = JournalWriter.open(folder, Counters.START, files);
    opened.add(writer);
    return writer;
  }

  private static void writeRow(JournalWriter writer) throws IOException {
    writer.beginRow(1, 1);
    writer.value(0, 1);
    writer.write();
  }

  private void fail(Call wanted) {
    disk.failing((call, file) -> {
      if (call == wanted) {
        throw new IOException("Input/output error");
      }
    });
  }

  @Test
  void whatIsWritten_isDurableWithinASecondOrSo() throws IOException {
    try (JournalWriter writer = open(FOLDER, disk)) {
      writer.force();
      Await.until(() -> isDurableSoon(writer)); // a machine that stalls gets another try
    }
  }

  /** Writes a hundred rows, waits until they are durable, and says whether that was in time. */
  private boolean isDurableSoon(JournalWriter writer) throws IOException {
    long end = writer.written() + 100;
    int forces = disk.forces();
    long begin = System.nanoTime();
    while (writer.written() < end) {
      writeRow(writer);
    }
    long writing = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    Await.until(() -> writer.durable() == end);
    boolean isSoon = System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(5);
    long most = 2 + writing / 900; // one was asked for before, the others are 900 ms apart
    assertTrue(disk.forces() - forces <= most, () -> "forces=" + disk.forces() + " most=" + most);
    assertEquals(end, writer.durableRows());
    return isSoon;
  }

  @Test
  void journalThatNothingIsWrittenTo_isNotForced() throws IOException {
    try (JournalWriter writer = open(FOLDER, disk)) {
      writeRow(writer);
      writer.awaitDurable(1);
      // Without a time. An earlier thread of this name may not be quite gone.
      Await.until(() -> syncThreads().anyMatch(sync -> sync.getState() == Thread.State.WAITING));
      assertTrue(syncThreads().allMatch(Thread::isDaemon));
    }
  }

  private static Stream<Thread> syncThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("tracker-sync"));
  }

  @Test
  void waiting_endsWhenThePositionIsDurable() throws Exception {
    try (JournalWriter writer = open(FOLDER, disk)) {
      List<Future<?>> waiting = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        writeRow(writer);
        long position = writer.written();
        if (i % 10 == 0) {
          waiting.add(
              threads.submit(() -> {
                writer.awaitDurable(position);
                assertTrue(writer.durable() >= position);
                return null;
              }));
        }
      }
      for (Future<?> done : waiting) {
        done.get(5, TimeUnit.MINUTES);
      }
      writer.awaitDurable(writer.written());
      assertEquals(200, writer.durable());
      writer.awaitDurable(3);
    }
  }

  @Test
  void waitingForWhatIsNotWritten_isAMistake() throws IOException {
    try (JournalWriter writer = open(FOLDER, disk)) {
      writer.beginRow(1, 0);
      assertThrows(IllegalArgumentException.class, () -> writer.awaitDurable(1));
    }
  }

  @Test
  void interruptedWaiter_waitsOnAndKeepsItsFlag() throws Exception {
    CountDownLatch forcing = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (JournalWriter writer = open(FOLDER, slow(forcing, goOn))) {
      writeRow(writer);
      AtomicBoolean flag = new AtomicBoolean();
      Thread waiter =
          new Thread(() -> {
            try {
              writer.awaitDurable(1);
              flag.set(Thread.currentThread().isInterrupted());
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      waiter.start();
      forcing.await();
      waiter.interrupt();
      Await.until(() -> waiter.getState() == Thread.State.WAITING && !waiter.isInterrupted());
      assertEquals(0, writer.durable());
      goOn.countDown();
      waiter.join();
      assertTrue(flag.get());
      assertEquals(1, writer.durable());
    }
  }

  /** The disk, with forces that wait. */
  private FileLayer slow(CountDownLatch begun, CountDownLatch goOn) {
    return new SlowForce(disk, begun, goOn);
  }

  @Test
  void writer_doesNotWaitForAForceThatHangs() throws Exception {
    CountDownLatch forcing = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    JournalWriter writer = open(FOLDER, slow(forcing, goOn));
    writeRow(writer);
    Future<?> waiter = threads.submit((Callable<Void>) () -> waitFor(writer, 1));
    forcing.await();
    for (int i = 0; i < 20; i++) {
      writer.run(new byte[200_000]); // several segments
      writer.write();
    }
    assertEquals(21, writer.written());
    assertEquals(0, writer.durable());
    writer.release(21);
    assertTrue(SegmentName.in(FOLDER, disk).size() > 3);
    goOn.countDown();
    waiter.get(5, TimeUnit.MINUTES);
    writer.awaitDurable(21);
    writer.close();
  }

  private static Void waitFor(JournalWriter writer, long position) throws IOException {
    writer.awaitDurable(position);
    return null;
  }

  @Test
  void failureOfForcing_reachesWhoWaits() throws IOException {
    try (JournalWriter writer = open(FOLDER, disk)) {
      fail(Call.FORCE);
      writeRow(writer);
      for (int i = 0; i < 3; i++) {
        IOException failure = assertThrows(IOException.class, () -> writer.awaitDurable(1));
        assertTrue(failure.getMessage().contains("position=1 durable=0"), failure.getMessage());
        assertEquals("Input/output error", failure.getCause().getCause().getMessage());
      }
      disk.sound();
      try {
        writer.awaitDurable(1);
      } catch (IOException e) { // of a force that had failed already and not said so
        writer.awaitDurable(1);
      }
      assertEquals(1, writer.durable());
    }
  }

  @Test
  void forcingThatFailed_isTriedAgainUnasked() throws IOException {
    try (JournalWriter writer = open(FOLDER, disk)) {
      fail(Call.FORCE);
      writeRow(writer);
      assertThrows(IOException.class, () -> writer.awaitDurable(1));
      disk.sound();
      Await.until(() -> writer.durable() == 1);
    }
  }

  @Test
  void closing_saysWhatIsNotDurable() throws IOException {
    JournalWriter writer = open(FOLDER, disk);
    fail(Call.FORCE);
    writeRow(writer);
    assertThrows(IOException.class, writer::close);
    writer.close();
    IOException closed = assertThrows(IOException.class, () -> writer.awaitDurable(1));
    assertTrue(closed.getMessage().endsWith("(closed)"), closed.getMessage());
    writer.force();
    assertEquals(0, writer.durable());
    disk.sound();
    assertEquals(2, Log.of(FOLDER, 0, disk).lines.size());
    JournalWriter.open(FOLDER, writer.counters(), disk).close();
  }

  @Test
  void closing_triesToWriteWhatIsPending() throws IOException {
    JournalWriter writer = open(FOLDER, disk);
    fail(Call.WRITE);
    writer.beginRow(1, 0);
    assertThrows(IOException.class, writer::close);
    assertEquals(1, writer.pendingRows());
    disk.sound();
    assertEquals(List.of(), Log.of(FOLDER, 0, disk).lines);
  }

  @Test
  void fileThatIsClosedUnderTheWriter_isReplaced() throws IOException {
    JournalWriter writer = open(FOLDER, disk);
    writer.force();
    writeRow(writer);
    disk.closeFiles(); // as an interrupt does
    writer.beginRow(2, 0);
    try {
      writer.write();
    } catch (ClosedChannelException e) { // unless tracker-sync was the first to notice
      writer.write();
    }
    writer.awaitDurable(2);
    assertEquals(0, writer.lostRows());
    assertEquals(3, Log.of(FOLDER, 0, disk.cut(new Random(3))).lines.size());
    writer.close();
  }

  @Test
  void nextSegments_arePreparedAheadAndDoubleUpTo32Megabytes() throws IOException {
    JournalWriter writer = open(FOLDER, disk);
    TreeSet<Long> sizes = new TreeSet<>();
    Await.until(() -> {
      writer.run(new byte[100_000]);
      writer.write();
      writer.awaitDurable(writer.written() - 500); // what is not forced stays in the heap
      List<SegmentName> names = SegmentName.in(FOLDER, disk);
      sizes.add(disk.size(names.get(names.size() - 1).file(FOLDER)) >> 20);
      writer.release(writer.durable());
      return sizes.last() >= 32; // what the writer makes itself has 1 MB
    });
    assertTrue(Set.of(1L, 2L, 4L, 8L, 16L, 32L).containsAll(sizes), sizes::toString);
  }

  @Test
  void release_keepsWhatIsNotDurableAndTheLastSegment() throws IOException {
    fail(Call.FORCE);
    JournalWriter writer = open(FOLDER, disk);
    for (int i = 0; i < 4; i++) {
      writer.run(new byte[1_000_000]);
      writer.write();
    }
    assertThrows(IOException.class, writer::force); // but the folder was
    Set<Long> all = firstPositions();
    writer.release(4);
    assertEquals(all, firstPositions()); // tracker-sync may be putting copies in their place
    disk.sound();
    writer.force();
    long bytes = writer.bytes();
    writer.release(1);
    assertTrue(SegmentName.in(FOLDER, disk).get(0).first() <= 1);
    assertTrue(writer.bytes() <= bytes);
    writer.release(4);
    assertEquals(1, SegmentName.in(FOLDER, disk).size());
    writer.close();
    writer.release(3);
    assertEquals(1, SegmentName.in(FOLDER, disk).size());
    writer.release(4);
    assertEquals(List.of(), disk.files());
    assertEquals(0, writer.bytes());
  }

  private Set<Long> firstPositions() throws IOException {
    return SegmentName.in(FOLDER, disk).stream()
        .map(SegmentName::first)
        .collect(Collectors.toSet());
  }

  /**
   * A killed writer's segments are in the cache, and who goes on must not take them for durable.
   */
  @Test
  void whatAnEarlierWriterLeft_isForcedBeforeItCounts() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    JournalWriter killed = open(FOLDER, new SlowForce(disk, new CountDownLatch(1), never));
    for (int i = 0; i < 5; i++) {
      writeRow(killed);
    }
    SimulatedDisk left = disk.kill();
    never.countDown();
    left.failing((call, file) -> {
      if (call == Call.FORCE) {
        throw new IOException("Input/output error");
      }
    });
    JournalWriter writer = JournalWriter.open(FOLDER, killed.counters(), left);
    opened.add(writer);
    assertEquals(0, writer.durable());
    assertThrows(IOException.class, () -> writer.awaitDurable(5));
    left.sound();
    IOException failure = assertThrows(IOException.class, writer::force);
    assertTrue(failure.getCause().getMessage().contains("earlier session"), failure::toString);
    writeRow(writer);
    left.forceFolder(FOLDER);
    writer.release(5); // sealed: it need not be forced any more
    writer.force();
    assertEquals(6, writer.durable());
  }

  @Test
  void whatAnEarlierWriterLeft_isForcedWithoutBeingWritten() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    JournalWriter killed = open(FOLDER, new SlowForce(disk, new CountDownLatch(1), never));
    for (int i = 0; i < 5; i++) {
      writeRow(killed);
    }
    SimulatedDisk left = disk.kill();
    never.countDown();
    JournalWriter writer = JournalWriter.open(FOLDER, killed.counters(), left);
    opened.add(writer);
    writer.awaitDurable(5);
    for (int seed = 0; seed < 10; seed++) {
      assertEquals(10, Log.of(FOLDER, 0, left.cut(new Random(seed))).lines.size());
    }
  }

  @Test
  void segmentThatCannotBeDeleted_isTriedAgain() throws IOException {
    JournalWriter writer = open(FOLDER, disk);
    for (int i = 0; i < 3; i++) {
      writer.run(new byte[1_000_000]);
      writer.write();
    }
    writer.force();
    int segments = SegmentName.in(FOLDER, disk).size();
    assertTrue(segments > 1);
    fail(Call.DELETE);
    assertThrows(IOException.class, () -> writer.release(3));
    disk.sound();
    assertEquals(segments, SegmentName.in(FOLDER, disk).size());
    writer.release(3);
    assertEquals(1, SegmentName.in(FOLDER, disk).size());
    writer.close();
  }

  @Test
  void writerSealerAndWaiters_doNotDisturbEachOther(@TempDir Path folder) throws Exception {
    FileLayer files = FileLayer.real();
    JournalWriter writer = open(folder, files);
    int frames = 3_000;
    AtomicBoolean written = new AtomicBoolean();
    AtomicLong checkpoint = new AtomicLong();
    Future<Long> sealer =
        threads.submit(() -> {
          long values = 0;
          while (checkpoint.get() < 100L * frames) {
            values += seal(folder, files, checkpoint, values);
            writer.release(checkpoint.get());
          }
          return values;
        });
    Future<?> flusher =
        threads.submit(() -> {
          while (!written.get()) {
            long position = writer.written();
            writer.awaitDurable(position);
            assertTrue(writer.durable() >= position);
          }
          return null;
        });
    Thread main = Thread.currentThread();
    Future<?> interrupter =
        threads.submit(() -> {
          for (int i = 0; i < 50 && !written.get(); i++) {
            main.interrupt();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
          }
        });
    long value = 0;
    for (int frame = 0; frame < frames; frame++) {
      for (int row = 0; row < 100; row++) {
        writer.beginRow(value, 10);
        for (int i = 0; i < 10; i++) {
          writer.value(i, value++);
        }
      }
      while (true) {
        try {
          writer.write();
          break;
        } catch (IOException e) {
          assertTrue(e instanceof ClosedChannelException, e::toString); // by the interrupts
        }
      }
    }
    written.set(true);
    Await.until(() -> {
      Thread.interrupted();
      return interrupter.isDone();
    });
    Thread.interrupted();
    assertEquals(1_000L * frames, sealer.get(5, TimeUnit.MINUTES));
    flusher.get(5, TimeUnit.MINUTES);
    writer.close();
    assertEquals(0, writer.lostRows());
    writer.release(checkpoint.get());
    assertEquals(List.of(), files.list(folder));
  }

  /** Reads some frames in two passes, as sealing does; returns how many values there were. */
  private static long seal(Path folder, FileLayer files, AtomicLong checkpoint, long expected)
      throws IOException {
    long from = checkpoint.get();
    try (JournalReader reader = JournalReader.open(folder, from, files)) {
      long first = count(reader, Long.MAX_VALUE, expected);
      long end = reader.position();
      reader.seek(from);
      assertEquals(first, count(reader, end, expected));
      assertEquals(end, reader.position());
      checkpoint.set(end);
      return first;
    }
  }

  private static long count(JournalReader reader, long end, long expected) throws IOException {
    long[] next = {expected};
    RecordVisitor inOrder =
        new RecordVisitor() {
          @Override
          public void value(int series, long bits) {
            assertEquals(next[0]++, bits);
          }
        };
    for (int i = 0; i < 200 && reader.position() < end && reader.nextFrame(); i++) {
      reader.decode(inOrder);
    }
    assertFalse(next[0] < expected);
    return next[0] - expected;
  }
}
