package dev.tracker.cli;

import dev.tracker.format.StorageException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The command {@code tracker}. */
@Command(
    name = "tracker",
    description =
        "Lists, shows, draws, follows, exports, seals, copies, verifies and repairs runs.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      Ls.class,
      Show.class,
      DrawCurve.class,
      Tail.class,
      ExportRuns.class,
      Seal.class,
      Copy.class,
      Verify.class,
      Repair.class
    },
    footerHeading =
        "%nRUN is a folder, an id, the beginning of an id, or a name. "
            + "Runs are looked for below --dir, -Dtracker.dir, TRACKER_DIR or ./tracker.%n%n",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:it was done",
      "1:the run or the metric is not there, is damaged or in use, or a file cannot be written",
      "2:the command line is not understood",
      "3:tail: the run did not end well",
      "4:verify: the run is not sound; repair: something was lost"
    })
public final class Main implements Callable<Integer> {
  /** picocli refuses less than 55. */
  private static final int MIN_HELP_COLUMNS = 60;

  @Spec
  @SuppressWarnings("NullAway.Init") // by picocli
  private CommandSpec spec;

  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    PrintWriter out = utf8(System.out);
    PrintWriter err = utf8(System.err);
    int code = run(out, err, arguments);
    out.flush();
    err.flush();
    System.exit(code);
  }

  private static PrintWriter utf8(java.io.OutputStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), false);
  }

  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return new CommandLine(new Main())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(Math.max(MIN_HELP_COLUMNS, Terminal.columns(80)))
        .setParameterExceptionHandler(Main::misunderstood)
        .setExecutionExceptionHandler(Main::failed)
        .execute(arguments);
  }

  private static int misunderstood(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    say(command, wantsJson(arguments), String.valueOf(e.getMessage()), Exit.USAGE);
    if (!wantsJson(arguments)) {
      CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
      command.getErr().println("try: " + command.getCommandSpec().qualifiedName() + " --help");
    }
    return Exit.USAGE;
  }

  /** What a user can run into is one line; only what nobody expected has a stack trace. */
  private static int failed(Exception e, CommandLine command, @Nullable ParseResult parsed) {
    boolean json = command.getCommand() instanceof RunCommand asked && asked.json;
    if (e instanceof Refusal
        || e instanceof StorageException
        || e instanceof IllegalArgumentException
        || e instanceof java.io.IOException) {
      String message = e instanceof java.io.IOException ? e.toString() : e.getMessage();
      say(command, json, String.valueOf(message), Exit.FAILED);
    } else {
      e.printStackTrace(command.getErr());
    }
    return Exit.FAILED;
  }

  private static boolean wantsJson(String[] arguments) {
    return java.util.Arrays.asList(arguments).contains("--json");
  }

  private static void say(CommandLine command, boolean json, String message, int code) {
    if (json) {
      command.getErr().println(Json.line(Map.of("error", message, "exit", code)));
    } else {
      command.getErr().println("tracker: " + message);
    }
  }

  /** Without a command there is nothing to do but to say which there are. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return Exit.USAGE;
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"tracker " + (version == null ? "(not from a jar)" : version)};
    }
  }
}
