package dev.tracker.cli;

import dev.tracker.export.Export;
import dev.tracker.export.ExportFormat;
import dev.tracker.export.ExportListener;
import dev.tracker.read.RunReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Exports runs. */
@Command(
    name = "export",
    description = "Writes metrics as CSV, JSON lines, Arrow or Parquet, one row per value.")
final class ExportRuns extends RunCommand {
  @Parameters(arity = "1..*", paramLabel = "RUN", description = "which runs")
  List<String> runs = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "where to; without it, to standard output")
  @Nullable Path output;

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description =
          "csv, jsonl, arrow or parquet; without it, what the ending of FILE says, or csv")
  @Nullable String format;

  @Option(
      names = {"-m", "--metric"},
      paramLabel = "METRIC",
      description = "only this metric; may be given several times")
  List<String> metrics = List.of();

  @Option(
      names = "--bare",
      description = "leave out the columns run and metric; for one metric of one run")
  boolean bare;

  @Option(
      names = "--wide",
      description = "one row per step with a column for each metric, instead of one row per value")
  boolean wide;

  @Override
  public Integer call() throws IOException {
    ExportFormat as = format();
    if (bare && (runs.size() != 1 || metrics.size() != 1)) {
      throw new ParameterException(
          spec.commandLine(), "--bare is for one metric of one run: add --metric");
    }
    if (bare && wide) {
      throw new ParameterException(
          spec.commandLine(), "--bare and --wide exclude each other: leave out one of them");
    }
    List<Path> folders = runs.stream().map(this::find).toList();
    List<RunReader> readers = new ArrayList<>();
    try {
      for (Path folder : folders) {
        readers.add(RunReader.open(folder));
      }
      export(readers, as);
    } finally {
      readers.forEach(RunReader::close);
    }
    return Exit.OK;
  }

  private ExportFormat format() {
    if (format != null) {
      return named(format);
    }
    try {
      return output == null ? ExportFormat.CSV : ExportFormat.of(output);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage() + " (or give --format)", e);
    }
  }

  private ExportFormat named(String name) {
    return Arrays.stream(ExportFormat.values())
        .filter(each -> each.ending().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() ->
            new ParameterException(
                spec.commandLine(),
                "no format '"
                    + name
                    + "': formats="
                    + Arrays.stream(ExportFormat.values())
                        .map(ExportFormat::ending)
                        .collect(Collectors.joining(", "))
                    + " (give one of them with --format)"));
  }

  private void export(List<RunReader> readers, ExportFormat as) throws IOException {
    Export export = Export.of(readers);
    if (bare) {
      export.only(metrics.get(0));
    } else if (!metrics.isEmpty()) {
      export.metrics(metrics);
    }
    if (wide) {
      export.wide();
    }
    if (output == null) {
      toStandardOutput(export, as);
      return;
    }
    Progress progress = new Progress();
    long rows = export.listener(progress).to(output, as);
    progress.end();
    long bytes = Files.size(output);
    if (json) {
      Map<String, Object> done = new LinkedHashMap<>();
      done.put("file", output.toString());
      done.put("format", as.ending());
      done.put("rows", rows);
      done.put("metrics", progress.metrics);
      done.put("bytes", bytes);
      out().println(Json.line(done));
    } else {
      out()
          .printf(
              Locale.ROOT,
              "wrote %s: %,d rows of %,d metrics, %,d bytes%n",
              output,
              rows,
              progress.metrics,
              bytes);
    }
  }

  private static void toStandardOutput(Export export, ExportFormat as) throws IOException {
    // Not System.out, which hides when nobody reads any more.
    try (OutputStream to = new FileOutputStream(FileDescriptor.out)) {
      export.to(to, as);
    }
  }

  /** A line that tells a person at a terminal how far it is. */
  private final class Progress implements ExportListener {
    int metrics;
    private boolean shown;

    @Override
    public void exported(long rows, int done, int of) {
      metrics = done;
      if (Terminal.isThere() && !json) {
        err().printf(Locale.ROOT, "\r%,d rows, %,d of %,d metrics ", rows, done, of);
        err().flush();
        shown = true;
      }
    }

    void end() {
      if (shown) {
        err().print("\r\u001b[K");
        err().flush();
      }
    }
  }
}
