import dev.tracker.Board;
import dev.tracker.SeriesKind;
import dev.tracker.media.Attachment;
import dev.tracker.value.Column;
import dev.tracker.value.Table;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * Logs a run for the interoperability checks, says {@code ready FOLDER}, and does what it is told
 * line by line: {@code more} logs ten more rows, anything else finishes the run.
 *
 * <p>Arguments: root folder, id, number of rows.
 */
final class LogRun {
  private LogRun() {}

  public static void main(String[] arguments) throws Exception {
    int rows = Integer.parseInt(arguments[2]);
    Board board =
        Board.builder("interop")
            .root(Path.of(arguments[0]))
            .id(arguments[1])
            .config(Map.of("lr", 0.5, "layers", Map.of("hidden", 64)))
            .tags("interop")
            .open();
    board.metric("seen", SeriesKind.INT64);
    board.log(-1, Map.of("predictions", table()));
    for (int i = 0; i < rows; i++) {
      if (i % 100 == 0) {
        board.step();
      }
      board.log("train/loss", i % 1000 == 7 ? Double.NaN : 1.0 / (1 + i));
    }
    board.log(Map.of("seen", (1L << 53) + 1, "done", true, "note", "Grüße, \"Ada\" 😀"));
    board.flush();
    System.out.println("ready " + board.directory());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while ("more".equals(in.readLine())) {
      for (int i = 0; i < 10; i++) {
        board.log("train/loss", 0.0);
      }
      board.flush();
      System.out.println("more");
    }
    board.finish();
    System.out.println("finished");
  }

  private static Table table() {
    byte[] file = "a file".getBytes(StandardCharsets.UTF_8);
    return Table.builder()
        .column("label", Column.Type.TEXT)
        .column("a.b", Column.Type.NUMBER)
        .column("seen", Column.Type.INTEGER)
        .column("right", Column.Type.BOOLEAN)
        .column("when", Column.Type.TIME)
        .column("file", Column.Type.MEDIA)
        .row("Grüße", 0.5, (1L << 53) + 1, true, Instant.ofEpochSecond(1), null)
        .row(null, null, null, null, null, Attachment.of(file, "file.txt"))
        .build();
  }
}
