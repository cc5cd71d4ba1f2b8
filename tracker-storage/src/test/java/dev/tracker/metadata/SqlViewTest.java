package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import dev.tracker.format.RunDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people find who look into the database with the tools that they have. */
class SqlViewTest {
  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("metadata.db");
  }

  @Test
  void theRun_isSpreadOutIntoColumns() throws Exception {
    commit(
        """
        {"id":"20261120-204755-k3f9q2","name":"first try","project":"mnist","status":"FAILED",
         "created":"2026-11-20T20:47:55Z","finished":"2026-11-20T21:00:00Z","notes":"it's \\"new\\"",
         "error":{"type":"java.lang.OutOfMemoryError"},"attempt":2,"tags":["a","b c"]}
        """);
    assertEquals(
        List.of(
            "20261120-204755-k3f9q2|first try|mnist|FAILED|2026-11-20T20:47:55Z|2026-11-20T21:00:00Z"
                + "|it's \"new\"|{\"type\":\"java.lang.OutOfMemoryError\"}"),
        query("SELECT id, name, project, status, created, finished, notes, error FROM run"));
    assertEquals(List.of("a", "b c"), query("SELECT tag FROM tag ORDER BY ordinal"));
    assertEquals(List.of("2"), query("SELECT json_extract(document, '$.attempt') FROM run"));
  }

  @Test
  void theConfiguration_canBeAskedFor() throws Exception {
    commit(
        """
        {"config":{"lr":1e-3,"epochs":10,"big":9007199254740993,"net":{"act":"relu","drop":{"p":0.5},"none":{}},
         "amp":true,"seed":null,"layers":[64,{"a":1}],"odd/key":"x"}}
        """);
    assertEquals(
        List.of(
            "lr|number|0.001|0.001|null",
            "epochs|number|10|10|null",
            "big|number|9007199254740993|9007199254740993|null",
            "net/act|string|\"relu\"|null|relu",
            "net/drop/p|number|0.5|0.5|null",
            "net/none|object|{}|null|null",
            "amp|boolean|true|1|null",
            "seed|null|null|null|null",
            "layers|array|[64,{\"a\":1}]|null|null",
            "odd/key|string|\"x\"|null|x"),
        query("SELECT path, type, value, number, text FROM config ORDER BY ordinal"));
    assertEquals(
        List.of("64"),
        query("SELECT json_extract(value, '$[0]') FROM config WHERE path = 'layers'"));
  }

  @Test
  void aLaterDocument_replacesWhatTheOneBeforeSpread() throws Exception {
    commit("{\"name\":\"a\",\"config\":{\"x\":1,\"y\":2},\"tags\":[\"t\"]}");
    commit("{\"config\":{\"x\":3}}");
    assertEquals(List.of("null"), query("SELECT name FROM run"));
    assertEquals(List.of("x|3"), query("SELECT path, number FROM config"));
    assertEquals(List.of(), query("SELECT tag FROM tag"));
  }

  @Test
  void theBestValueOfAMetric_isOneLook() throws Exception {
    long best = Double.doubleToRawLongBits(0.25);
    long worst = Double.doubleToRawLongBits(Double.POSITIVE_INFINITY);
    long nan = Double.doubleToRawLongBits(Double.NaN);
    SeriesEntry e = Samples.empty(0, "val/loss", Kind.FLOAT64);
    SeriesEntry text =
        new SeriesEntry(
            1,
            "phase",
            Kind.STRING,
            "phase",
            0,
            1,
            3,
            1,
            0,
            2,
            new SeriesStats(0, "warm up", 2, 0, 0, 0, 0, 0, 0, 0),
            null);
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      writer.commit(
          new Change(new Counters(1, 0, 0, 0))
              .series(
                  new SeriesEntry(
                      0,
                      e.name(),
                      e.kind(),
                      "val__loss",
                      0,
                      1,
                      10,
                      1,
                      0,
                      90,
                      new SeriesStats(nan, null, 90, best, 70, worst, 10, 7, 2, 1),
                      null))
              .series(text));
    }
    assertEquals(
        List.of(
            "phase|string|3|warm up|null|null|null|null|null|0",
            "val/loss|float64|10|null|0.25|70|Inf|10|1.0|2"),
        query(
            "SELECT name, kind, rows, last, min, step_of_min, max, step_of_max, mean, nan_count FROM metric"));
  }

  @Test
  void everyColumn_isOnThePageOfTheFormat() throws Exception {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      assertTrue(writer.finish());
    }
    StringBuilder pages = new StringBuilder();
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(Path.of("..", "docs"), "file-format*.md")) {
      for (Path page : found) {
        pages.append(Files.readString(page));
      }
    }
    String text = pages.toString();
    for (String table : query("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")) {
      assertTrue(text.contains("`" + table + "`"), table);
      for (String column : query("SELECT name FROM pragma_table_info('" + table + "')")) {
        assertTrue(text.contains("`" + column + "`"), table + "." + column);
      }
    }
  }

  private void commit(String document) throws IOException {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      RunDocument run = RunDocument.parse(document.getBytes(StandardCharsets.UTF_8));
      writer.commit(new Change(new Counters(1, 0, 0, 0)).run(run));
      assertEquals(run, writer.snapshot().run());
    }
  }

  private List<String> query(String sql) throws SQLException {
    try (Connection foreign = Samples.foreign(file)) {
      return Samples.query(foreign, sql);
    }
  }
}
