package dev.tracker.torture.order;

import java.util.List;

/**
 * A system call of the traced process.
 *
 * @param name what is called
 * @param arguments as {@code strace} prints them
 */
record Call(String name, List<String> arguments) {
  /** What {@code -y} puts after a file descriptor. */
  static String path(String descriptor) {
    int from = descriptor.indexOf('<');
    int to = descriptor.indexOf('>');
    return from < 0 || to < from ? "" : descriptor.substring(from + 1, to);
  }

  /** Returns the number of a file descriptor. */
  static int number(String descriptor) {
    int end = descriptor.indexOf('<');
    return Integer.parseInt(end < 0 ? descriptor : descriptor.substring(0, end));
  }

  String argument(int index) {
    return arguments.get(index);
  }

  long number64(int index) {
    return Long.decode(argument(index));
  }

  /** Returns the bytes of an argument that is a string. */
  byte[] bytes(int index) {
    return Quoted.bytes(argument(index));
  }

  /** Returns the path that an argument names. */
  String text(int index) {
    return Quoted.text(argument(index));
  }

  /** Returns the path that an argument names, relative to a folder's descriptor before it. */
  String pathAt(int folder, int index) {
    String path = text(index);
    return path.startsWith("/") ? path : path(argument(folder)) + "/" + path;
  }
}
