package dev.tracker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One row of a terminal: characters in columns, each with the colours that it was printed in, and a
 * cursor.
 *
 * <p>It knows what progress bars use: CR, backspace, colours ({@code ESC [ … m}), and erasing in
 * the row ({@code ESC [ K}) and moving in it ({@code ESC [ C}, {@code D}, {@code G}). Other escape
 * sequences are left out. Every character takes one column.
 *
 * <p>For one thread at a time.
 */
final class TerminalRow {
  private static final char ESCAPE = '\u001b';
  private static final String RESET = ESCAPE + "[0m";

  /** An escape sequence that goes on beyond this is none. */
  private static final int MAX_ESCAPE_CHARS = 256;

  private static final int BLANK = ' ';

  private int[] characters = new int[128];

  /** What was said of a column's colours since they were last reset; null for none. */
  private @Nullable String[] colours = new String[128];

  private int size;
  private int cursor;
  private @Nullable String colour;

  /** An escape sequence that was begun. */
  private final StringBuilder escape = new StringBuilder();

  /** The first half of a pair of surrogates; 0 for none. */
  private char high;

  void add(char c) {
    if (escape.length() > 0) {
      addToEscape(c);
    } else if (c == ESCAPE) {
      escape.append(c);
    } else if (c == '\b') {
      cursor = Math.max(0, cursor - 1);
    } else if (Character.isHighSurrogate(c)) {
      high = c;
    } else if (high != 0 && Character.isLowSurrogate(c)) {
      put(Character.toCodePoint(high, c));
      high = 0;
    } else {
      put(c);
    }
  }

  private void put(int character) {
    reach(cursor + 1);
    characters[cursor] = character;
    colours[cursor] = colour;
    cursor++;
  }

  /** Makes the row at least so long. */
  private void reach(int wanted) {
    if (wanted > characters.length) {
      int length = Math.max(wanted, 2 * characters.length);
      characters = Arrays.copyOf(characters, length);
      colours = Arrays.copyOf(colours, length);
    }
    if (wanted > size) {
      Arrays.fill(characters, size, wanted, BLANK);
      Arrays.fill(colours, size, wanted, null);
      size = wanted;
    }
  }

  void home() {
    cursor = 0;
  }

  boolean isFull() {
    return cursor >= TerminalLine.MAX_CHARS;
  }

  // ---- escape sequences

  private void addToEscape(char c) {
    escape.append(c);
    int length = escape.length();
    char kind = escape.charAt(1);
    boolean ends;
    if (kind == '[') {
      ends = length > 2 && c >= '@' && c <= '~';
    } else if (kind == ']') { // a title or a link: up to BEL, or ESC and a backslash
      ends = c == '\u0007' || (c == '\\' && escape.charAt(length - 2) == ESCAPE);
    } else {
      ends = c < ' ' || c > '/'; // ESC, any number of intermediate characters, and a last one
    }
    if (ends && kind == '[') {
      control(escape.substring(2, length - 1), c);
    }
    if (ends || length >= MAX_ESCAPE_CHARS) {
      escape.setLength(0);
    }
  }

  private void control(String parameters, char function) {
    switch (function) {
      case 'm' -> colour = isReset(parameters) ? null : joined(parameters);
      case 'K' -> erase(number(parameters, 0));
      case 'C' -> moveTo((long) cursor + Math.max(1, number(parameters, 1)));
      case 'D' -> moveTo((long) cursor - Math.max(1, number(parameters, 1)));
      case 'G' -> moveTo((long) number(parameters, 1) - 1);
      default -> {}
    }
  }

  private static boolean isReset(String parameters) {
    return parameters.isEmpty() || parameters.equals("0") || parameters.equals("00");
  }

  private String joined(String parameters) {
    String added = ESCAPE + "[" + parameters + "m";
    String before = colour;
    if (before == null || parameters.startsWith("0;") || before.length() > MAX_ESCAPE_CHARS) {
      return added;
    }
    return before.endsWith(added) ? before : before + added;
  }

  private static int number(String parameters, int otherwise) {
    try {
      return parameters.isEmpty() ? otherwise : Integer.parseInt(parameters);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private void moveTo(long column) {
    cursor = (int) Math.max(0, Math.min(column, TerminalLine.MAX_CHARS - 1));
  }

  /** Erases from the cursor on (0), up to the cursor (1), or all (2). */
  private void erase(int which) {
    if (which == 0) {
      size = Math.min(size, cursor);
    } else if (which == 1) {
      int to = Math.min(size, cursor + 1);
      Arrays.fill(characters, 0, to, BLANK);
      Arrays.fill(colours, 0, to, null);
    } else if (which == 2) {
      size = 0;
    }
  }

  /** Returns the row as it looks, without the blanks at its end. */
  @Override
  public String toString() {
    int end = size;
    while (end > 0 && characters[end - 1] == BLANK && colours[end - 1] == null) {
      end--;
    }
    StringBuilder text = new StringBuilder();
    String current = null;
    for (int i = 0; i < end; i++) {
      String wanted = colours[i];
      if (wanted == null ? current != null : !wanted.equals(current)) {
        if (current != null) {
          text.append(RESET);
        }
        if (wanted != null) {
          text.append(wanted);
        }
        current = wanted;
      }
      text.appendCodePoint(characters[i]);
    }
    return current == null ? text.toString() : text.append(RESET).toString();
  }
}
