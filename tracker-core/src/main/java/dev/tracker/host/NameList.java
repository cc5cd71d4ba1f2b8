package dev.tracker.host;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which names may be recorded with their values: names as they are, and beginnings of names with a
 * {@code *} after them. A name that looks like a secret's is listed only if it is there in full.
 */
public final class NameList {
  private final Set<String> names;
  private final List<String> beginnings;

  private NameList(Stream<String> patterns) {
    List<String> all = patterns.toList();
    names = all.stream().filter(name -> !name.endsWith("*")).collect(Collectors.toSet());
    beginnings =
        all.stream()
            .filter(name -> name.endsWith("*"))
            .map(name -> name.substring(0, name.length() - 1))
            .toList();
  }

  /** Lists what patterns match; none may be null or empty. */
  public static NameList of(String... patterns) {
    Objects.requireNonNull(patterns, "names");
    for (String pattern : patterns) {
      if (pattern == null || pattern.isEmpty()) {
        throw new IllegalArgumentException("a name to record is null or empty");
      }
    }
    return new NameList(Stream.of(patterns));
  }

  /** Lists what either of two lists does. */
  public NameList and(NameList other) {
    return new NameList(
        Stream.of(this, other)
            .flatMap(list ->
                Stream.concat(
                    list.names.stream(),
                    list.beginnings.stream().map(beginning -> beginning + "*"))));
  }

  boolean contains(String name) {
    return names.contains(name)
        || (beginnings.stream().anyMatch(name::startsWith) && !Secrets.isNamedLikeOne(name));
  }

  /** Returns those of some names that are listed, sorted. */
  Set<String> of(Set<String> some) {
    return some.stream().filter(this::contains).collect(Collectors.toCollection(TreeSet::new));
  }
}
