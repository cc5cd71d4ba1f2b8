package dev.tracker.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an ObjectMapper makes of the same. */
class JsonTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  @Property(tries = 500)
  void writes_and_reads_as_a_mapper_does(@ForAll("trees") JsonNode tree) throws IOException {
    byte[] json = Json.bytes(tree);
    assertArrayEquals(MAPPER.writeValueAsString(tree).getBytes(StandardCharsets.UTF_8), json);
    assertEquals(MAPPER.readTree(json), Json.read(json));
  }

  @Provide
  Arbitrary<JsonNode> trees() {
    Arbitrary<JsonNode> leaves =
        Arbitraries.oneOf(
            Arbitraries.strings().map(NODES::textNode),
            Arbitraries.integers().map(NODES::numberNode),
            Arbitraries.longs().map(NODES::numberNode),
            Arbitraries.bigIntegers().map(NODES::numberNode),
            Arbitraries.doubles().map(NODES::numberNode),
            Arbitraries.floats().map(NODES::numberNode),
            Arbitraries.of(true, false).map(NODES::booleanNode),
            Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, -0.0).map(NODES::numberNode),
            Arbitraries.just(NODES.nullNode()));
    return Arbitraries.recursive(() -> leaves, JsonTest::around, 0, 3);
  }

  private static Arbitrary<JsonNode> around(Arbitrary<JsonNode> inner) {
    return Arbitraries.oneOf(
        inner.list().ofMaxSize(4).map(elements -> NODES.arrayNode().addAll(elements)),
        Arbitraries.maps(Arbitraries.strings(), inner)
            .ofMaxSize(4)
            .map(fields -> NODES.objectNode().<ObjectNode>setAll(fields)));
  }

  @Test
  void numbers_keep_their_digits_and_bytes_and_raw_values_their_form() throws IOException {
    ObjectNode tree = NODES.objectNode();
    tree.put("decimal", new BigDecimal("1.000000000000000000000000000001E+400"));
    tree.put("integer", BigInteger.TWO.pow(200));
    tree.put("bytes", new byte[] {1, 2, 3});
    tree.set("raw", NODES.rawValueNode(new RawValue("[1,{}]")));
    assertArrayEquals(
        MAPPER.writeValueAsString(tree).getBytes(StandardCharsets.UTF_8), Json.bytes(tree));
  }

  @Test
  void half_a_character_does_no_harm() throws IOException {
    JsonNode read = Json.read(Json.bytes(NODES.textNode("a\uD83Db")));
    assertEquals("a?b", read.textValue());
  }

  @Test
  void nothing_is_a_missing_node() throws IOException {
    assertTrue(Json.read(new byte[0]).isMissingNode());
    assertTrue(Json.read(" \n".getBytes(StandardCharsets.UTF_8)).isMissingNode());
  }

  @Test
  void a_part_of_an_array_is_read_alone() throws IOException {
    assertEquals(NODES.numberNode(23), Json.read("1234".getBytes(StandardCharsets.UTF_8), 1, 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"a\":", "{\"a\"}", "[1,", "]", "nul", "\"", "[1}", "{\"a\":1]"})
  void what_is_no_json_is_refused(String text) {
    assertThrows(IOException.class, () -> Json.read(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void what_nests_without_end_is_refused() {
    byte[] deep = "[".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
    assertThrows(IOException.class, () -> Json.read(deep));
  }
}
