package dev.tracker.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tracker.format.RunDocument;
import dev.tracker.format.RunLayout;
import dev.tracker.lock.RunLock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a run besides its series, at one moment.
 *
 * @param id the run's id, unique within its project's folder
 * @param name the name that a person gave it
 * @param project what it belongs to
 * @param status what became of it
 * @param created when it was first opened
 * @param finished when it ended, if it said so
 * @param config what it was configured with, nested as it was given
 * @param tags its tags
 * @param notes its notes
 * @param error what it failed with, or the signal that killed it
 * @param uncaught the exceptions that ended threads other than the one that opened the run, in the
 *     latest attempt: the first 16
 * @param environment what its latest attempt ran on, nested: {@code host}, {@code os}, {@code cpu},
 *     {@code java}, {@code git} and more; what could not be found out is absent
 * @param parent the run whose past this one began with, if it did
 * @param attempts each time the run was opened, in order
 * @param directory the run folder
 */
public record RunInfo(
    String id,
    String name,
    String project,
    RunStatus status,
    Instant created,
    Optional<Instant> finished,
    Map<String, Object> config,
    List<String> tags,
    Optional<String> notes,
    Optional<String> error,
    List<Uncaught> uncaught,
    Map<String, Object> environment,
    Optional<Parent> parent,
    List<Attempt> attempts,
    Path directory) {
  /**
   * The run whose past another one began with.
   *
   * @param id its id
   * @param project its project
   * @param step the greatest step that was taken over
   */
  public record Parent(String id, String project, long step) {}

  /**
   * One time that a run was opened, by {@code open} or by resuming it.
   *
   * @param started when
   * @param host on which host, {@code ?} where that is not known
   * @param pid by which process, -1 where that is not known
   * @param finished when it ended, empty while it runs and where it crashed
   * @param status how it ended, empty while it runs and where it crashed
   */
  public record Attempt(
      Instant started,
      String host,
      long pid,
      Optional<Instant> finished,
      Optional<RunStatus> status) {}

  /**
   * An exception that nobody caught.
   *
   * @param time when
   * @param thread the name of the thread that it ended
   * @param error its stack trace, cut off where it is long
   */
  public record Uncaught(Instant time, String thread, String error) {}

  /**
   * Returns the config without nesting: keys from the outside in, joined with {@code /}. Arrays and
   * empty maps are values.
   */
  public Map<String, Object> flatConfig() {
    Map<String, Object> flat = new LinkedHashMap<>();
    flatten("", config, flat);
    return Collections.unmodifiableMap(flat);
  }

  private static void flatten(String prefix, Map<?, ?> nested, Map<String, Object> into) {
    nested.forEach((key, value) -> {
      String path = prefix.isEmpty() ? String.valueOf(key) : prefix + "/" + key;
      if (value instanceof Map<?, ?> map && !map.isEmpty()) {
        flatten(path, map, into);
      } else {
        into.put(path, value);
      }
    });
  }

  /**
   * Reads it from a run's document.
   *
   * @param written whether somebody writes the run now
   */
  static RunInfo of(RunDocument document, Path directory, boolean written) {
    String id = document.text("id").orElse(String.valueOf(directory.getFileName()));
    return new RunInfo(
        id,
        document.text("name").orElse(id),
        document.text("project").orElse("default"),
        status(document, written),
        instant(document, "created").orElse(Instant.EPOCH),
        instant(document, "finished"),
        map(document, RunDocument.CONFIG),
        tags(document),
        document.text("notes"),
        document.text("error"),
        uncaught(document),
        map(document, RunDocument.ENVIRONMENT),
        parent(document),
        attempts(document),
        directory);
  }

  /** Reads it from a moment. Whether somebody writes the run is asked only where it matters. */
  static RunInfo of(RunMoment moment) throws IOException {
    RunLayout layout = moment.layout();
    boolean open = lastStatus(moment.document()) == RunStatus.RUNNING;
    return of(moment.document(), layout.root(), open && RunLock.isHeld(layout));
  }

  /** Stands for a folder that looks like a run and cannot be read. */
  static RunInfo damaged(Path directory, String error) {
    RunDocument document = RunDocument.empty();
    document.fields().put("error", error);
    return of(document, directory, false);
  }

  /** Returns when a run was created, in microseconds since the epoch. */
  static long createdMicros(RunDocument document) {
    return ChronoUnit.MICROS.between(
        Instant.EPOCH, instant(document, "created").orElse(Instant.EPOCH));
  }

  private static RunStatus status(RunDocument document, boolean written) {
    RunStatus last = lastStatus(document);
    return last == RunStatus.RUNNING && !written ? RunStatus.CRASHED : last;
  }

  /** Returns what the document says; RUNNING where there is no final word. */
  static RunStatus lastStatus(RunDocument document) {
    return status(document.text("status").orElse("")).orElse(RunStatus.RUNNING);
  }

  private static Optional<RunStatus> status(String name) {
    return Arrays.stream(RunStatus.values())
        .filter(status -> status.name().equals(name))
        .findFirst();
  }

  private static Optional<Parent> parent(RunDocument document) {
    JsonNode value = document.fields().path("parent");
    return value.path("id").isTextual()
        ? Optional.of(
            new Parent(
                value.path("id").textValue(),
                value.path("project").asText("default"),
                value.path("step").asLong(-1)))
        : Optional.empty();
  }

  private static List<Attempt> attempts(RunDocument document) {
    List<Attempt> attempts = new ArrayList<>();
    for (JsonNode attempt : document.fields().path("attempts")) {
      attempts.add(
          new Attempt(
              Timestamps.parse(attempt.path("started").asText("")).orElse(Instant.EPOCH),
              attempt.path("host").asText("?"),
              attempt.path("pid").asLong(-1),
              Timestamps.parse(attempt.path("finished").asText("")),
              status(attempt.path("status").asText(""))));
    }
    return List.copyOf(attempts);
  }

  private static List<Uncaught> uncaught(RunDocument document) {
    List<Uncaught> uncaught = new ArrayList<>();
    for (JsonNode each : document.fields().path(RunDocument.UNCAUGHT)) {
      uncaught.add(
          new Uncaught(
              Timestamps.parse(each.path("time").asText("")).orElse(Instant.EPOCH),
              each.path("thread").asText("?"),
              each.path("error").asText("")));
    }
    return List.copyOf(uncaught);
  }

  private static Optional<Instant> instant(RunDocument document, String field) {
    return document.text(field).flatMap(Timestamps::parse);
  }

  private static Map<String, Object> map(RunDocument document, String field) {
    JsonNode value = document.fields().get(field);
    return value == null || !value.isObject() ? Map.of() : Collections.unmodifiableMap(map(value));
  }

  private static Map<String, Object> map(JsonNode object) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      map.put(field.getKey(), plain(field.getValue()));
    }
    return map;
  }

  /** Returns a value without JSON: a map, a list, a number, a text, a boolean, or null. */
  private static @Nullable Object plain(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> map(value);
      case ARRAY -> {
        List<Object> list = new ArrayList<>(value.size());
        value.forEach(each -> list.add(plain(each)));
        yield list;
      }
      case NUMBER -> value.numberValue();
      case BOOLEAN -> value.booleanValue();
      case STRING -> value.textValue();
      default -> null;
    };
  }

  private static List<String> tags(RunDocument document) {
    JsonNode value = document.fields().get("tags");
    return value == null || !value.isArray()
        ? List.of()
        : value.valueStream().map(JsonNode::asText).toList();
  }
}
