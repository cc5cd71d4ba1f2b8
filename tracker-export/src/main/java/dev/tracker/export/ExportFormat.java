package dev.tracker.export;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a metric can be exported as. */
public enum ExportFormat {
  /** Comma-separated values with a header line, UTF-8. */
  CSV("csv"),
  /** A JSON object per line, UTF-8. */
  JSON_LINES("jsonl"),
  /** The file format of Arrow IPC, also known as Feather 2; uncompressed. */
  ARROW("arrow"),
  /** Parquet; uncompressed, but steps and times are stored as differences. */
  PARQUET("parquet");

  private final String ending;

  ExportFormat(String ending) {
    this.ending = ending;
  }

  /** Returns how names of such files end, without the dot. */
  public String ending() {
    return ending;
  }

  /**
   * Returns the format whose ending a file's name has.
   *
   * @throws IllegalArgumentException if it has none of them
   */
  public static ExportFormat of(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> name.endsWith("." + format.ending))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no format has the ending of this file: file="
                    + file
                    + " endings="
                    + Arrays.stream(values())
                        .map(ExportFormat::ending)
                        .collect(Collectors.joining(", "))));
  }
}
