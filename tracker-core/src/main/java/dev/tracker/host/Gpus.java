package dev.tracker.host;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tracker.host.Gauges.Sink;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The GPUs that {@code nvidia-smi} tells of. One such process is left running, which says every so
 * often how they are; what it has said is looked at, and never waited for.
 *
 * <p>Where there is no such command, or it tells of nothing, it is not asked again in this JVM;
 * where it ended after it had told something, after {@link #REST_NANOS}. When this JVM dies, it
 * ends at its next word, for nobody is there to read it.
 *
 * <p>One thread.
 */
final class Gpus implements AutoCloseable {
  private static final String COMMAND = "nvidia-smi";

  /** After the index: what the columns of the answer are. */
  private static final String[] COLUMNS = {
    "/percent", "/memory_used_bytes", "/memory_total_bytes", "/temperature_celsius", "/power_watts"
  };

  private static final String QUERY =
      "--query-gpu=index,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw";
  private static final String FORMAT = "--format=csv,noheader,nounits";

  private static final int MEGABYTE = 1 << 20;
  private static final long REST_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final long NAMES_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MAX_LINE = 1024;
  private static final long NEVER = Long.MAX_VALUE;

  /** Whether it makes sense to ask in this JVM. */
  private static volatile boolean isThere = true;

  private record Line(List<String> values, long nanos) {}

  private final Map<Integer, Line> lines = new TreeMap<>();
  private final StringBuilder line = new StringBuilder();
  private @Nullable Process process;
  private boolean answered;
  private long loopSeconds;
  private long restSince = NEVER;

  Gpus() {}

  /** Asks, once, which GPUs there are; may take seconds. */
  static ArrayNode names() {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    List<String> words = List.of(COMMAND, "--query-gpu=name,memory.total,driver_version", FORMAT);
    new Command(words, new File("."), Map.of(), NAMES_NANOS)
        .ask(64 * 1024)
        .ifPresent(answer -> {
          for (String gpu : answer.text().split("\n", -1)) {
            String[] values = gpu.split(",", 3);
            if (values.length == 3) {
              names
                  .addObject()
                  .put("name", values[0].strip())
                  .put("memoryMegabytes", values[1].strip())
                  .put("driver", values[2].strip());
            }
          }
        });
    return names;
  }

  /**
   * Passes on what was said last.
   *
   * @param periodNanos how often this is called, about
   */
  void sample(long periodNanos, Sink sink) {
    long now = System.nanoTime();
    long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(periodNanos));
    if (process != null && seconds != loopSeconds) {
      end();
    }
    if (process == null) {
      start(seconds, now);
    } else {
      listen(now);
    }
    long young = 2 * Math.max(periodNanos, TimeUnit.SECONDS.toNanos(loopSeconds));
    lines.values().removeIf(said -> now - said.nanos > young);
    lines.forEach((gpu, said) -> pass("system/gpu/" + gpu, said.values, sink));
  }

  private void start(long seconds, long now) {
    if (!isThere || (restSince != NEVER && now - restSince < REST_NANOS)) {
      return;
    }
    List<String> words = List.of(COMMAND, QUERY, FORMAT, "--loop=" + seconds);
    try {
      Process started = new ProcessBuilder(words).redirectError(Redirect.DISCARD).start();
      started.getOutputStream().close();
      process = started;
      loopSeconds = seconds;
    } catch (IOException e) {
      isThere = false;
    }
  }

  /** Takes what was said, and notices that there will be no more. */
  private void listen(long now) {
    Process from = process;
    if (from == null) {
      return;
    }
    boolean ended = !from.isAlive(); // before looking: then nothing comes after it
    try {
      InputStream said = from.getInputStream();
      for (int left = said.available(); left > 0; left = said.available()) {
        for (char sign : new String(said.readNBytes(left), StandardCharsets.UTF_8).toCharArray()) {
          take(sign, now);
        }
      }
    } catch (IOException e) {
      ended = true;
    }
    if (ended) {
      isThere = answered;
      restSince = now;
      end();
    }
  }

  private void take(char sign, long now) {
    if (sign != '\n') {
      if (line.length() < MAX_LINE) {
        line.append(sign);
      }
      return;
    }
    List<String> values = List.of(line.toString().split(",", -1));
    line.setLength(0);
    if (values.size() == COLUMNS.length + 1) {
      try {
        lines.put(Integer.parseInt(values.get(0).strip()), new Line(values, now));
        answered = true;
      } catch (NumberFormatException e) {
        // Something else than an answer: a message about the driver, say.
      }
    }
  }

  private static void pass(String gpu, List<String> values, Sink sink) {
    for (int i = 0; i < COLUMNS.length; i++) {
      try {
        double value = Double.parseDouble(values.get(i + 1).strip());
        sink.accept(gpu + COLUMNS[i], COLUMNS[i].endsWith("_bytes") ? value * MEGABYTE : value);
      } catch (NumberFormatException e) {
        // "[N/A]": this GPU does not know.
      }
    }
  }

  private void end() {
    Process running = process;
    if (running != null) {
      running.destroy();
      process = null;
      line.setLength(0);
    }
  }

  @Override
  public void close() {
    end();
  }
}
