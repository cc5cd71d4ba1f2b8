package dev.tracker;

import java.nio.file.Path;
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
    String enabled = first(ENABLED_PROPERTY, ENABLED_VARIABLE);
    return enabled == null || !NO.contains(enabled.strip().toLowerCase(Locale.ROOT));
  }

  private @Nullable String first(String property, String variable) {
    String value = properties.apply(property);
    if (value == null || value.isBlank()) {
      value = environment.apply(variable);
    }
    return value == null || value.isBlank() ? null : value;
  }
}
