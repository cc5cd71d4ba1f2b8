package dev.tracker.natives;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The memory of native code, Lance's above all.
 *
 * <p>What is freed there the C library keeps for later, up to some 64 MB for each of eight arenas a
 * processor, and Lance's threads use them all. The JVM can have it given back.
 */
public final class NativeHeap {
  private NativeHeap() {}

  /** Gives what is free back to the system, where JVM and C library can. */
  public static void trim() {
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "systemTrimNativeHeap",
              new Object[0],
              new String[0]);
    } catch (JMException | RuntimeException | LinkageError e) {
      // It will be used again, and does not grow without end.
    }
  }
}
