package dev.tracker.system;

import dev.tracker.Board;
import dev.tracker.Resume;
import dev.tracker.media.Attachment;
import dev.tracker.value.Column;
import dev.tracker.value.Histogram;
import dev.tracker.value.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A training program that logs numbers, histograms, files of all sizes and tables with files in
 * their cells in one call each, from two threads, until it is killed; it prints how many calls are
 * in the journal.
 *
 * <p>Arguments: root, id, resume, which life it is.
 */
public final class ValuesProgram {
  /** What one call logs, found again from its number. */
  public record Call(int life, int thread, long number) {
    private long seed() {
      return (life * 10L + thread) * 1_000_000L + number;
    }

    /** Returns the name of a series of this thread. */
    public String name(String what) {
      return what + "/" + life + "/" + thread;
    }

    /** Returns the numbers of its histogram. */
    public double[] numbers() {
      return new Random(seed()).doubles(200 + number % 300).toArray();
    }

    /** Returns the bytes of its file: mostly few, every seventh time many. */
    public byte[] file() {
      byte[] bytes = new byte[number % 7 == 0 ? 300_000 : 2_000];
      new Random(seed()).nextBytes(bytes);
      return bytes;
    }

    /** Returns how many rows its table has. */
    public int rows() {
      return 1 + (int) (number % 5);
    }

    /** Returns the text in a row of its table. */
    public String text(int row) {
      return number + "." + row;
    }

    /** Returns the file in a row of its table, mostly small; every third row has none. */
    public byte @Nullable [] cell(int row) {
      if (row % 3 == 2) {
        return null;
      }
      int size = number % 11 == 0 ? 150_000 : number % 11 == 4 ? 100_000 : 500;
      byte[] bytes = new byte[size]; // too large for the journal, for one frame, or neither
      new Random(seed() + 17L * row).nextBytes(bytes);
      return bytes;
    }

    private Table table() {
      Table.Builder table =
          Table.builder()
              .column("text", Column.Type.TEXT)
              .column("file", Column.Type.MEDIA)
              .column("row", Column.Type.INTEGER);
      for (int row = 0; row < rows(); row++) {
        byte[] file = cell(row);
        table.row(text(row), file == null ? null : Attachment.of(file, "c.bin"), row);
      }
      return table.build();
    }
  }

  private ValuesProgram() {}

  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]);
    int life = Integer.parseInt(args[3]);
    Board board =
        Board.builder("values").root(root).id(args[1]).resume(Resume.valueOf(args[2])).open();
    for (int thread = 0; thread < 2; thread++) {
      int number = thread;
      Thread trainer = new Thread(() -> train(board, root, life, number));
      trainer.setDaemon(true);
      trainer.start();
    }
    System.out.println("opened " + board.directory());
    long before = -1;
    while (System.in.available() == 0) {
      long journaled = board.health().journaled();
      if (journaled != before) {
        System.out.println("journaled " + journaled);
        before = journaled;
      }
      Thread.onSpinWait();
    }
    board.finish();
    System.out.println("finished");
  }

  private static void train(Board board, Path root, int life, int thread) {
    try {
      Path given = root.resolve("given-" + life + "-" + thread);
      for (long number = 0; ; number++) {
        Call call = new Call(life, thread, number);
        Attachment file = Attachment.of(call.file(), "x.bin");
        if (number % 31 == 0) {
          Path path =
              Files.write(given.resolveSibling(given.getFileName() + "-" + number), call.file());
          file = Attachment.of(path);
        }
        board.log(
            Map.of(
                call.name("number"),
                (double) number,
                call.name("histogram"),
                Histogram.of(call.numbers()),
                call.name("file"),
                file,
                call.name("table"),
                call.table()));
      }
    } catch (IllegalStateException e) {
      // finished
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(Arrays.toString(new int[] {life, thread}), e);
    }
  }
}
