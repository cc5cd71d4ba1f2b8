package dev.tracker.system;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * An application server: loads Tracker and a program that uses it by a class loader of their own,
 * lets the program run, drops the loader, and does so again, all on one thread that stays.
 *
 * <p>Takes the root of the runs, how often, and whether a loader is dropped before the next is made
 * ({@code apart}) or only after ({@code overlapping}). Says for each {@code cycle} what the program
 * said, and {@code gone} or {@code alive} for the loader.
 */
public final class ReloadProgram {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private ReloadProgram() {}

  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    int cycles = Integer.parseInt(arguments[1]);
    boolean overlapping = arguments[2].equals("overlapping");
    ClassLoader parent = ClassLoader.getPlatformClassLoader();
    Predicate<Path> deployed = path -> true;
    if (arguments[2].equals("shared")) {
      parent = loader(parent, ReloadProgram::isLibrary);
      deployed = path -> !isLibrary(path);
    }
    URLClassLoader before = null;
    List<WeakReference<ClassLoader>> dropped = new ArrayList<>();
    for (int cycle = 0; cycle < cycles; cycle++) {
      URLClassLoader loader = loader(parent, deployed);
      System.out.println("cycle " + cycle + " " + deploy(loader, root, "run-" + cycle));
      if (overlapping) {
        URLClassLoader last = before;
        before = loader;
        if (last != null) {
          last.close();
          dropped.add(new WeakReference<>(last));
        }
      } else {
        loader.close();
        WeakReference<ClassLoader> reference = new WeakReference<>(loader);
        loader = null;
        System.out.println(awaitGone(reference) + " " + cycle);
      }
    }
    if (before != null) {
      before.close();
      dropped.add(new WeakReference<>(before));
      before = null;
    }
    for (WeakReference<ClassLoader> reference : dropped) {
      System.out.println(awaitGone(reference));
    }
    System.out.println("done");
    while (System.in.read() >= 0) {
      continue; // a test may look at this process as long as it likes
    }
  }

  /** Returns a loader of what the class path has. */
  private static URLClassLoader loader(ClassLoader parent, Predicate<Path> has) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (has.test(path)) {
        urls.add(path.toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(URL[]::new), parent);
  }

  /** Whether something on the class path is a library that Tracker uses, not Tracker. */
  private static boolean isLibrary(Path path) {
    return path.toString().endsWith(".jar")
        && !path.getFileName().toString().startsWith("tracker-");
  }

  /** Runs the program as a server does: the loader is the thread's context while it runs. */
  private static String deploy(ClassLoader loader, Path root, String id) throws Exception {
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

  private static String awaitGone(WeakReference<ClassLoader> loader) {
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
