package dev.tracker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The signals that end a JVM: which one did, and a second Ctrl+C.
 *
 * <p>While training runs, no handler of ours is installed; so whatever handlers a program has, they
 * are called as if there was no board. A JVM that ends by a signal does so on a thread that is
 * named after it, and whose stack shows it in the middle of that: by this {@link #ending()} knows
 * it, also where a handler of the program's own decided to end the JVM, and where one decided
 * otherwise.
 *
 * <p>Where the JVM leaves signals to the operating system ({@code -Xrs}), there is nothing to be
 * found, and {@code onInterrupt} does nothing; neither where {@code sun.misc.Signal} is missing.
 */
final class Signals {
  /** What the JVM calls the thread on which it handles a signal. */
  private static final Pattern HANDLER = Pattern.compile("(SIG[A-Z0-9+-]+) handler");

  /** What waits on that thread's stack for shutdown hooks to end. */
  private static final String HOOKS = "java.lang.ApplicationShutdownHooks";

  private static final String INTERRUPT = "INT";

  /** What a shell reports of a program that Ctrl+C ended. */
  private static final int INTERRUPTED = 128 + 2;

  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private Signals() {}

  /**
   * Returns the signal that the JVM is going down by, {@code SIGTERM} say; null where it is not
   * going down, or for another reason.
   */
  static @Nullable String ending() {
    for (Thread thread : allThreads()) {
      if (thread != null) {
        Matcher handler = HANDLER.matcher(thread.getName());
        if (handler.matches() && runsHooks(thread)) {
          return handler.group(1);
        }
      }
    }
    return null;
  }

  private static @Nullable Thread[] allThreads() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    if (root == null) {
      return new Thread[0]; // a thread that has ended has none
    }
    while (root.getParent() != null) {
      root = root.getParent();
    }
    Thread[] threads = new Thread[64];
    int found = root.enumerate(threads, true);
    while (found == threads.length) {
      threads = new Thread[2 * threads.length];
      found = root.enumerate(threads, true);
    }
    return threads;
  }

  /** Whether a thread is the one that ends the JVM; another that tries to stands before a lock. */
  private static boolean runsHooks(Thread thread) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().equals(HOOKS)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Has Ctrl+C end the process at once, which the JVM on its way down would not do. It waits a
   * moment for what takes milliseconds; whatever handler there was is called as well.
   *
   * @param isSafe whether nothing would be lost any more
   * @return puts the handlers back
   */
  static Runnable onInterrupt(BooleanSupplier isSafe) {
    try {
      Class<?> signals = Class.forName("sun.misc.Signal");
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      Object signal = signals.getConstructor(String.class).newInstance(INTERRUPT);
      Method install = signals.getMethod("handle", signals, type);
      Interrupt interrupt = new Interrupt(type.getMethod("handle", signals), signal, isSafe);
      Object ours = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, interrupt);
      Object before = install.invoke(null, signal, ours);
      interrupt.before = before;
      if (before == null || before.equals(type.getField("SIG_IGN").get(null))) {
        install.invoke(null, signal, before); // somebody wants Ctrl+C to do nothing
        return () -> {};
      }
      return () -> putBack(install, signal, before);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return () -> {}; // -Xrs, or a JVM without the class
    }
  }

  private static void putBack(Method install, Object signal, Object before) {
    try {
      install.invoke(null, signal, before);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return; // then it stays: the JVM is going down
    }
  }

  /** Ends the process. */
  private static final class Interrupt implements InvocationHandler {
    private final Method handle;
    private final Object signal;
    private final BooleanSupplier isSafe;
    private volatile @Nullable Object before;

    Interrupt(Method handle, Object signal, BooleanSupplier isSafe) {
      this.handle = handle;
      this.signal = signal;
      this.isSafe = isSafe;
    }

    @SuppressWarnings("ReferenceEquality") // what equals means for a handler
    @Override
    public @Nullable Object invoke(
        Object proxy, Method method, @Nullable Object @Nullable [] arguments) {
      switch (method.getName()) {
        case "handle" -> end();
        case "equals" -> {
          return arguments != null && proxy == arguments[0];
        }
        case "hashCode" -> {
          return System.identityHashCode(proxy);
        }
        default -> {}
      }
      return method.getReturnType() == String.class ? "tracker's handler of Ctrl+C" : null;
    }

    private void end() {
      Thread chained = new Thread(this::callThatBefore, "tracker-interrupt");
      chained.setDaemon(true);
      chained.start();
      long start = System.nanoTime();
      while (System.nanoTime() - start < PATIENCE_NANOS
          && !(isSafe.getAsBoolean() && isOver(chained))) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
      Runtime.getRuntime().halt(INTERRUPTED);
    }

    private void callThatBefore() {
      try {
        handle.invoke(before, signal);
      } catch (ReflectiveOperationException | RuntimeException e) {
        return; // its own business
      }
    }

    /** A handler that wants to exit is over, too: it waits for the exit that is under way. */
    private static boolean isOver(Thread chained) {
      Thread.State state = chained.getState();
      return state == Thread.State.TERMINATED || state == Thread.State.BLOCKED;
    }
  }
}
