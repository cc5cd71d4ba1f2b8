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
  void config_is_merged_key_by_key_at_every_depth() throws IOException {
    assertEquals(
        parse("{\"config\":{\"lr\":0.1,\"opt\":{\"a\":1,\"b\":{\"c\":3,\"d\":4}},\"none\":null}}"),
        patched(
            "{\"config\":{\"lr\":1,\"opt\":{\"a\":1,\"b\":{\"c\":3}}}}",
            "{\"config\":{\"lr\":0.1,\"opt\":{\"b\":{\"d\":4}},\"none\":null}}"));
  }

  @Test
  void in_config_anything_but_an_object_replaces_and_is_replaced() throws IOException {
    assertEquals(
        parse("{\"config\":{\"a\":null,\"b\":[3],\"c\":{\"x\":1},\"d\":7}}"),
        patched(
            "{\"config\":{\"a\":{\"x\":1},\"b\":[1,2],\"c\":5,\"d\":{\"x\":1}}}",
            "{\"config\":{\"a\":null,\"b\":[3],\"c\":{\"x\":1},\"d\":7}}"));
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
