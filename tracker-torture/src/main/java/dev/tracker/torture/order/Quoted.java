package dev.tracker.torture.order;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Strings as {@code strace} prints them: in C's escapes, between quotes. */
final class Quoted {
  private Quoted() {}

  static String text(String quoted) {
    return new String(bytes(quoted), StandardCharsets.UTF_8);
  }

  static byte[] bytes(String quoted) {
    int end = quoted.length() - 1;
    if (end < 1 || quoted.charAt(0) != '"' || quoted.charAt(end) != '"') {
      throw new IllegalArgumentException(
          "not a whole string: begins=" + quoted.substring(0, Math.min(40, quoted.length())));
    }
    byte[] bytes = new byte[end];
    int size = 0;
    for (int i = 1; i < end; ) {
      char c = quoted.charAt(i++);
      if (c != '\\') {
        bytes[size++] = (byte) c;
        continue;
      }
      char escaped = quoted.charAt(i++);
      if (escaped >= '0' && escaped <= '7') {
        int value = escaped - '0';
        for (int digits = 1; digits < 3 && isOctal(quoted.charAt(i)); digits++) {
          value = value * 8 + quoted.charAt(i++) - '0';
        }
        bytes[size++] = (byte) value;
      } else {
        bytes[size++] = plain(escaped);
      }
    }
    return Arrays.copyOf(bytes, size);
  }

  private static boolean isOctal(char c) {
    return c >= '0' && c <= '7';
  }

  private static byte plain(char escaped) {
    return switch (escaped) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'v' -> 0x0b;
      case 'f' -> '\f';
      default -> (byte) escaped;
    };
  }
}
