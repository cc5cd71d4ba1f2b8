package dev.tracker.host;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes secrets out of command lines: what a telling name announces, passwords in addresses, and
 * the well-known shapes of access tokens. A secret that gives no such sign is not noticed.
 */
final class Secrets {
  /** What stands for a secret. */
  static final String MASK = "***";

  private static final String TELLING =
      "(?:secret|token(?!s(?![a-z])|i[sz])|passw|passphrase|pwd|api[-_.]?key|access[-_.]?key"
          + "|private[-_.]?key|account[-_.]?key|credential|auth(?!or)|jwt|cookie|bearer)";

  private static final Pattern NAME =
      Pattern.compile(TELLING + "|(?:^|[-_.])key$", Pattern.CASE_INSENSITIVE);

  /** A name, a {@code =} or {@code :}, and what follows; also inside JSON and addresses. */
  private static final Pattern ASSIGNED =
      Pattern.compile(
          "([\\w.-]*" + TELLING + "[\\w.-]*[\"']?\\s*[=:]\\s*)\\S+", Pattern.CASE_INSENSITIVE);

  private static final Pattern USER_INFO = Pattern.compile("://[^/@\\s]+@");

  private static final Pattern SHAPE =
      Pattern.compile(
          "\\b(?:hf_\\w{16,}|gh[oprsu]_\\w{20,}|github_pat_\\w{20,}|glpat-[\\w-]{16,}"
              + "|sk-[\\w-]{16,}|AKIA[0-9A-Z]{16}|xox[abprs]-[\\w-]{10,}"
              + "|eyJ[\\w-]{10,}\\.[\\w-]{4,}\\.[\\w-]*)");

  private Secrets() {}

  /** Says whether what has a name is likely to be secret. */
  static boolean isNamedLikeOne(String name) {
    return NAME.matcher(name).find();
  }

  /** Masks what looks like a secret within one text. */
  static String mask(String text) {
    String masked = ASSIGNED.matcher(text).replaceAll("$1" + MASK);
    masked = USER_INFO.matcher(masked).replaceAll("://" + MASK + "@");
    return SHAPE.matcher(masked).replaceAll(MASK);
  }

  /**
   * Masks a program's arguments. They may have been cut at blanks that were inside an argument: so
   * after a telling name everything is masked up to the next option.
   */
  static List<String> maskArguments(List<String> arguments) {
    List<String> masked = new ArrayList<>();
    boolean secret = false;
    for (String argument : arguments) {
      int assigned = argument.indexOf('=');
      String name = assigned < 0 ? argument : argument.substring(0, assigned);
      if (argument.startsWith("-") || assigned >= 0) {
        secret = isNamedLikeOne(name);
        masked.add(secret && assigned >= 0 ? name + "=" + MASK : mask(argument));
      } else {
        masked.add(secret ? MASK : mask(argument));
      }
    }
    return masked;
  }

  /** Masks the JVM's own arguments: system properties that are not listed, options of agents. */
  static List<String> maskJvmArguments(List<String> arguments, NameList listed) {
    return arguments.stream().map(argument -> maskJvmArgument(argument, listed)).toList();
  }

  private static String maskJvmArgument(String argument, NameList listed) {
    int assigned = argument.indexOf('=');
    if (argument.startsWith("-D")) {
      return assigned < 0 || listed.contains(argument.substring(2, assigned))
          ? argument
          : argument.substring(0, assigned + 1) + MASK;
    }
    if (argument.startsWith("-javaagent:") || argument.startsWith("-agent")) {
      return assigned < 0 ? argument : argument.substring(0, assigned + 1) + MASK;
    }
    return mask(argument);
  }
}
