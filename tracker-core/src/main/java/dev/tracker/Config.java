package dev.tracker;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run's configuration as JSON: maps, lists, arrays, records and beans nest; times, paths and
 * classes become texts.
 */
final class Config {
  private static final ObjectMapper JSON = mapper();

  /** A value has to be readable where it will stand, inside a document, and a little deeper. */
  private static final String NESTED = "[[[[[[[[";

  private static final String NESTED_END = "]]]]]]]]";

  private Config() {}

  private static ObjectMapper mapper() {
    SimpleModule texts = new SimpleModule();
    texts.addSerializer(TemporalAccessor.class, ToStringSerializer.instance);
    texts.addSerializer(TemporalAmount.class, ToStringSerializer.instance);
    texts.addSerializer(ZoneId.class, ToStringSerializer.instance);
    texts.addSerializer(Path.class, ToStringSerializer.instance);
    texts.addSerializer(Optional.class, new OptionalSerializer());
    return new ObjectMapper()
        .registerModule(texts)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
  }

  /**
   * Returns a map as JSON.
   *
   * @throws IllegalArgumentException if a key is null or a value cannot be written; the message
   *     names it
   */
  static ObjectNode toJson(Map<String, ?> config) {
    ObjectNode json = JSON.createObjectNode();
    config.forEach((key, value) -> json.set(checkKey(key), toJson(key, value)));
    return json;
  }

  private static String checkKey(@Nullable String key) {
    if (key == null) {
      throw new IllegalArgumentException("a key of the config is null");
    }
    return key;
  }

  private static JsonNode toJson(String key, @Nullable Object value) {
    try {
      JsonNode json = JSON.valueToTree(value);
      JSON.readTree(
          NESTED
              + JSON.writeValueAsString(json)
              + NESTED_END); // what cannot be read back would spoil the run
      return json;
    } catch (IllegalArgumentException e) {
      throw refused(key, value, inside(e.getCause()), e);
    } catch (IOException | StackOverflowError e) {
      throw refused(key, value, "", e);
    }
  }

  private static IllegalArgumentException refused(
      String key, @Nullable Object value, String inside, Throwable cause) {
    return new IllegalArgumentException(
        "a value of the config cannot be written as JSON: key="
            + key
            + inside
            + " type="
            + (value == null ? "null" : value.getClass().getName())
            + " (use maps, lists, numbers, texts, records or beans, or put its toString() there)",
        cause);
  }

  /** Names the place within the value. */
  private static String inside(@Nullable Throwable cause) {
    if (!(cause instanceof JsonMappingException e) || e.getPath().isEmpty()) {
      return "";
    }
    StringBuilder path = new StringBuilder(" inside=");
    String separator = "";
    for (JsonMappingException.Reference step :
        e.getPath().subList(0, Math.min(8, e.getPath().size()))) {
      String field = step.getFieldName();
      path.append(field == null ? "[" + step.getIndex() + "]" : separator + field);
      separator = ".";
    }
    return path.toString();
  }

  /** Writes what an Optional holds. */
  @SuppressWarnings("rawtypes") // Jackson asks for a serializer of the raw class
  private static final class OptionalSerializer extends StdSerializer<Optional> {
    private static final long serialVersionUID = 1L;

    OptionalSerializer() {
      super(Optional.class);
    }

    @Override
    public void serialize(Optional value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (value.isPresent()) {
        provider.defaultSerializeValue(value.get(), json);
      } else {
        json.writeNull();
      }
    }
  }
}
