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

  /** Returns the folder of all runs. */
  Path root() {
    String root = first(DIR_PROPERTY, DIR_VARIABLE);
    return root == null ? DEFAULT_ROOT : Path.of(root);
  }

  /** Says whether boards log, unless their builder says no. */
  boolean isEnabled() {
    return !saysNo(first(ENABLED_PROPERTY, ENABLED_VARIABLE));
  }

  /** Says whether runs record what they run on, unless their builder says no. */
  boolean recordsEnvironment() {
    return !saysNo(first(ENVIRONMENT_PROPERTY, ENVIRONMENT_VARIABLE));
  }

  /**
   * Returns how often the machine is sampled; zero for never.
   *
   * @param otherwise the answer where nothing is said
   * @throws IllegalArgumentException if what is said is neither a number of seconds nor a no
   */
  Duration systemMetrics(Duration otherwise) {
    String said = first(SYSTEM_METRICS_PROPERTY, SYSTEM_METRICS_VARIABLE);
    if (said == null) {
      return otherwise;
    }
    if (saysNo(said)) {
      return Duration.ZERO;
    }
    try {
      return Duration.ofMillis(new BigDecimal(said.strip()).movePointRight(3).longValue());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "illegal interval of system metrics: "
              + SYSTEM_METRICS_PROPERTY
              + "='"
              + said
              + "' (seconds, or off)",
          e);
    }
  }

  private static boolean saysNo(@Nullable String said) {
    return said != null && NO.contains(said.strip().toLowerCase(Locale.ROOT));
  }

  private @Nullable String first(String property, String variable) {
    String value = properties.apply(property);
    if (value == null || value.isBlank()) {
      value = environment.apply(variable);
    }
    return value == null || value.isBlank() ? null : value;
  }
}
