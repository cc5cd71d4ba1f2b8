package dev.tracker.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tracker.format.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RowsTest {
  @Test
  void rows_beyond_the_first_capacity_are_kept() {
    Rows rows = new Rows(Kind.INT64, 0);
    for (int i = 0; i < 1000; i++) {
      rows.add(i, -i, 2L * i, 3L * i);
    }
    assertEquals(1000, rows.size());
    for (int i = 0; i < 1000; i++) {
      assertEquals(i, rows.steps()[i]);
      assertEquals(-i, rows.globalSteps()[i]);
      assertEquals(2L * i, rows.micros()[i]);
      assertEquals(3L * i, rows.bits()[i]);
    }
    assertEquals(32_000, rows.bytes());
  }

  @Test
  void texts_are_copied_out_of_the_middle_of_a_buffer() {
    Rows rows = new Rows(Kind.STRING, 1);
    byte[] buffer = "xx-häuser-yy".getBytes(StandardCharsets.UTF_8);
    rows.addText(0, 0, 0, buffer, 3, buffer.length - 6);
    rows.addText(1, 0, 0, buffer, 0, 0);
    rows.addText(2, 0, 0, buffer, 0, 2);
    buffer[4] = '!';
    assertEquals("häuser", rows.text(0));
    assertEquals("", rows.text(1));
    assertEquals("xx", rows.text(2));
    assertEquals(3 * 28 + 7 + 2, rows.bytes());
  }

  @Test
  void cleared_rows_keep_their_room_and_forget_their_texts() {
    Rows rows = new Rows(Kind.STRING, 4);
    byte[] text = {'a', 'b'};
    rows.addText(0, 0, 0, text, 0, 2);
    long[] steps = rows.steps();
    rows.clear();
    assertEquals(0, rows.bytes());
    rows.addText(7, 0, 0, text, 1, 1);
    assertSame(steps, rows.steps());
    assertEquals("b", rows.text(0));
    assertThrows(IndexOutOfBoundsException.class, () -> rows.text(1));
  }

  @Test
  void a_value_of_another_kind_is_refused_and_leaves_the_rows_as_they_were() {
    Rows texts = new Rows(Kind.STRING, 1);
    assertThrows(IllegalStateException.class, () -> texts.add(0, 0, 0, 0));
    assertEquals(0, texts.size());
    Rows numbers = new Rows(Kind.FLOAT64, 1);
    assertThrows(IllegalStateException.class, () -> numbers.addText(0, 0, 0, new byte[1], 0, 1));
    assertEquals(0, numbers.size());
    assertThrows(IndexOutOfBoundsException.class, () -> numbers.text(0));
  }
}
