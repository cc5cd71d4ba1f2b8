package dev.tracker;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is printed, made into lines as a terminal shows them.
 *
 * <p>A line is kept as it was printed, colours and all, unless something in it moves the cursor
 * back: a CR or a backspace. From then on it is a {@link TerminalRow}, on which later characters
 * stand in place of earlier ones, and what is kept is how it looks at its end. A line ends with an
 * LF; a CR just before that belongs to it. A line of more than {@link #MAX_CHARS} is cut into
 * several.
 *
 * <p>For one thread at a time.
 */
final class TerminalLine {
  static final int MAX_CHARS = 64 * 1024;

  /** What was printed of a line that nothing has moved back in. */
  private StringBuilder plain = new StringBuilder();

  /** The line, if something has; {@link #plain} is empty then. */
  private @Nullable TerminalRow row;

  /** Whether a CR was the last character: it begins the line anew unless an LF follows. */
  private boolean returned;

  /** Takes in what is printed and hands over the lines that end with it. */
  void add(CharSequence text, Consumer<String> lines) {
    for (int at = 0; at < text.length(); ) {
      char c = text.charAt(at);
      if (c == '\n') {
        end(lines);
        at++;
      } else if (c == '\r') {
        returned = true;
        at++;
      } else {
        at = addToLine(text, at, lines);
      }
    }
  }

  /** Takes in what stands before the next CR or LF, as far as there is room. */
  private int addToLine(CharSequence text, int from, Consumer<String> lines) {
    if (returned) {
      returned = false;
      row().home();
    }
    int to = from;
    boolean isPlain = row == null;
    while (to < text.length() && text.charAt(to) != '\n' && text.charAt(to) != '\r') {
      isPlain &= text.charAt(to) != '\b';
      to++;
    }
    if (!isPlain) {
      TerminalRow target = row();
      for (int i = from; i < to; i++) {
        target.add(text.charAt(i));
        if (target.isFull()) {
          end(lines);
          return i + 1;
        }
      }
      return to;
    }
    int room = MAX_CHARS - plain.length();
    if (to - from < room) {
      plain.append(text, from, to);
      return to;
    }
    int cut = from + room;
    plain.append(text, from, cut);
    endPlain(lines);
    return cut;
  }

  /**
   * Ends a plain line that is as long as may be; the first half of a pair of surrogates goes to the
   * next.
   */
  private void endPlain(Consumer<String> lines) {
    char last = plain.charAt(plain.length() - 1);
    boolean splits = Character.isHighSurrogate(last);
    if (splits) {
      plain.setLength(plain.length() - 1);
    }
    end(lines);
    if (splits) {
      plain.append(last);
    }
  }

  private TerminalRow row() {
    TerminalRow known = row;
    if (known == null) {
      known = new TerminalRow();
      for (int i = 0; i < plain.length(); i++) {
        known.add(plain.charAt(i));
      }
      plain.setLength(0);
      row = known;
    }
    return known;
  }

  private void end(Consumer<String> lines) {
    String line = shown();
    forget();
    lines.accept(line);
  }

  /** Says whether something stands there that no LF has ended. */
  boolean isBegun() {
    return plain.length() > 0 || row != null;
  }

  /** Returns the line that was begun, as it looks now. */
  String shown() {
    return row == null ? plain.toString() : row.toString();
  }

  /** Begins a new line. */
  void forget() {
    row = null;
    returned = false;
    if (plain.capacity() > MAX_CHARS / 8) {
      plain = new StringBuilder();
    } else {
      plain.setLength(0);
    }
  }
}
