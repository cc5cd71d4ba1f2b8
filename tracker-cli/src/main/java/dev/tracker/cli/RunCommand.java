package dev.tracker.cli;

import dev.tracker.format.Kind;
import dev.tracker.read.RunReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands understand. */
@Command(mixinStandardHelpOptions = true)
abstract class RunCommand implements Callable<Integer> {
  @Option(names = "--dir", paramLabel = "ROOT", description = "where runs are looked for")
  @Nullable Path dir;

  @Option(names = "--json", description = "answer in JSON, for programs")
  boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init") // by picocli
  CommandSpec spec;

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Returns the root folder: that of the option, the property, the variable, or the default. */
  Path root() {
    if (dir != null) {
      return dir;
    }
    String set = System.getProperty("tracker.dir");
    if (set == null || set.isBlank()) {
      set = System.getenv("TRACKER_DIR");
    }
    return set == null || set.isBlank() ? Path.of("tracker") : Path.of(set);
  }

  /** Refuses a series that holds what this command does not show. */
  static void require(RunReader reader, String name, Predicate<Kind> fits) {
    Kind kind = reader.kind(name);
    if (!fits.test(kind)) {
      throw new Refusal(
          "'"
              + name
              + "' holds "
              + kind.name().toLowerCase(Locale.ROOT)
              + ", which this command does not show (tracker show tells what there is)");
    }
  }

  /** Finds a run. */
  Path find(String run) {
    return new RunFinder(root()).find(run);
  }
}
