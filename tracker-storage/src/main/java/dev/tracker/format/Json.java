package dev.tracker.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Trees of JSON, to bytes and back, as an {@code ObjectMapper} would do it.
 *
 * <p>Without one: it takes five hundred classes and a third of a second of processor time in a JVM
 * that has just begun, which is when a run is opened.
 */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Json() {}

  /** Returns a tree as JSON in UTF-8. */
  public static byte[] bytes(JsonNode tree) {
    StringWriter text = new StringWriter();
    try (JsonGenerator to = FACTORY.createGenerator(text)) {
      write(tree, to);
    } catch (IOException e) {
      throw new UncheckedIOException("a tree of JSON cannot be written: " + e.getMessage(), e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void write(JsonNode tree, JsonGenerator to) throws IOException {
    switch (tree.getNodeType()) {
      case OBJECT -> {
        to.writeStartObject();
        for (Map.Entry<String, JsonNode> field : tree.properties()) {
          to.writeFieldName(field.getKey());
          write(field.getValue(), to);
        }
        to.writeEndObject();
      }
      case ARRAY -> {
        to.writeStartArray();
        for (JsonNode element : tree) {
          write(element, to);
        }
        to.writeEndArray();
      }
      case STRING -> to.writeString(tree.textValue());
      case BOOLEAN -> to.writeBoolean(tree.booleanValue());
      case NULL -> to.writeNull();
      case NUMBER -> writeNumber(tree, to);
      default -> to.writeRawValue(tree.toString()); // bytes, or what a user's own class wrote raw
    }
  }

  private static void writeNumber(JsonNode number, JsonGenerator to) throws IOException {
    switch (number.numberType()) {
      case INT -> to.writeNumber(number.intValue());
      case LONG -> to.writeNumber(number.longValue());
      case BIG_INTEGER -> to.writeNumber(number.bigIntegerValue());
      case FLOAT -> to.writeNumber(number.floatValue());
      case DOUBLE -> to.writeNumber(number.doubleValue());
      case BIG_DECIMAL -> to.writeNumber(number.decimalValue());
    }
  }

  /** Reads the tree that JSON begins with; a missing node where there is none. */
  public static JsonNode read(byte[] json) throws IOException {
    return read(json, 0, json.length);
  }

  /** The same, from a part of an array. */
  public static JsonNode read(byte[] json, int offset, int length) throws IOException {
    try (JsonParser from = FACTORY.createParser(json, offset, length)) {
      return from.nextToken() == null ? NODES.missingNode() : read(from);
    }
  }

  /** Reads the tree whose first token was just read. */
  private static JsonNode read(JsonParser from) throws IOException {
    switch (from.currentToken()) {
      case START_OBJECT -> {
        ObjectNode object = NODES.objectNode();
        for (String name = from.nextFieldName(); name != null; name = from.nextFieldName()) {
          from.nextToken();
          object.set(name, read(from));
        }
        return object;
      }
      case START_ARRAY -> {
        ArrayNode array = NODES.arrayNode();
        while (from.nextToken() != JsonToken.END_ARRAY) {
          array.add(read(from));
        }
        return array;
      }
      case VALUE_STRING -> {
        return NODES.textNode(from.getText());
      }
      case VALUE_NUMBER_INT -> {
        return readInteger(from);
      }
      case VALUE_NUMBER_FLOAT -> {
        return NODES.numberNode(from.getDoubleValue());
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        return NODES.booleanNode(from.getBooleanValue());
      }
      case VALUE_NULL -> {
        return NODES.nullNode();
      }
      default -> throw new IOException("no value in JSON begins so: token=" + from.currentToken());
    }
  }

  private static JsonNode readInteger(JsonParser from) throws IOException {
    return switch (from.getNumberType()) {
      case INT -> NODES.numberNode(from.getIntValue());
      case LONG -> NODES.numberNode(from.getLongValue());
      default -> NODES.numberNode(from.getBigIntegerValue());
    };
  }
}
