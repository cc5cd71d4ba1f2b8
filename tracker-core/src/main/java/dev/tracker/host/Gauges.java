package dev.tracker.host;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the machine and this process are using now: processors, memory, heap, collections, threads,
 * and the GPUs that {@code nvidia-smi} tells of. Inside a container the machine is the container.
 *
 * <p>Processor time is that since the sample before, or since this was made. One thread.
 */
public final class Gauges implements AutoCloseable {
  /** What names of samples begin with. */
  public static final String PREFIX = "system/";

  private static final Path PROCESS_STATUS = Path.of("/proc/self/status");
  private static final Path MACHINE_MEMORY = Path.of("/proc/meminfo");

  /** Receives what was found. */
  public interface Sink {
    /** Takes one value; its name begins with {@link #PREFIX}. */
    void accept(String name, double value);
  }

  private interface Probe {
    void run(Sink sink) throws IOException;
  }

  private final Gpus gpus = new Gpus();
  private long nanos = System.nanoTime();
  private long processNanos;

  /** Begins to measure. */
  public Gauges() {
    Sink nowhere = (name, value) -> {};
    probe(this::processors, nowhere);
  }

  /**
   * Passes on what it finds; what cannot be found is left out.
   *
   * @param periodNanos how long it will be until the next sample
   */
  public void sample(long periodNanos, Sink sink) {
    probe(this::processors, sink);
    probe(Gauges::memory, sink);
    probe(Gauges::heap, sink);
    probe(Gauges::collections, sink);
    probe(
        to -> to.accept("system/threads", ManagementFactory.getThreadMXBean().getThreadCount()),
        sink);
    probe(to -> gpus.sample(periodNanos, to), sink);
  }

  private static void probe(Probe probe, Sink sink) {
    try {
      probe.run(sink);
    } catch (IOException | RuntimeException | LinkageError e) {
      // Another system, or a JVM without that module: it is absent.
    }
  }

  private static OperatingSystemMXBean system() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  }

  private void processors(Sink sink) {
    OperatingSystemMXBean system = system();
    percent("system/cpu/percent", system.getCpuLoad(), sink);
    long now = System.nanoTime();
    long used = system.getProcessCpuTime();
    if (used >= 0 && now > nanos) {
      double share = (double) (used - processNanos) / (now - nanos);
      percent("system/cpu/process_percent", share / system.getAvailableProcessors(), sink);
    }
    nanos = now;
    processNanos = used;
  }

  private static void percent(String name, double share, Sink sink) {
    if (share >= 0) { // negative: not known
      sink.accept(name, 100 * Math.min(share, 1));
    }
  }

  static long totalMemory() {
    return system().getTotalMemorySize();
  }

  private static void memory(Sink sink) throws IOException {
    OperatingSystemMXBean system = system();
    long total = system.getTotalMemorySize();
    sink.accept("system/memory/used_bytes", (double) (total - available(system, total)));
    long resident = kilobytes(PROCESS_STATUS, "VmRSS:");
    if (resident >= 0) {
      sink.accept("system/memory/process_bytes", resident * 1024.0);
    }
  }

  /**
   * Returns the bytes that programs can still have. What the JDK calls free does not count the
   * system's caches, which give way; Linux tells what does, but of the machine, not of a container.
   */
  private static long available(OperatingSystemMXBean system, long total) throws IOException {
    boolean isMachine = kilobytes(MACHINE_MEMORY, "MemTotal:") * 1024 == total;
    long available = isMachine ? kilobytes(MACHINE_MEMORY, "MemAvailable:") : -1;
    return available >= 0 ? available * 1024 : system.getFreeMemorySize();
  }

  /** Returns a number of kilobytes that Linux tells; -1 where it does not. */
  private static long kilobytes(Path file, String name) throws IOException {
    if (!Files.exists(file)) {
      return -1;
    }
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(name)) {
          return Long.parseLong(line.substring(name.length()).replace("kB", "").strip());
        }
      }
    }
    return -1;
  }

  private static void heap(Sink sink) {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    sink.accept("system/heap/used_bytes", (double) heap.getUsed());
    sink.accept("system/heap/committed_bytes", (double) heap.getCommitted());
    if (heap.getMax() >= 0) {
      sink.accept("system/heap/max_bytes", (double) heap.getMax());
    }
  }

  private static void collections(Sink sink) {
    long count = 0;
    long millis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      count += Math.max(0, collector.getCollectionCount());
      millis += Math.max(0, collector.getCollectionTime());
    }
    sink.accept("system/gc/count", (double) count);
    sink.accept("system/gc/seconds", millis / 1000.0);
  }

  /** Lets go of {@code nvidia-smi}. */
  @Override
  public void close() {
    gpus.close();
  }
}
