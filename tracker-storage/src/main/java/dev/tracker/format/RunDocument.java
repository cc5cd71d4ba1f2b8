package dev.tracker.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;

/**
 * What is known of a run besides its series, as one JSON object: {@code id, name, project, status,
 * created, finished, config, tags, notes, error, uncaught, attempts, parent, environment}, and
 * {@code table:NAME} with the columns of each table.
 *
 * <p>It changes by patches, which the journal carries. A field of a patch replaces the document's
 * field, {@code null} removes it; only {@code config} is merged, see {@link #merge}. Instants are
 * ISO-8601 strings. Unknown fields are kept.
 *
 * <p>Not safe for use by several threads.
 */
public final class RunDocument {
  /** The field that is merged rather than replaced. */
  public static final String CONFIG = "config";

  /** Comes before the name of a table in the field that holds its columns. */
  public static final String TABLE = "table:";

  /** What the latest attempt ran on. */
  public static final String ENVIRONMENT = "environment";

  /** The field that lists the exceptions which ended threads while the run was written. */
  public static final String UNCAUGHT = "uncaught";

  private final ObjectNode fields;

  private RunDocument(ObjectNode fields) {
    this.fields = fields;
  }

  /** Returns a document without fields. */
  public static RunDocument empty() {
    return new RunDocument(JsonNodeFactory.instance.objectNode());
  }

  /** Reads a document; bytes that are not a JSON object are an {@link IOException}. */
  public static RunDocument parse(byte[] json) throws IOException {
    RunDocument document = empty();
    document.patch(json);
    return document;
  }

  /**
   * Applies a patch; bytes that are not a JSON object are an {@link IOException} and change
   * nothing.
   */
  public void patch(byte[] json) throws IOException {
    JsonNode patch = Json.read(json);
    if (!(patch instanceof ObjectNode)) {
      throw new IOException(
          "a patch of the run's document is not a JSON object: length=" + json.length);
    }
    patch
        .properties()
        .forEach(field -> {
          JsonNode value = field.getValue();
          if (value.isNull()) {
            fields.remove(field.getKey());
          } else if (field.getKey().equals(CONFIG)
              && value instanceof ObjectNode added
              && fields.get(CONFIG) instanceof ObjectNode config) {
            merge(config, added);
          } else {
            fields.set(field.getKey(), value);
          }
        });
  }

  /**
   * Merges an object into another, key by key: an object goes into an object that is there,
   * anything else, a null or a list too, replaces what is there. What is not mentioned stays.
   */
  public static void merge(ObjectNode into, ObjectNode added) {
    added
        .properties()
        .forEach(field -> {
          JsonNode value = field.getValue();
          if (value instanceof ObjectNode inner
              && into.get(field.getKey()) instanceof ObjectNode there) {
            merge(there, inner);
          } else {
            into.set(field.getKey(), value);
          }
        });
  }

  /** Returns a field's text, or empty where it is absent or not a text. */
  public Optional<String> text(String field) {
    JsonNode value = fields.get(field);
    return value != null && value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
  }

  /** Returns the fields themselves, to be read. */
  public ObjectNode fields() {
    return fields;
  }

  /** Returns a document that later patches of this one do not change. */
  public RunDocument copy() {
    return new RunDocument(fields.deepCopy());
  }

  /** Returns the document as JSON in UTF-8. */
  public byte[] toJson() {
    return Json.bytes(fields);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RunDocument that && fields.equals(that.fields);
  }

  @Override
  public int hashCode() {
    return fields.hashCode();
  }

  @Override
  public String toString() {
    return fields.toString();
  }
}
