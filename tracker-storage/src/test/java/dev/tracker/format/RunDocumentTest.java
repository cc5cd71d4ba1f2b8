package dev.tracker.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunDocumentTest {
  private static RunDocument parse(String json) throws IOException {
    return RunDocument.parse(json.getBytes(UTF_8));
  }

  private static RunDocument patched(String json, String patch) throws IOException {
    RunDocument document = parse(json);
    document.patch(patch.getBytes(UTF_8));
    return document;
  }

  @Test
  void a_patch_replaces_fields_and_null_removes_them() throws IOException {
    assertEquals(
        parse("{\"name\":\"b\",\"tags\":[\"y\"]}"),
        patched(
            "{\"name\":\"a\",\"notes\":\"n\",\"tags\":[\"x\"]}",
            "{\"name\":\"b\",\"notes\":null,\"tags\":[\"y\"]}"));
  }

  @Test
  void config_is_merged_key_by_key() throws IOException {
    assertEquals(
        parse("{\"config\":{\"lr\":0.1,\"opt\":{\"b\":2},\"none\":null}}"),
        patched(
            "{\"config\":{\"lr\":1,\"opt\":{\"a\":1}}}",
            "{\"config\":{\"lr\":0.1,\"opt\":{\"b\":2},\"none\":null}}"));
  }

  @Test
  void what_is_no_object_changes_nothing() throws IOException {
    RunDocument document = parse("{\"name\":\"a\"}");
    assertThrows(IOException.class, () -> document.patch("[1]".getBytes(UTF_8)));
    assertThrows(IOException.class, () -> document.patch("{\"name\":".getBytes(UTF_8)));
    assertEquals(Optional.of("a"), document.text("name"));
  }

  @Test
  void a_copy_stays_as_it_was() throws IOException {
    RunDocument document = parse("{\"config\":{\"a\":1}}");
    RunDocument copy = document.copy();
    document.patch("{\"config\":{\"a\":2}}".getBytes(UTF_8));
    assertEquals(parse("{\"config\":{\"a\":1}}"), copy);
    assertEquals(document, RunDocument.parse(document.toJson()));
  }
}
