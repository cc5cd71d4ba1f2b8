package dev.tracker;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run's configuration as JSON: maps, lists, arrays, records and beans nest; times, paths and
 * classes become texts.
 */
final class Config {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Texts and keys that are not longer, and so many keys, need no trying out. */
  private static final int PLAIN_CHARS = 1_000;

  private static final int PLAIN_KEYS = 16;

  /** A value has to be readable where it will stand, inside a document, and a little deeper. */
  private static final String NESTED = "[[[[[[[[";

  private static final String NESTED_END = "]]]]]]]]";

  /** The most that one value may take as JSON. */
  private static final int MAX_CHARS = 16 << 20;

  /** How deep into a value a message goes. */
  private static final int MAX_PLACE = 16;

  private static final int MAX_REASON = 240;

  private Config() {}

  /** Made when a value needs it: it takes a JVM that has just begun a third of a second. */
  private static final class Mapper {
    static final ObjectMapper JSON = mapper();

    private Mapper() {}
  }

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
    ObjectNode json = NODES.objectNode();
    config.forEach((key, value) -> json.set(checkKey(key), toJson(List.of(key), value)));
    return json;
  }

  /**
   * Returns one value as JSON, within objects for the keys of its path.
   *
   * @param path keys from the outside in, joined with {@code /}
   */
  static ObjectNode toJson(@Nullable String path, @Nullable Object value) {
    List<String> keys = List.of(checkKey(path).split("/", -1));
    if (keys.contains("")) {
      throw new IllegalArgumentException(
          "a key of the config is empty: path='" + path + "' (keys are joined by one '/' each)");
    }
    JsonNode json = toJson(keys, value);
    for (int i = keys.size() - 1; i >= 0; i--) {
      json = NODES.objectNode().set(keys.get(i), json);
    }
    return (ObjectNode) json;
  }

  private static String checkKey(@Nullable String key) {
    if (key == null) {
      throw new IllegalArgumentException("a key of the config is null");
    }
    return key;
  }

  private static JsonNode toJson(List<String> keys, @Nullable Object value) {
    JsonNode plain = plain(value);
    if (plain != null
        && keys.size() <= PLAIN_KEYS
        && String.join("", keys).length() <= PLAIN_CHARS) {
      return plain;
    }
    try {
      JsonNode json = Mapper.JSON.valueToTree(value);
      String text = Mapper.JSON.writeValueAsString(json);
      if (text.length() > MAX_CHARS) {
        throw new IOException("it is too large: chars=" + text.length() + " limit=" + MAX_CHARS);
      }
      Mapper.JSON.readTree(nested(keys, text)); // what cannot be read back would spoil the run
      return json;
    } catch (IOException
        | RuntimeException
        | StackOverflowError
        | LinkageError
        | AssertionError e) {
      throw refused(keys, value, e);
    }
  }

  /** Returns what most values of a config are, as a mapper would; null for any other. */
  private static @Nullable JsonNode plain(@Nullable Object value) {
    if (value instanceof String text && text.length() <= PLAIN_CHARS) {
      return NODES.textNode(text);
    } else if (value instanceof Integer number) {
      return NODES.numberNode(number.intValue());
    } else if (value instanceof Long number) {
      return NODES.numberNode(number.longValue());
    } else if (value instanceof Float number) {
      return NODES.numberNode(number.floatValue());
    } else if (value instanceof Double number) {
      return NODES.numberNode(number.doubleValue());
    } else if (value instanceof Boolean truth) {
      return NODES.booleanNode(truth);
    }
    return null;
  }

  private static String nested(List<String> keys, String text) throws IOException {
    StringBuilder all = new StringBuilder(NESTED);
    for (String key : keys) {
      all.append('{').append(Mapper.JSON.writeValueAsString(key)).append(':');
    }
    return all.append(text).append("}".repeat(keys.size())).append(NESTED_END).toString();
  }

  // ---- saying what is wrong

  private static IllegalArgumentException refused(
      List<String> keys, @Nullable Object value, Throwable thrown) {
    Throwable cause =
        thrown instanceof IllegalArgumentException && thrown.getCause() instanceof IOException io
            ? io // as valueToTree wraps it
            : thrown;
    StringBuilder path = new StringBuilder(shorten(String.join("/", keys)));
    String type = value == null ? "null" : value.getClass().getName();
    String reason = message(cause);
    if (cause instanceof JsonMappingException e) {
      addPlace(path, e.getPath());
      type = type(e, type);
      reason =
          e.getCause() == null
              ? e.getOriginalMessage()
              : e.getCause().getClass().getName() + ": " + message(e.getCause());
    }
    return new IllegalArgumentException(
        "a value of the config cannot be written as JSON: path="
            + path
            + " type="
            + type
            + " reason="
            + shorten(reason)
            + " (use maps, lists, numbers, texts, records or beans, or put its toString() there)",
        cause);
  }

  /** Names the place within the value. */
  private static void addPlace(StringBuilder path, List<JsonMappingException.Reference> place) {
    for (JsonMappingException.Reference step :
        place.subList(0, Math.min(MAX_PLACE, place.size()))) {
      String field = step.getFieldName();
      path.append('/').append(field == null ? "[" + step.getIndex() + "]" : shorten(field));
    }
    if (place.size() > MAX_PLACE) {
      path.append("/...");
    }
  }

  /** Returns the class that cannot be written; where a getter threw, the one that it belongs to. */
  private static String type(JsonMappingException e, String otherwise) {
    if (e instanceof InvalidDefinitionException unknown && unknown.getType() != null) {
      return unknown.getType().getRawClass().getName();
    }
    List<JsonMappingException.Reference> place = e.getPath();
    Object holder = place.isEmpty() ? null : place.get(place.size() - 1).getFrom();
    return holder == null ? otherwise : holder.getClass().getName();
  }

  /** Returns what an exception says, which may fail in its turn. */
  private static String message(Throwable e) {
    if (e instanceof StackOverflowError) {
      return "it nests too deep (does it hold itself, or does a getter call itself?)";
    }
    try {
      return String.valueOf(e.getMessage() == null ? e.getClass().getName() : e.getMessage());
    } catch (RuntimeException | StackOverflowError again) {
      return e.getClass().getName();
    }
  }

  private static String shorten(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON) + "...";
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
