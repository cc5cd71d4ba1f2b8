package dev.tracker.system;

import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An application server: loads Tracker and a program that uses it by a class loader of their own,
 * lets the program run, and does so again, all on one thread that stays.
 *
 * <p>Takes the root of the runs, how often, and whether it keeps each loader or drops it before it
 * makes the next. Says for each {@code cycle} what the program said, and {@code gone} or {@code
 * alive} of a loader that was dropped; then ends when it is told to.
 */
public final class ReloadProgram {
  /** Each deployment stays beside the next. */
  public static final String KEEPING = "keeping";

  /** Each deployment is taken away before the next. */
  public static final String DROPPING = "dropping";

  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(200);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private ReloadProgram() {}

  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    int cycles = Integer.parseInt(arguments[1]);
    List<URLClassLoader> kept = new ArrayList<>();
    for (int cycle = 0; cycle < cycles; cycle++) {
      URLClassLoader loader = loader();
      System.out.println("cycle-" + cycle + " " + deploy(loader, root, "run-" + cycle));
      if (arguments[2].equals(KEEPING)) {
        kept.add(loader);
      } else {
        loader.close();
        WeakReference<ClassLoader> reference = new WeakReference<>(loader);
        loader = null;
        System.out.println("loader-" + cycle + " " + awaitGone(reference));
      }
    }
    System.out.println("done " + kept.size());
    if (System.in.read() < 0) {
      throw new IOException("whoever started this is gone");
    }
  }

  private static URLClassLoader loader() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  /** Runs the program as a server does: the loader is the thread's context while it runs. */
  private static String deploy(ClassLoader loader, Path root, String id)
      throws ReflectiveOperationException {
    Thread thread = Thread.currentThread();
    ClassLoader own = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      return (String)
          loader
              .loadClass("dev.tracker.system.DeployedProgram")
              .getMethod("run", Path.class, String.class)
              .invoke(null, root, id);
    } finally {
      thread.setContextClassLoader(own);
    }
  }

  /** A record of no importance. */
  public record LastRecord(int number) {}

  /**
   * JDK 17 keeps the record class whose {@code equals} was linked last in the whole JVM, and with
   * it the class's loader, until the next one is linked.
   */
  private static void linkAnotherRecord() throws IOException, ReflectiveOperationException {
    try (URLClassLoader loader = loader()) {
      Constructor<?> constructor =
          loader.loadClass(LastRecord.class.getName()).getConstructor(int.class);
      if (!constructor.newInstance(1).equals(constructor.newInstance(1))) {
        throw new AssertionError("records of the same number differ");
      }
    }
  }

  private static String awaitGone(WeakReference<ClassLoader> loader)
      throws IOException, ReflectiveOperationException {
    linkAnotherRecord();
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (!loader.refersTo(null)) {
      if (System.nanoTime() - deadline > 0) {
        return "alive";
      }
      System.gc();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return "gone";
  }
}
