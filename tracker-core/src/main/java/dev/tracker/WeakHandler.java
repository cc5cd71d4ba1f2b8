package dev.tracker;

import static java.lang.invoke.MethodType.methodType;

import java.lang.Thread.UncaughtExceptionHandler;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.ref.WeakReference;
import java.util.Objects;

/**
 * A handler of uncaught exceptions that passes them on to another one, without keeping that alive.
 *
 * <p>It is put together of the JVM's own classes alone. So a thread of an application server may
 * hold it for ever, and yet nothing of a program that was taken away.
 */
final class WeakHandler {
  private WeakHandler() {}

  /**
   * Makes one.
   *
   * @param handler held weakly
   * @param next what is called once that is gone
   */
  static UncaughtExceptionHandler of(
      UncaughtExceptionHandler handler, UncaughtExceptionHandler next) {
    Thread thread = Thread.currentThread();
    ClassLoader context = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader()); // its class goes there
    try {
      return MethodHandleProxies.asInterfaceInstance(
          UncaughtExceptionHandler.class, handle(handler, next));
    } catch (ReflectiveOperationException e) {
      return handler;
    } finally {
      thread.setContextClassLoader(context);
    }
  }

  private static MethodHandle handle(
      UncaughtExceptionHandler handler, UncaughtExceptionHandler next)
      throws ReflectiveOperationException {
    Lookup lookup = MethodHandles.publicLookup();
    MethodHandle call =
        lookup.findVirtual(
            UncaughtExceptionHandler.class,
            "uncaughtException",
            methodType(void.class, Thread.class, Throwable.class));
    MethodHandle get =
        lookup
            .findVirtual(WeakReference.class, "get", methodType(Object.class))
            .bindTo(new WeakReference<>(handler))
            .asType(methodType(UncaughtExceptionHandler.class));
    MethodHandle isThere =
        lookup
            .findStatic(Objects.class, "nonNull", methodType(boolean.class, Object.class))
            .asType(methodType(boolean.class, UncaughtExceptionHandler.class));
    MethodHandle passOn =
        MethodHandles.dropArguments(call.bindTo(next), 0, UncaughtExceptionHandler.class);
    return MethodHandles.foldArguments(MethodHandles.guardWithTest(isThere, call, passOn), get);
  }
}
