package dev.tracker.lock;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.Json;
import dev.tracker.format.PlainFiles;
import dev.tracker.format.RunLayout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The process that writes a run, as {@code writer.json} names it. The file's time is its heartbeat.
 *
 * @param pid the process id, on its own host
 * @param host the host's name
 * @param since when it took the run, ISO-8601
 */
public record Holder(long pid, String host, String since) {
  /** A heartbeat older than this means that the process, seen from another host, is dead. */
  public static final Duration STALE = Duration.ofSeconds(60);

  static Holder self() {
    return new Holder(ProcessHandle.current().pid(), localHost(), Instant.now().toString());
  }

  byte[] toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    return Json.bytes(json.put("pid", pid).put("host", host).put("since", since));
  }

  /** Returns who wrote or writes the run; empty where nobody does or the file cannot be read. */
  public static Optional<Holder> of(RunLayout layout) {
    try {
      PlainFiles.requireFile(layout.holder());
      JsonNode json = Json.read(Files.readAllBytes(layout.holder()));
      return Optional.of(
          new Holder(
              json.path("pid").asLong(-1),
              json.path("host").asText("?"),
              json.path("since").asText("?")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  boolean isElsewhere() {
    return !host.equals(localHost());
  }

  static boolean isFresh(Path file) {
    try {
      FileTime beat = Files.getLastModifiedTime(file);
      return beat.toInstant().isAfter(Instant.now().minus(STALE));
    } catch (IOException e) {
      return false;
    }
  }

  private static String localHost() {
    return Local.HOST;
  }

  /** Looked up once, and only when somebody asks: a name service may be slow. */
  private static final class Local {
    static final String HOST = name();

    private static String name() {
      String name = System.getenv("HOSTNAME");
      if (name != null && !name.isEmpty()) {
        return name;
      }
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "localhost";
      }
    }
  }
}
