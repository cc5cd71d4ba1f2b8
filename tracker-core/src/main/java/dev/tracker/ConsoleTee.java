package dev.tracker;

import dev.tracker.ConsoleCapture.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code System.out} or {@code System.err} is while boards capture it: every call goes to the
 * stream that was there before, and what it printed to its {@link Source}.
 *
 * <p>Characters go on as characters, not as bytes, so that the stream before encodes them as it
 * always did.
 *
 * <p>The monitor is held while printing, as that of every {@code PrintStream} that is a subclass:
 * so blocks of output that synchronize on {@code System.out}, as stack traces do, stay in one
 * piece. The locks of the stream before and of the source are taken inside it.
 *
 * <p>When nobody captures any more, it goes on passing things on, for whoever holds it. Any thread.
 */
@SuppressWarnings("AnnotateFormatMethod") // the methods are those of PrintStream
final class ConsoleTee extends PrintStream {
  private final PrintStream to;
  private final Source source;

  /**
   * Makes one.
   *
   * @param to the stream that was there
   * @param charset what that one encodes characters in
   */
  ConsoleTee(PrintStream to, Charset charset, Source source) {
    super(OutputStream.nullOutputStream(), false, charset);
    this.to = to;
    this.source = source;
  }

  /** Returns the stream that was there. */
  PrintStream to() {
    return to;
  }

  private void said(String text) {
    source.said(this, text, false);
  }

  private void saidLine(String text) {
    source.said(this, text, true);
  }

  @Override
  public synchronized void print(boolean b) {
    to.print(b);
    said(String.valueOf(b));
  }

  @Override
  public synchronized void print(char c) {
    to.print(c);
    said(String.valueOf(c));
  }

  @Override
  public synchronized void print(int i) {
    to.print(i);
    said(String.valueOf(i));
  }

  @Override
  public synchronized void print(long l) {
    to.print(l);
    said(String.valueOf(l));
  }

  @Override
  public synchronized void print(float f) {
    to.print(f);
    said(String.valueOf(f));
  }

  @Override
  public synchronized void print(double d) {
    to.print(d);
    said(String.valueOf(d));
  }

  @Override
  public synchronized void print(char[] s) {
    to.print(s);
    said(String.valueOf(s));
  }

  @Override
  public synchronized void print(@Nullable String s) {
    to.print(s);
    said(String.valueOf(s));
  }

  @Override
  public void print(@Nullable Object value) {
    print(String.valueOf(value));
  }

  @Override
  public synchronized void println(boolean b) {
    to.println(b);
    saidLine(String.valueOf(b));
  }

  @Override
  public synchronized void println(char c) {
    to.println(c);
    saidLine(String.valueOf(c));
  }

  @Override
  public synchronized void println(int i) {
    to.println(i);
    saidLine(String.valueOf(i));
  }

  @Override
  public synchronized void println(long l) {
    to.println(l);
    saidLine(String.valueOf(l));
  }

  @Override
  public synchronized void println(float f) {
    to.println(f);
    saidLine(String.valueOf(f));
  }

  @Override
  public synchronized void println(double d) {
    to.println(d);
    saidLine(String.valueOf(d));
  }

  @Override
  public synchronized void println(char[] s) {
    to.println(s);
    saidLine(String.valueOf(s));
  }

  @Override
  public synchronized void println(@Nullable String s) {
    to.println(s);
    saidLine(String.valueOf(s));
  }

  @Override
  public void println(@Nullable Object value) {
    println(String.valueOf(value));
  }

  @Override
  public synchronized void println() {
    to.println();
    saidLine("");
  }

  @Override
  public PrintStream printf(String format, @Nullable Object... args) {
    return format(format, args);
  }

  @Override
  public PrintStream printf(@Nullable Locale locale, String format, @Nullable Object... args) {
    return format(locale, format, args);
  }

  @Override
  public PrintStream format(String format, @Nullable Object... args) {
    print(String.format(format, args));
    return this;
  }

  @Override
  public PrintStream format(@Nullable Locale locale, String format, @Nullable Object... args) {
    print(String.format(locale, format, args));
    return this;
  }

  @Override
  public PrintStream append(@Nullable CharSequence text) {
    print(String.valueOf(text));
    return this;
  }

  @Override
  public PrintStream append(@Nullable CharSequence text, int start, int end) {
    print((text == null ? "null" : text).subSequence(start, end).toString());
    return this;
  }

  @Override
  public PrintStream append(char c) {
    print(c);
    return this;
  }

  @Override
  public synchronized void write(int b) {
    to.write(b);
    source.wrote(this, new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    to.write(bytes, offset, length);
    source.wrote(this, bytes, offset, length);
  }

  @Override
  public synchronized void write(byte[] bytes) throws IOException {
    to.write(bytes);
    source.wrote(this, bytes, 0, bytes.length);
  }

  @Override
  public synchronized void writeBytes(byte[] bytes) {
    to.writeBytes(bytes);
    source.wrote(this, bytes, 0, bytes.length);
  }

  @Override
  public void flush() {
    to.flush();
  }

  @Override
  public void close() {
    to.close();
  }

  @Override
  public boolean checkError() {
    return to.checkError();
  }
}
