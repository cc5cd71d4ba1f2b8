package dev.tracker.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.ParquetReader;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.tracker.Board;
import dev.tracker.SeriesKind;
import dev.tracker.format.StorageException;
import dev.tracker.read.RunReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Exports real runs and reads the files back with what reads such files. */
class ExportTest {
  private static final double ODD_NAN = Double.longBitsToDouble(0x7ff8_0000_0000_beefL);
  private static final double[] LOSS = {
    0.1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 1e-308, ODD_NAN
  };
  private static final long BIG = (1L << 53) + 1;

  @TempDir Path folder;

  /**
   * Makes a run of a metric of each kind; the rows of the first are sealed, the rest may not be.
   */
  private Board kinds(String id) {
    Board board = Board.builder(id).id(id).root(folder.resolve("runs")).open();
    for (int i = 0; i < LOSS.length; i++) {
      board.step();
      board.log("loss", LOSS[i]);
    }
    board.metric("seen", SeriesKind.INT64);
    board.log(Map.of("seen", BIG));
    board.log(Map.of("done", true));
    board.log(Map.of("done", false));
    board.log(Map.of("note", "a \"b\", c\nd; é😀"));
    board.log(Map.of("note", ""));
    board.flush();
    return board;
  }

  private static List<Map<String, Object>> read(Path file, ExportFormat format) throws IOException {
    return switch (format) {
      case CSV -> csv(file);
      case JSON_LINES -> jsonLines(file);
      case ARROW -> arrow(file);
      case PARQUET -> parquet(file);
    };
  }

  private static List<Map<String, Object>> csv(Path file) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (MappingIterator<Map<String, Object>> lines =
        new CsvMapper()
            .readerForMapOf(Object.class)
            .with(CsvSchema.emptySchema().withHeader())
            .with(
                com.fasterxml.jackson.dataformat.csv.CsvParser.Feature
                    .EMPTY_UNQUOTED_STRING_AS_NULL)
            .readValues(file.toFile())) {
      while (lines.hasNext()) {
        Map<String, Object> row = new LinkedHashMap<>();
        lines
            .next()
            .forEach((name, text) -> {
              if (text != null) {
                row.put(name, typed(name, (String) text));
              }
            });
        rows.add(row);
      }
    }
    return rows;
  }

  private static Object typed(String column, String text) {
    return switch (column) {
      case "step", "global_step", "value_int64" -> Long.valueOf(text);
      case "timestamp" -> micros(text);
      case "value" -> Double.valueOf(text);
      case "value_bool" -> Boolean.valueOf(text);
      default -> text;
    };
  }

  private static long micros(String time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time));
  }

  private static List<Map<String, Object>> jsonLines(Path file) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      Map<String, Object> row = new LinkedHashMap<>();
      JsonNode object = new ObjectMapper().readTree(line);
      object
          .properties()
          .forEach(field -> {
            JsonNode value = field.getValue();
            row.put(
                field.getKey(),
                field.getKey().equals("timestamp")
                    ? micros(value.textValue())
                    : field.getKey().equals("value")
                        ? (Object) Double.valueOf(value.asText())
                        : value.isBoolean()
                            ? (Object) value.booleanValue()
                            : value.isTextual()
                                ? value.textValue()
                                : value.isDouble()
                                    ? (Object) value.doubleValue()
                                    : value.longValue());
          });
      rows.add(row);
    }
    return rows;
  }

  private static List<Map<String, Object>> arrow(Path file) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (RootAllocator memory = new RootAllocator();
        FileChannel channel = FileChannel.open(file);
        ArrowFileReader reader = new ArrowFileReader(channel, memory)) {
      while (reader.loadNextBatch()) {
        int count = reader.getVectorSchemaRoot().getRowCount();
        int first = rows.size();
        for (int i = 0; i < count; i++) {
          rows.add(new LinkedHashMap<>());
        }
        for (FieldVector vector : reader.getVectorSchemaRoot().getFieldVectors()) {
          var encoding = vector.getField().getDictionary();
          try (var decoded =
              encoding == null
                  ? null
                  : DictionaryEncoder.decode(vector, reader.lookup(encoding.getId()))) {
            for (int i = 0; i < count; i++) {
              Object value = decoded == null ? vector.getObject(i) : decoded.getObject(i);
              if (value != null) {
                rows.get(first + i)
                    .put(
                        vector.getName(),
                        value instanceof Number || value instanceof Boolean
                            ? value
                            : value.toString());
              }
            }
          }
        }
      }
    }
    return rows;
  }

  private static List<Map<String, Object>> parquet(Path file) throws IOException {
    Hydrator<Map<String, Object>, Map<String, Object>, String[]> hydrator =
        new Hydrator<>() {
          @Override
          public Map<String, Object> start() {
            return new LinkedHashMap<>();
          }

          @Override
          public Map<String, Object> add(Map<String, Object> row, String[] column, Object value) {
            if (value != null) {
              row.put(column[0], value);
            }
            return row;
          }

          @Override
          public Map<String, Object> finish(Map<String, Object> row) {
            return row;
          }
        };
    try (Stream<Map<String, Object>> rows = ParquetReader.streamContent(file.toFile(), hydrator)) {
      return rows.toList();
    }
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void every_value_of_every_kind_comes_back(ExportFormat format) throws IOException {
    Path file = folder.resolve("all." + format.ending());
    Path run;
    long[] times;
    try (Board board = kinds("first")) {
      run = board.directory();
      try (RunReader reader = RunReader.open(run)) {
        times = reader.scalars("loss").timestamps();
        assertEquals(12, Export.of(reader).to(file));
      }
    }
    List<Map<String, Object>> rows = read(file, format);
    assertEquals(12, rows.size());
    for (int i = 0; i < LOSS.length; i++) {
      Map<String, Object> row = rows.get(i);
      assertEquals("first", row.get("run"));
      assertEquals("loss", row.get("metric"));
      assertEquals((long) i, row.get("step"));
      assertEquals((long) i + 1, row.get("global_step"));
      assertEquals(times[i], row.get("timestamp"));
      double value = (double) row.get("value");
      assertEquals(
          format == ExportFormat.ARROW
              ? Double.doubleToRawLongBits(LOSS[i])
              : Double.doubleToLongBits(LOSS[i]),
          format == ExportFormat.ARROW
              ? Double.doubleToRawLongBits(value)
              : Double.doubleToLongBits(value));
      assertFalse(row.containsKey("value_string"), row.toString());
    }
    assertEquals(BIG, rows.get(7).get("value_int64"));
    assertFalse(rows.get(7).containsKey("value"), rows.get(7).toString());
    assertEquals(true, rows.get(8).get("value_bool"));
    assertEquals(false, rows.get(9).get("value_bool"));
    assertEquals("a \"b\", c\nd; é😀", rows.get(10).get("value_string"));
    assertEquals("", rows.get(11).get("value_string"));
    assertEquals("note", rows.get(11).get("metric"));
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void a_metric_by_itself_has_four_columns(ExportFormat format) throws IOException {
    Path file = folder.resolve("one." + format.ending());
    try (Board board = kinds("first");
        RunReader reader = RunReader.open(board.directory())) {
      assertEquals(7, Export.of(reader).only("loss").to(file));
    }
    List<Map<String, Object>> rows = read(file, format);
    assertEquals(
        List.of("step", "global_step", "timestamp", "value"), List.copyOf(rows.get(0).keySet()));
    assertEquals(7, rows.size());
    assertEquals(0.1, rows.get(0).get("value"));
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void many_runs_are_told_apart_in_many_batches(ExportFormat format) throws IOException {
    int steps = 70_000;
    for (String id : List.of("a", "b")) {
      try (Board board = Board.builder(id).id(id).root(folder.resolve("runs")).open()) {
        for (int i = 0; i < steps; i++) {
          board.log("x", id.equals("a") ? i : -i);
        }
        if (id.equals("b")) {
          board.log("only b", 1.0);
        }
      }
    }
    Path file = folder.resolve("many." + format.ending());
    List<String> told = new ArrayList<>();
    try (RunReader a = RunReader.open(folder.resolve("runs/default/a"));
        RunReader b = RunReader.open(folder.resolve("runs/default/b"))) {
      long rows =
          Export.of(List.of(a, b))
              .listener((done, metrics, of) -> told.add(done + " " + metrics + "/" + of))
              .to(file);
      assertEquals(2 * steps + 1, rows);
    }
    assertEquals(List.of("70000 1/3", "140000 2/3", "140001 3/3"), told);
    List<Map<String, Object>> rows = read(file, format);
    for (int i = 0; i < 2 * steps; i++) {
      Map<String, Object> row = rows.get(i);
      int step = i % steps;
      assertEquals(i < steps ? "a" : "b", row.get("run"));
      assertEquals((long) step, row.get("step"));
      assertEquals(i < steps ? step : -step, (double) row.get("value"), 0.0);
    }
    assertEquals("only b", rows.get(2 * steps).get("metric"));
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void a_run_without_metrics_gives_a_file_without_rows(ExportFormat format) throws IOException {
    Path file = folder.resolve("none." + format.ending());
    try (Board board = Board.builder("none").root(folder.resolve("runs")).open();
        RunReader reader = RunReader.open(board.directory())) {
      assertEquals(0, Export.of(reader).to(file));
    }
    assertEquals(List.of(), read(file, format));
    if (format == ExportFormat.CSV) {
      assertEquals("run,metric,step,global_step,timestamp,value\n", Files.readString(file));
    }
  }

  @Test
  void a_run_that_is_larger_than_the_heap_is_exported() throws Exception {
    int rows = 4_000_000; // as arrays, 160 MB
    Path run;
    try (Board board = Board.builder("large").root(folder.resolve("runs")).open()) {
      run = board.directory();
      for (int i = 0; i < rows; i++) {
        board.log("x", i / 3.0);
      }
    }
    for (ExportFormat format : ExportFormat.values()) {
      Path file = folder.resolve("large." + format.ending());
      assertEquals(Integer.toString(rows), exportInLittleMemory(run, file, "long"));
      assertTrue(Files.size(file) > 8L * rows, format + " " + Files.size(file));
      assertEquals(Integer.toString(rows), exportInLittleMemory(run, file, "wide"));
      assertTrue(Files.size(file) > 8L * rows, format + " " + Files.size(file));
    }
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void the_wide_form_has_a_row_per_step_and_a_column_per_metric(ExportFormat format)
      throws IOException {
    Path file = folder.resolve("wide." + format.ending());
    long[] times;
    try (Board board = Board.builder("w").id("w").root(folder.resolve("runs")).open()) {
      board.metric("value_int64", SeriesKind.INT64); // read back as what it is
      board.log(Map.of("value", 0.5, "value_int64", BIG, "value_bool", true));
      board.log(Map.of("value", Double.NaN, "step", 3.0));
      board.log(0, Map.of("note", "a \"b\", c\nd; é😀", "value", -0.0));
      board.log(7, Map.of("note", "", "value_bool", false));
      board.flush();
      try (RunReader reader = RunReader.open(board.directory())) {
        times = reader.scalars("value").timestamps();
        assertEquals(3, Export.of(reader).wide().to(file));
      }
    }
    List<Map<String, Object>> rows = read(file, format);
    assertEquals(3, rows.size());
    Map<String, Object> first = rows.get(0);
    assertEquals(0L, first.get("step"));
    assertEquals(times[2], first.get("timestamp"));
    assertEquals(-0.0, first.get("value"));
    assertEquals(BIG, first.get("value_int64"));
    assertEquals(true, first.get("value_bool"));
    assertEquals("a \"b\", c\nd; é😀", first.get("note"));
    assertFalse(first.containsKey("metric:step"), first.toString());
    assertFalse(first.containsKey("run"), first.toString());
    assertEquals(1L, rows.get(1).get("step"));
    assertEquals(Double.NaN, rows.get(1).get("value"));
    assertEquals(3.0, Double.parseDouble("" + rows.get(1).get("metric:step")));
    assertFalse(rows.get(1).containsKey("note"), rows.get(1).toString());
    assertEquals(7L, rows.get(2).get("step"));
    assertEquals("", rows.get(2).get("note"));
    assertEquals(false, rows.get(2).get("value_bool"));
    assertFalse(rows.get(2).containsKey("value"), rows.get(2).toString());
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void the_wide_form_of_several_runs_says_which(ExportFormat format) throws IOException {
    Path file = folder.resolve("both." + format.ending());
    for (String id : List.of("a", "b")) {
      try (Board board = Board.builder(id).id(id).root(folder.resolve("runs")).open()) {
        board.log("value", id.equals("a") ? 1.0 : 2.0);
        board.log(Map.of("mixed", id.equals("a") ? (Object) 1.5 : "text"));
      }
    }
    try (RunReader a = RunReader.open(folder.resolve("runs/default/a"));
        RunReader b = RunReader.open(folder.resolve("runs/default/b"))) {
      assertEquals(4, Export.of(List.of(a, b)).wide().to(file));
    }
    List<Map<String, Object>> rows = read(file, format);
    assertEquals("[a, a, b, b]", rows.stream().map(row -> row.get("run")).toList().toString());
    assertEquals(2.0, rows.get(2).get("value"));
    assertEquals("1.5", rows.get(1).get("mixed").toString());
    assertEquals("text", rows.get(3).get("mixed_string"));
  }

  @Test
  void the_wide_form_is_what_a_table_in_memory_would_be() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<String, Map<Long, String>> expected = new LinkedHashMap<>();
    Path run;
    try (Board board = Board.builder("r").id("r").root(folder.resolve("runs")).open()) {
      run = board.directory();
      for (int i = 0; i < 1_200_000; i++) {
        log(board, expected, "forward", i / 3, i); // three rows of each step
        if (i % 2 == 0) {
          log(board, expected, "anywhere", random.nextInt(300_000), i);
        }
        if (i % 4 == 0) {
          log(board, expected, "one step", 77, i);
          log(board, expected, "far apart", (1L << 62) / 1_200_001 * i, i);
        }
      }
    }
    ByteArrayOutputStream csv = new ByteArrayOutputStream();
    long rows;
    try (RunReader reader = RunReader.open(run)) {
      rows = Export.of(reader).wide().to(csv, ExportFormat.CSV);
    }
    TreeSet<Long> steps = new TreeSet<>();
    expected.values().forEach(metric -> steps.addAll(metric.keySet()));
    assertEquals(steps.size(), rows, "seed=" + seed);
    String[] lines = csv.toString(UTF_8).split("\n", -1);
    assertEquals("step,global_step,timestamp," + String.join(",", expected.keySet()), lines[0]);
    int line = 1;
    for (long step : steps) {
      String values =
          expected.values().stream()
              .map(metric -> metric.getOrDefault(step, ""))
              .collect(Collectors.joining(","));
      assertTrue(
          lines[line].startsWith(step + ",") && lines[line].endsWith("Z," + values),
          () -> "seed=" + seed + " step=" + step + " expected=" + values);
      line++;
    }
  }

  private static void log(
      Board board,
      Map<String, Map<Long, String>> expected,
      String metric,
      long step,
      double value) {
    board.log(step, Map.of(metric, value));
    expected.computeIfAbsent(metric, name -> new TreeMap<>()).put(step, Double.toString(value));
  }

  @Test
  void texts_that_are_larger_than_the_heap_are_exported() throws Exception {
    int rows = 150_000; // 150 MB
    String text = "x".repeat(1_000);
    Path run;
    try (Board board = Board.builder("texts").root(folder.resolve("runs")).open()) {
      run = board.directory();
      for (int i = 0; i < rows; i++) {
        board.log(Map.of("text", text + i));
      }
    }
    for (String form : List.of("long", "wide")) {
      Path file = folder.resolve(form + ".csv");
      assertEquals(Integer.toString(rows), exportInLittleMemory(run, file, form));
      try (Stream<String> lines = Files.lines(file)) {
        assertEquals(rows, lines.filter(line -> line.contains(text)).count(), form);
      }
    }
  }

  private static String exportInLittleMemory(Path run, Path file, String form) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                ExportProgram.class.getName(),
                run.toString(),
                file.toString(),
                form)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertEquals(0, process.waitFor(), file.toString());
    return said;
  }

  @Test
  void csv_and_json_lines_are_as_they_are_described() throws IOException {
    try (Board board = kinds("first");
        RunReader reader = RunReader.open(board.directory())) {
      ByteArrayOutputStream csv = new ByteArrayOutputStream();
      Export.of(reader).metrics("loss", "note").to(csv, ExportFormat.CSV);
      String[] lines = csv.toString(UTF_8).split("\n", -1);
      assertEquals("run,metric,step,global_step,timestamp,value,value_string", lines[0]);
      assertTrue(csv.toString(UTF_8).endsWith("Z,,\"\"\n"), lines[lines.length - 1]);
      assertTrue(
          lines[2].matches(
              "first,loss,1,2,\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z,NaN,"),
          lines[2]);
      ByteArrayOutputStream json = new ByteArrayOutputStream();
      Export.of(reader).only("done").to(json, ExportFormat.JSON_LINES);
      assertTrue(
          json.toString(UTF_8)
              .matches(
                  "(\\{\"step\":\\d+,\"global_step\":7,\"timestamp\":\"[^\"]+Z\",\"value\":(true|false)}\n){2}"),
          json.toString(UTF_8));
    }
  }

  @Test
  void two_runs_of_one_id_are_named_with_their_projects() throws IOException {
    ByteArrayOutputStream csv = new ByteArrayOutputStream();
    for (String project : List.of("p", "q")) {
      Board.builder("x").id("same").project(project).root(folder).open().close();
    }
    try (Board p = Board.builder("x").id("same2").project("p").root(folder).open();
        Board q = Board.builder("x").id("same2").project("q").root(folder).open()) {
      p.log("m", 1.0);
      q.log("m", 2.0);
      p.flush();
      q.flush();
      try (RunReader first = RunReader.open(p.directory());
          RunReader second = RunReader.open(q.directory())) {
        Export.of(List.of(first, second)).to(csv, ExportFormat.CSV);
      }
    }
    String[] lines = csv.toString(UTF_8).split("\n", -1);
    assertTrue(lines[1].startsWith("p/same2,m,0,0,"), lines[1]);
    assertTrue(lines[2].startsWith("q/same2,m,0,0,"), lines[2]);
  }

  @Test
  void an_export_that_fails_leaves_what_was_there() throws IOException {
    Path file = folder.resolve("kept.csv");
    Files.writeString(file, "before");
    try (Board board = kinds("first");
        RunReader reader = RunReader.open(board.directory())) {
      assertThrows(
          IllegalStateException.class,
          () ->
              Export.of(reader)
                  .listener((rows, done, of) -> {
                    throw new IllegalStateException("stop");
                  })
                  .to(file));
      assertEquals("before", Files.readString(file));
      try (Stream<Path> files = Files.list(folder)) {
        assertArrayEquals(
            new String[] {"kept.csv", "runs"},
            files.map(path -> path.getFileName().toString()).sorted().toArray());
      }
      IllegalArgumentException unknown =
          assertThrows(
              IllegalArgumentException.class, () -> Export.of(reader).metrics("lost").to(file));
      assertTrue(unknown.getMessage().contains("'lost'"), unknown.getMessage());
      assertTrue(unknown.getMessage().contains("loss"), unknown.getMessage());
      assertThrows(
          IllegalArgumentException.class, () -> Export.of(reader).to(folder.resolve("x.xlsx")));
      assertThrows(
          StorageException.class, () -> Export.of(reader).to(folder.resolve("no/such/x.csv")));
    }
  }

  @ParameterizedTest
  @EnumSource(ExportFormat.class)
  void a_stream_that_fails_fails_the_export(ExportFormat format) throws IOException {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no space left on device");
          }
        };
    try (Board board = kinds("first");
        RunReader reader = RunReader.open(board.directory())) {
      IOException e =
          assertThrows(IOException.class, () -> Export.of(reader).to(full, format), "" + format);
      assertEquals("no space left on device", e.getMessage());
    }
  }
}
