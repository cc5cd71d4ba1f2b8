package dev.tracker.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** The machine that measures, and what this process uses of it. */
final class Machine {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Machine() {}

  /**
   * Returns processor, memory, file system, system and Java on one line, and how busy others keep
   * it.
   */
  static String describe() {
    return String.format(
        Locale.ROOT,
        "%s, Java %s, load %.1f",
        hardware(),
        System.getProperty("java.version"),
        load());
  }

  /** Returns processor, memory, file system and system on one line. */
  static String hardware() {
    return String.format(
        Locale.ROOT,
        "%d x %s, %s memory, %s, %s %s",
        SYSTEM.getAvailableProcessors(),
        procField("/proc/cpuinfo", "model name", System.getProperty("os.arch")),
        Unit.BYTES.format(SYSTEM.getTotalMemorySize()),
        fileSystem(),
        System.getProperty("os.name"),
        System.getProperty("os.version").replaceAll("-.*", "")); // without the builder's suffix
  }

  /** Returns how many threads have wanted a core in the last minute; negative where unknown. */
  static double load() {
    return SYSTEM.getSystemLoadAverage();
  }

  private static String fileSystem() {
    try {
      return Files.getFileStore(Scratch.parent()).type();
    } catch (IOException e) {
      return "unknown file system";
    }
  }

  /** Returns the processor time that this process has used so far, in nanoseconds, to 10 ms. */
  static long cpuNanos() {
    return SYSTEM.getProcessCpuTime();
  }

  /** Returns the heap that is in use once what is garbage is collected. */
  static long heapInUse() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Returns the resident memory of this process; NaN where the system does not say. */
  static double residentBytes() {
    String kilobytes = procField("/proc/self/status", "VmRSS", "");
    return kilobytes.isEmpty()
        ? Double.NaN
        : 1024 * Double.parseDouble(kilobytes.split(" ", -1)[0]);
  }

  private static String procField(String file, String name, String otherwise) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(otherwise);
    } catch (IOException e) {
      return otherwise;
    }
  }
}
