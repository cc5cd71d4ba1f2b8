package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Lines as a terminal shows them. */
class TerminalLineTest {
  private static final int MAX = TerminalLine.MAX_CHARS;

  /** Returns the lines of what is printed, the one that was begun among them, if there is one. */
  private static List<String> lines(String... pieces) {
    TerminalLine line = new TerminalLine();
    List<String> lines = new ArrayList<>();
    for (String piece : pieces) {
      line.add(piece, lines::add);
    }
    if (line.isBegun()) {
      lines.add(line.shown());
    }
    return lines;
  }

  @Test
  void plain_lines_stay_as_they_are() {
    assertEquals(List.of(), lines(""));
    assertEquals(List.of("a", "", "b\tc\f "), lines("a\n\nb\tc\f \n"));
    assertEquals(
        List.of("\u001b[31mred\u001b[0m", "begun"), lines("\u001b[31mre", "d\u001b[0m\nbeg", "un"));
    assertEquals(List.of("a", "", "b"), lines("a\r\n\r", "\nb\r", "\n"));
  }

  @Test
  void a_bar_becomes_its_last_state() {
    assertEquals(List.of("100%"), lines("  0%\r 50%\r100%\n"));
    assertEquals(List.of("100%"), lines("\r  0%", "\r 50%", "\r100%", "\n"));
    assertEquals(List.of(" 50%"), lines("  0%\r 50%\r"));
    assertEquals(List.of("done"), lines("[####] 80%\rdone      \n"));
    assertEquals(List.of("done"), lines("[####] 80%\r\u001b[Kdone\n"));
    assertEquals(List.of("done"), lines("[####] 80%\u001b[2K\rdone\n"));
    assertEquals(List.of("next", "100%", "after"), lines("next\n 1%\r", "100%\r\nafter"));
  }

  @Test
  void what_is_not_drawn_over_stays() {
    assertEquals(List.of("500"), lines("100\r5\n"));
    assertEquals(List.of("ab\uD83D\uDE80d"), lines("\uD83D\uDE80xcd\rab\uD83D", "\uDE80\n"));
    assertEquals(List.of("\\"), lines("|\b/\b-\b\\\n"));
    assertEquals(List.of("x"), lines("\b\b\bx\n"));
    assertEquals(List.of("a   b"), lines("\ra\u001b[5Gb\n"));
    assertEquals(List.of("axcd"), lines("a c\r\u001b[C\u001b[1Cc\u001b[2Dx\u001b[1Cd\n"));
  }

  @Test
  void colours_follow_what_they_colour() {
    assertEquals(
        List.of("\u001b[32m100%\u001b[0m of it"),
        lines("\u001b[31m 50%\u001b[0m of it\r\u001b[32m100%\u001b[0m\n"));
    assertEquals(
        List.of("\u001b[1m\u001b[31mx\u001b[0m"), lines("\r\u001b[1m\u001b[31mx\u001b[m\n"));
    assertEquals(
        List.of("\u001b[41m  \u001b[0m"), lines("\r\u001b[41m  \n"), "a coloured blank is seen");
    assertEquals(List.of("x"), lines("\r\u001b]0;title\u0007\u001b(B\u001b[?25lx\n"));
    assertEquals(List.of("\u001b[31mx\u001b[0m"), lines("\r\u001b", "[3", "1", "mx\n"));
  }

  @Test
  void a_line_without_end_is_cut() {
    String piece = "x".repeat(MAX - 1);
    List<String> cut = lines(piece + "yz" + piece + "end");
    assertEquals(List.of(piece + "y", "z" + piece, "end"), cut);
    assertEquals(List.of("x".repeat(MAX)), lines("x".repeat(MAX)));
    String pair = "\uD83D\uDE80";
    assertEquals(List.of(piece, pair), lines(piece + pair), "a pair is not torn apart");
    List<String> row = lines("\r" + piece + "yz\rw\n");
    assertEquals(List.of(piece + "y", "w"), row);
  }

  @Test
  void forgetting_begins_anew() {
    TerminalLine line = new TerminalLine();
    List<String> lines = new ArrayList<>();
    line.add("abc\rx", lines::add);
    assertTrue(line.isBegun());
    assertEquals("xbc", line.shown());
    assertEquals("xbc", line.shown());
    line.forget();
    assertFalse(line.isBegun());
    line.add("new\n", lines::add);
    assertEquals(List.of("new"), lines);
  }

  @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
  void lines_do_not_depend_on_the_pieces_they_come_in(@ForAll long seed) {
    Random random = new Random(seed);
    String[] parts = {
      "a",
      "bc",
      "\r",
      "\n",
      "\b",
      " ",
      "\u001b[31m",
      "\u001b[0m",
      "\u001b[K",
      "\uD83D\uDE80",
      "\u001b"
    };
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(60); i > 0; i--) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    List<String> pieces = new ArrayList<>();
    for (int at = 0; at < text.length(); ) {
      int to = Math.min(text.length(), at + 1 + random.nextInt(5));
      pieces.add(text.substring(at, to));
      at = to;
    }
    List<String> whole = lines(text.toString());
    assertEquals(whole, lines(pieces.toArray(String[]::new)));
    for (String line : whole) {
      assertTrue(line.indexOf('\n') < 0 && line.indexOf('\r') < 0, line);
    }
  }

  @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
  void characters_stand_where_a_terminal_puts_them(@ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("\r");
    char[] screen = " ".repeat(100).toCharArray();
    int cursor = 0;
    for (int i = random.nextInt(80); i > 0; i--) {
      switch (random.nextInt(8)) {
        case 0 -> {
          text.append('\r');
          cursor = 0;
        }
        case 1 -> {
          text.append('\b');
          cursor = Math.max(0, cursor - 1);
        }
        case 2 -> text.append("\u001b[3" + random.nextInt(8) + "m");
        case 3 -> {
          text.append("\u001b[K");
          java.util.Arrays.fill(screen, cursor, screen.length, ' ');
        }
        default -> {
          char c = (char) ('a' + random.nextInt(26));
          text.append(c);
          screen[cursor++] = c;
        }
      }
    }
    String shown = lines(text + "x\n").get(0).replaceAll("\u001b\\[[0-9]*m", "");
    screen[cursor] = 'x';
    assertEquals(new String(screen).stripTrailing(), shown);
  }
}
