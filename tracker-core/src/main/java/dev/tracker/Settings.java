package dev.tracker;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a program can be told from outside, by system properties and environment variables;
 * properties go first.
 */
final class Settings {
  static final String DIR_PROPERTY = "tracker.dir";
  static final String DIR_VARIABLE = "TRACKER_DIR";
  static final String ENABLED_PROPERTY = "tracker.enabled";
  static final String ENABLED_VARIABLE = "TRACKER_ENABLED";

  static final String ENVIRONMENT_PROPERTY = "tracker.environment";
  static final String ENVIRONMENT_VARIABLE = "TRACKER_ENVIRONMENT";
  static final String SYSTEM_METRICS_PROPERTY = "tracker.systemMetrics";
  static final String SYSTEM_METRICS_VARIABLE = "TRACKER_SYSTEM_METRICS";

  private static final Path DEFAULT_ROOT = Path.of("tracker");
  private static final Set<String> YES = Set.of("true", "1", "yes", "on");
  private static final Set<String> NO = Set.of("false", "0", "no", "off");

  private final Function<String, @Nullable String> properties;
  private final Function<String, @Nullable String> environment;

  Settings(
      Function<String, @Nullable String> properties,
      Function<String, @Nullable String> environment) {
    this.properties = properties;
    this.environment = environment;
  }

  /** Returns those of this process. */
  static Settings ofProcess() {
    return new Settings(name -> System.getProperty(name), name -> System.getenv(name));
  }

  /** What is said of a setting, and where. */
  private record Said(String where, String text) {
    boolean isOneOf(Set<String> words) {
      return words.contains(text.strip().toLowerCase(Locale.ROOT));
    }

    /** Fails for a program that would otherwise do what nobody meant. */
    IllegalArgumentException illegal(String allowed, @Nullable Exception cause) {
      return new IllegalArgumentException(
          "illegal setting: " + where + "='" + text + "' (" + allowed + ")", cause);
    }
  }

  /** Returns the folder of all runs. */
  Path root() {
    Said said = first(DIR_PROPERTY, DIR_VARIABLE);
    return said == null ? DEFAULT_ROOT : Path.of(said.text);
  }

  /**
   * Says whether boards log, unless their builder says no.
   *
   * @throws IllegalArgumentException if what is said is neither yes nor no
   */
  boolean isEnabled() {
    return isYes(first(ENABLED_PROPERTY, ENABLED_VARIABLE));
  }

  /**
   * Says whether runs record what they run on, unless their builder says no.
   *
   * @throws IllegalArgumentException if what is said is neither yes nor no
   */
  boolean recordsEnvironment() {
    return isYes(first(ENVIRONMENT_PROPERTY, ENVIRONMENT_VARIABLE));
  }

  /**
   * Returns how often the machine is sampled; zero for never.
   *
   * @param otherwise the answer where nothing is said
   * @throws IllegalArgumentException if what is said is neither a number of seconds nor a no
   */
  Duration systemMetrics(Duration otherwise) {
    Said said = first(SYSTEM_METRICS_PROPERTY, SYSTEM_METRICS_VARIABLE);
    if (said == null) {
      return otherwise;
    }
    if (said.isOneOf(NO)) {
      return Duration.ZERO;
    }
    try {
      BigDecimal seconds = new BigDecimal(said.text.strip());
      return Board.Builder.checkInterval(Duration.ofMillis(seconds.movePointRight(3).longValue()));
    } catch (IllegalArgumentException e) {
      throw said.illegal("seconds, at least 0.1, or off", e);
    }
  }

  private static boolean isYes(@Nullable Said said) {
    if (said == null || said.isOneOf(YES)) {
      return true;
    }
    if (said.isOneOf(NO)) {
      return false;
    }
    throw said.illegal("true, 1, yes or on; or false, 0, no or off", null);
  }

  private @Nullable Said first(String property, String variable) {
    String value = properties.apply(property);
    if (value != null && !value.isBlank()) {
      return new Said(property, value);
    }
    value = environment.apply(variable);
    return value == null || value.isBlank() ? null : new Said(variable, value);
  }
}
