package dev.tracker.seal;

import dev.tracker.format.ErrorText;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The run's {@code logs/tracker.log}: what the library did, for whoever wants to know later why a
 * run is as it is. Nothing depends on it.
 *
 * <pre>
 *   2026-11-20T20:47:55.123Z info sealed: position=81920 rows=81910 ...
 *   +----------------------+ +--+ +---------------------------------+
 *      when it was said, UTC  |    the rest of a text that has several lines is indented by a tab
 *                             info or warn
 * </pre>
 *
 * <p>Any thread says something; that touches no file and never waits. One thread, the one that
 * seals the run, writes it. What cannot be written is counted, and that is said once it can be. The
 * file is never forced. A file of {@link #MAX_BYTES} is renamed, which replaces the one that was
 * renamed before: so there are two at most.
 */
final class RunLog {
  /** The most that one file holds. */
  static final long MAX_BYTES = 1L << 20;

  /** The most lines that wait to be written. */
  static final int MAX_WAITING = 256;

  private static final int MAX_CHARS = 8_000;

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private final RunLayout layout;
  private final ArrayBlockingQueue<String> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final AtomicLong leftOut = new AtomicLong();

  /** Whether the last write failed, perhaps in the middle of a line; of the thread that writes. */
  private boolean torn;

  /** Whether a file may be made; of the thread that writes, while it does. */
  private boolean creates;

  /** How long the file is; of the thread that writes, while it does. */
  private long size;

  RunLog(RunLayout layout) {
    this.layout = layout;
    ErrorText.prepare();
  }

  // ---- any thread

  /** Says what was done. */
  void say(String text) {
    add("info", text);
  }

  /** Says what went wrong. */
  void warn(String text, @Nullable Throwable cause) {
    add("warn", cause == null ? text : text + "\n" + ErrorText.of(cause, MAX_CHARS));
  }

  private void add(String level, String text) {
    if (!waiting.offer(line(level, text))) {
      leftOut.incrementAndGet();
    }
  }

  private static String line(String level, String text) {
    String shown = text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "...";
    return TIME.format(Instant.now())
        + " "
        + level
        + " "
        + shown.strip().replace("\r", "").replace("\n", "\n\t")
        + "\n";
  }

  /** Says whether there is something to write. */
  boolean hasNews() {
    return !waiting.isEmpty() || leftOut.get() > 0;
  }

  // ---- the thread that writes

  /** Writes what was said. It throws nothing: a log that cannot be written must not matter. */
  void write() {
    write(true);
  }

  /**
   * Writes what was said.
   *
   * @param creates whether the file is to be made where it is not there; no for a run that nobody
   *     waits for any more, whose folder somebody may be deleting
   */
  void write(boolean creates) {
    if (!hasNews()) {
      return;
    }
    long missing = leftOut.getAndSet(0);
    int taken = 0;
    this.creates = creates;
    try {
      if (creates && !Files.isDirectory(layout.logs())) {
        Files.createDirectory(layout.logs()); // within a run that is there
      }
      size = Files.exists(layout.log()) ? Files.size(layout.log()) : 0;
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      if (torn) {
        text.write('\n');
      }
      if (missing > 0) {
        put(line("warn", "lines are missing here: count=" + missing), text);
      }
      for (String line = waiting.poll(); line != null; line = waiting.poll()) {
        taken++;
        put(line, text);
      }
      append(text);
      torn = false;
    } catch (IOException | RuntimeException e) {
      torn = true;
      leftOut.addAndGet(missing + taken); // at most: some of them may be there
    }
  }

  private void put(String line, ByteArrayOutputStream text) throws IOException {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    if (creates && size + text.size() + bytes.length > MAX_BYTES) {
      append(text);
      if (Files.exists(layout.log())) {
        Files.move(layout.log(), layout.olderLog(), StandardCopyOption.REPLACE_EXISTING);
      }
      size = 0;
    }
    text.writeBytes(bytes);
  }

  private void append(ByteArrayOutputStream text) throws IOException {
    if (text.size() > 0) {
      PlainFiles.requireFile(layout.log());
      try (OutputStream out =
          creates
              ? Files.newOutputStream(
                  layout.log(),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.APPEND,
                  LinkOption.NOFOLLOW_LINKS)
              : Files.newOutputStream(
                  layout.log(), StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS)) {
        text.writeTo(out);
      }
      size += text.size();
      text.reset();
    }
  }
}
