package dev.tracker.torture.order;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code strace -f -y} wrote, as events in their order: a call begins, a call has returned.
 * Calls of several threads overlap; what a call did counts from its return, and what it covers is
 * what had returned before it began.
 */
final class Trace {
  /** What the recorder is asked for: every call that can change a file, a folder, or force one. */
  static final String CALLS =
      "open,openat,openat2,creat,close,write,pwrite64,writev,pwritev,pwritev2,lseek,fsync,fdatasync,"
          + "sync_file_range,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,"
          + "rmdir,mkdir,mkdirat,ftruncate,truncate,fallocate,copy_file_range,sendfile,splice";

  /**
   * A call begins or has returned.
   *
   * @param result null where it begins
   */
  record Event(Call call, @Nullable String result) {
    boolean begins() {
      return result == null;
    }

    boolean succeeded() {
      return result != null && !result.startsWith("-") && !result.startsWith("?");
    }
  }

  private static final String UNFINISHED = " <unfinished ...>";

  private Trace() {}

  static List<Event> read(Path file) throws IOException {
    List<Event> events = new ArrayList<>();
    Map<String, Call> open = new HashMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int blank = line.indexOf(' ');
        if (blank > 0) {
          read(line.substring(0, blank), line.substring(blank).strip(), open, events);
        }
      }
    }
    return events;
  }

  private static void read(String thread, String text, Map<String, Call> open, List<Event> events) {
    if (text.startsWith("+++") || text.startsWith("---")) {
      return;
    }
    if (text.startsWith("<... ")) {
      Call call = open.remove(thread);
      if (call != null) {
        events.add(new Event(call, text.substring(text.lastIndexOf(" = ") + 3)));
      }
      return;
    }
    int bracket = text.indexOf('(');
    if (text.endsWith(UNFINISHED)) {
      String arguments = text.substring(bracket + 1, text.length() - UNFINISHED.length());
      Call call = new Call(text.substring(0, bracket), split(arguments));
      open.put(thread, call);
      events.add(new Event(call, null));
      return;
    }
    int equals = text.lastIndexOf(" = ");
    String arguments = text.substring(bracket + 1, equals).stripTrailing();
    Call call =
        new Call(text.substring(0, bracket), split(arguments.substring(0, arguments.length() - 1)));
    events.add(new Event(call, null));
    events.add(new Event(call, text.substring(equals + 3)));
  }

  /** Cuts at commas that are not within a string, a path or brackets. */
  private static List<String> split(String arguments) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    boolean quoted = false;
    for (int i = 0; i < arguments.length(); i++) {
      char c = arguments.charAt(i);
      if (quoted) {
        if (c == '\\') {
          i++;
        } else {
          quoted = c != '"';
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '<' || c == '{' || c == '[') {
        depth++;
      } else if (c == '>' || c == '}' || c == ']') {
        depth--;
      } else if (c == ',' && depth == 0) {
        parts.add(arguments.substring(from, i).strip());
        from = i + 1;
      }
    }
    if (from < arguments.length()) {
      parts.add(arguments.substring(from).strip());
    }
    return parts;
  }
}
