package dev.tracker.format;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * How an exception is written down, in a run's document and in its log: its stack trace, cut off
 * where it is long. The first line is what it says.
 */
public final class ErrorText {
  static {
    // What prints a stack trace is loaded now: a class of the JDK that is used for the first time
    // when the heap is full cannot be used in this process ever again.
    of(new IllegalStateException(new Throwable()), 1);
  }

  private ErrorText() {}

  /** Has later calls work when the heap is full. */
  public static void prepare() {
    // The initializer does it.
  }

  /** Returns an exception's stack trace, or the name of its class where that is all there is. */
  public static String of(Throwable error, int maxChars) {
    try {
      StringWriter text = new StringWriter();
      error.printStackTrace(new PrintWriter(text));
      return text.getBuffer().substring(0, Math.min(text.getBuffer().length(), maxChars)).strip();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
      return error.getClass().getName(); // its own methods throw, or it is too long for the heap
    }
  }
}
