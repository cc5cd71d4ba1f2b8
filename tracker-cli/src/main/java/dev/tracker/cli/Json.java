package dev.tracker.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tracker.read.RunInfo;
import java.util.LinkedHashMap;
import java.util.Map;

/** What programs read: JSON in which times are ISO 8601 and NaN is the string {@code "NaN"}. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** Returns a value in one line. */
  static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not a value for JSON: " + value, e);
    }
  }

  /** Returns a value in as many lines as it takes to be looked at. */
  static String pretty(Object value) {
    try {
      return MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not a value for JSON: " + value, e);
    }
  }

  /** Returns what a list says of a run. */
  static Map<String, Object> of(RunInfo run) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", run.id());
    fields.put("name", run.name());
    fields.put("project", run.project());
    fields.put("status", run.status().name());
    fields.put("created", run.created().toString());
    run.finished().ifPresent(time -> fields.put("finished", time.toString()));
    fields.put("tags", run.tags());
    run.error().ifPresent(error -> fields.put("error", error));
    fields.put("directory", run.directory().toAbsolutePath().normalize().toString());
    return fields;
  }
}
