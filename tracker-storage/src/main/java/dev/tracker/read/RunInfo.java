package dev.tracker.read;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tracker.format.RunDocument;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
 * @param error what it failed with
 * @param environment what it ran on, as far as that was recorded
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
    Map<String, Object> environment,
    Path directory) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<LinkedHashMap<String, Object>> MAP = new TypeReference<>() {};
  private static final TypeReference<List<String>> LIST = new TypeReference<>() {};

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
        map(document, "environment"),
        directory);
  }

  /** Stands for a folder that looks like a run and cannot be read. */
  static RunInfo damaged(Path directory, String error) {
    RunDocument document = RunDocument.empty();
    document.fields().put("error", error);
    return of(document, directory, false);
  }

  private static RunStatus status(RunDocument document, boolean written) {
    RunStatus last = RunStatus.RUNNING;
    String said = document.text("status").orElse("");
    for (RunStatus status : RunStatus.values()) {
      if (status.name().equals(said)) {
        last = status;
      }
    }
    return last == RunStatus.RUNNING && !written ? RunStatus.CRASHED : last;
  }

  private static Optional<Instant> instant(RunDocument document, String field) {
    try {
      return document.text(field).map(Instant::parse);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Map<String, Object> map(RunDocument document, String field) {
    JsonNode value = document.fields().get(field);
    return value == null || !value.isObject()
        ? Map.of()
        : Collections.unmodifiableMap(JSON.convertValue(value, MAP));
  }

  private static List<String> tags(RunDocument document) {
    JsonNode value = document.fields().get("tags");
    return value == null || !value.isArray() ? List.of() : List.copyOf(JSON.convertValue(value, LIST));
  }
}
