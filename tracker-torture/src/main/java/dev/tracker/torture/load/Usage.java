package dev.tracker.torture.load;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/** What this process uses of the machine, as Linux and the JVM tell. */
final class Usage {
  private static final Pattern COMMITTED =
      Pattern.compile("(Total|Java Heap)[: (]+reserved=\\d+KB, committed=(\\d+)KB");

  private static final ReadWriteLock HEAP = new ReentrantReadWriteLock(true);

  /** Held by threads of this JVM while they hold rows of a run: the heap is measured between. */
  static final Lock HOLDING_ROWS = HEAP.readLock();

  private Usage() {}

  /**
   * Returns the heap in use once what is garbage is collected, and without the rows that readers
   * hold meanwhile; stops the program for it.
   */
  static double heap() {
    HEAP.writeLock().lock();
    try {
      System.gc();
      return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    } finally {
      HEAP.writeLock().unlock();
    }
  }

  /**
   * Returns the memory of its own that is resident, without the heap: this relies on a heap that
   * was touched beforehand.
   */
  static double nativeMemory() throws IOException {
    double heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
    return 1024 * status("RssAnon:") - heap;
  }

  static double nativeThreads() throws IOException {
    return status("Threads:");
  }

  private static double status(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(field)) {
        return Double.parseDouble(line.substring(field.length()).strip().split(" ", -1)[0]);
      }
    }
    return Double.NaN;
  }

  static double threads() {
    return ManagementFactory.getThreadMXBean().getThreadCount();
  }

  static double handles() throws IOException {
    try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
      return handles.count();
    }
  }

  static double directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** Returns what the JVM has counted of native memory without the heap; NaN if it does not. */
  static double jvmMemory() {
    double total = Double.NaN;
    double heap = 0;
    Matcher line = COMMITTED.matcher(command("vmNativeMemory", "summary"));
    while (line.find()) {
      double bytes = 1024 * Double.parseDouble(line.group(2));
      if (line.group(1).equals("Total")) {
        total = bytes;
      } else {
        heap = bytes;
      }
    }
    return total - heap;
  }

  /** Asks the JVM what {@code jcmd} would. */
  static String command(String name, String... arguments) {
    try {
      return (String)
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  name,
                  new Object[] {arguments},
                  new String[] {String[].class.getName()});
    } catch (JMException e) {
      return name + " is not to be had: " + e;
    }
  }
}
