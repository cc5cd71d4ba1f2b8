package dev.tracker.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a program printed into its table, when, on what, and with what going on beside it. Kept as a
 * file of one line of JSON.
 *
 * @param command the program and its arguments
 * @param date the day on which it began, UTC
 * @param seconds how long it took
 * @param machine as {@link Machine#hardware} tells it
 * @param java the version of Java
 * @param loadBefore the machine's load before it began
 * @param loadAfter the machine's load when it had ended
 * @param exitCode other than 0 where it failed or a bound is broken
 * @param rows measured, figure, goal, and whether that is met
 */
record Result(
    String command,
    String date,
    long seconds,
    String machine,
    String java,
    double loadBefore,
    double loadAfter,
    int exitCode,
    List<String[]> rows) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What {@link #describe} says. */
  private static final Pattern DESCRIPTION =
      Pattern.compile(
          "`(?<command>[^`]+)`, (?<date>\\S+), (?<seconds>[\\d,]+) s, load (?<before>\\S+) before and"
              + " (?<after>\\S+) after, (?<machine>.+), Java (?<java>[^; ]+)"
              + "(; \\*\\*ended with (?<exit>\\d+)\\*\\*)?");

  /** Runs a program; there may be no rows. */
  static Result measure(String command) throws IOException, InterruptedException {
    String date = LocalDate.now(ZoneOffset.UTC).toString();
    double before = Machine.load();
    long start = System.nanoTime();
    List<String> printed = new ArrayList<>();
    int exitCode = Bench.run(List.of(command.split(" ", -1)), printed);
    return new Result(
        command,
        date,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
        Machine.hardware(),
        System.getProperty("java.runtime.version"),
        before,
        Machine.load(),
        exitCode,
        Table.parse(printed));
  }

  /** Returns the last result of a command that was kept. */
  static Optional<Result> read(Path folder, String command) throws IOException {
    Path file = file(folder, command);
    return Files.exists(file)
        ? Optional.of(JSON.readValue(file.toFile(), Result.class))
        : Optional.empty();
  }

  /** Returns the results that a page shows, each where its table ends. */
  static List<Result> onPage(List<String> page) {
    List<Result> results = new ArrayList<>();
    for (int line = 2; line < page.size(); line++) {
      Matcher said = DESCRIPTION.matcher(page.get(line));
      if (said.matches()) {
        int end = line - 1; // an empty line is between
        int start = end;
        while (start > 0 && page.get(start - 1).startsWith("|")) {
          start--;
        }
        results.add(
            new Result(
                said.group("command"),
                said.group("date"),
                Long.parseLong(said.group("seconds").replace(",", "")),
                said.group("machine"),
                said.group("java"),
                Double.parseDouble(said.group("before")),
                Double.parseDouble(said.group("after")),
                said.group("exit") == null ? 0 : Integer.parseInt(said.group("exit")),
                Template.rows(page.subList(start, end))));
      }
    }
    return results;
  }

  /** Keeps this in the place of an older one. */
  void write(Path folder) throws IOException {
    Files.writeString(
        file(Files.createDirectories(folder), command), JSON.writeValueAsString(this) + "\n");
  }

  private static Path file(Path folder, String command) {
    return folder.resolve(command.replace(' ', '-') + ".json");
  }

  /** Returns the row of such a name, or whose name ends so after a comma. */
  Optional<String[]> row(String name) {
    List<String[]> found =
        rows.stream().filter(row -> row[0].equals(name) || row[0].endsWith(", " + name)).toList();
    if (found.size() > 1) {
      throw new IllegalArgumentException(
          "more than one row: command=" + command + " name=" + name + " count=" + found.size());
    }
    return found.stream().findFirst();
  }

  /** Returns on one line all that is to be known of the figures. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "`%s`, %s, %,d s, load %.1f before and %.1f after, %s, Java %s%s",
        command,
        date,
        seconds,
        loadBefore,
        loadAfter,
        machine,
        java,
        exitCode == 0 ? "" : "; **ended with " + exitCode + "**");
  }
}
