package dev.tracker;

import dev.tracker.format.ConsoleStream;
import java.io.PrintStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the program prints, on its way into the boards that capture it. One for the JVM: the streams
 * are replaced by {@linkplain ConsoleTee tees} with the first such board and put back with the
 * last, in whatever order boards end.
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>Printing never fails because of us, and does not wait for storage: for a full queue once
 *       for {@link #PATIENCE_NANOS}, and then no more before there is room again.
 *   <li>A stream that somebody else has put in place of ours stays. Ours goes quiet then with the
 *       last board, and passes on what it is still given.
 *   <li>Who holds a tee from an earlier time is captured again by later boards, if it prints to the
 *       same stream.
 * </ul>
 *
 * <p>Any thread. The class's monitor guards who captures, and a source's monitor the line that was
 * begun; nobody prints while holding either, and nobody waits for the first while printing.
 */
final class ConsoleCapture {
  /** How long a line waits in a queue that is full only because the writer is behind. */
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final Source OUT = new Source(ConsoleStream.OUT, () -> System.out, System::setOut);
  private static final Source ERR = new Source(ConsoleStream.ERR, () -> System.err, System::setErr);

  private ConsoleCapture() {}

  /** A board that captures. */
  private static final class Target {
    private final Ring ring;
    private final Reports reports;
    private volatile boolean impatient;

    Target(Ring ring, Reports reports) {
      this.ring = ring;
      this.reports = reports;
    }

    void put(ConsoleStream stream, String line) {
      if (ring.offerLine(stream, line) || waitFor(stream, line)) {
        impatient = false;
        return;
      }
      impatient = true;
      ring.loseLine();
      if (reports.isFirst("console")) {
        reports.later(
            "a console line found no room in the queue and is lost, as further ones will be");
      }
    }

    private boolean waitFor(ConsoleStream stream, String line) {
      long start = System.nanoTime();
      boolean interrupted = false;
      boolean done = false;
      for (int tries = 0; !done && !impatient && ring.isWorthWaitingFor(); tries++) {
        if (System.nanoTime() - start > PATIENCE_NANOS) {
          break;
        }
        interrupted |= ring.pause(tries);
        done = ring.offerLine(stream, line);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return done;
    }
  }

  /** Has a board capture what is printed from now on. */
  static synchronized void begin(Ring ring, Reports reports) {
    Target target = new Target(ring, reports);
    OUT.begin(target);
    ERR.begin(target);
  }

  /**
   * Has a board that is about to end capture no more; nothing if it does not. It gets lines that
   * were begun, too.
   */
  static synchronized void end(Ring ring) {
    OUT.end(ring);
    ERR.end(ring);
  }

  /** One of the two streams. */
  static final class Source {
    private final ConsoleStream stream;
    private final Supplier<PrintStream> get;
    private final Consumer<PrintStream> set;
    private final TerminalLine line = new TerminalLine(); // guarded by this

    /** The boards that capture; changed under both monitors, as {@link #tee}. */
    private volatile List<Target> targets = List.of();

    private volatile @Nullable ConsoleTee tee;

    private @Nullable Decoding decoding; // guarded by this

    Source(ConsoleStream stream, Supplier<PrintStream> get, Consumer<PrintStream> set) {
      this.stream = stream;
      this.get = get;
      this.set = set;
    }

    private void begin(Target target) {
      if (targets.isEmpty()) {
        install();
      }
      synchronized (this) {
        targets = Stream.concat(targets.stream(), Stream.of(target)).toList();
      }
    }

    private void install() {
      PrintStream now = get.get();
      PrintStream to = now instanceof ConsoleTee other ? other.to() : now;
      ConsoleTee ours = tee;
      Charset encoding = encoding(to, stream);
      if (ours == null || !isSame(ours.to(), to)) {
        ours = new ConsoleTee(to, encoding, this);
      }
      synchronized (this) {
        line.forget();
        decoding = new Decoding(readable(encoding));
        tee = ours;
      }
      set.accept(ours);
    }

    private void end(Ring ring) {
      synchronized (this) {
        List<Target> all = targets;
        targets = all.stream().filter(target -> !isSame(target.ring, ring)).toList();
        if (targets.size() == all.size()) {
          return;
        }
        if (line.isBegun()) {
          String last = line.shown();
          all.stream()
              .filter(target -> isSame(target.ring, ring))
              .forEach(target -> target.put(stream, last));
        }
      }
      ConsoleTee ours = tee;
      if (targets.isEmpty() && ours != null && isSame(get.get(), ours)) {
        set.accept(ours.to());
      }
    }

    /** Takes in text that a tee has printed, or a line. */
    void said(ConsoleTee by, String text, boolean endsLine) {
      if (isQuiet(by)) {
        return;
      }
      try {
        synchronized (this) {
          breakOffBytes();
          line.add(text, this::deliver);
          if (endsLine) {
            line.add("\n", this::deliver);
          }
        }
      } catch (RuntimeException | Error e) {
        lose();
      }
    }

    /** Takes in bytes that a tee has written. */
    void wrote(ConsoleTee by, byte[] bytes, int offset, int length) {
      if (isQuiet(by)) {
        return;
      }
      try {
        synchronized (this) {
          if (decoding != null) {
            decoding.add(bytes, offset, length, text -> line.add(text, this::deliver));
          }
        }
      } catch (RuntimeException | Error e) {
        lose();
      }
    }

    private boolean isQuiet(ConsoleTee by) {
      return targets.isEmpty() || !isSame(by, tee);
    }

    /** A character whose bytes did not all come before a text did is none. */
    private void breakOffBytes() {
      if (decoding != null) {
        decoding.breakOff(text -> line.add(text, this::deliver));
      }
    }

    private void deliver(String complete) {
      for (Target target : targets) {
        target.put(stream, complete);
      }
    }

    /**
     * Counts what could not be kept, for lack of memory or stack; the program that prints knows
     * nothing of it.
     */
    private void lose() {
      try {
        synchronized (this) {
          line.forget();
          targets.forEach(target -> target.ring.loseLine());
        }
      } catch (RuntimeException | Error e) {
        return; // there is not even memory to count it in
      }
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(@Nullable Object a, @Nullable Object b) {
      return a == b;
    }
  }

  /** Bytes into characters, piece by piece; what is not of the charset becomes U+FFFD. */
  private static final class Decoding {
    private static final int CHUNK = 8192;

    private final CharsetDecoder decoder;
    private final ByteBuffer in = ByteBuffer.allocate(CHUNK);
    private final CharBuffer out = CharBuffer.allocate(CHUNK);

    Decoding(Charset charset) {
      decoder =
          charset
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPLACE)
              .onUnmappableCharacter(CodingErrorAction.REPLACE);
    }

    void add(byte[] bytes, int offset, int length, Consumer<CharSequence> into) {
      for (int done = 0; done < length; ) {
        int part = Math.min(length - done, in.remaining());
        in.put(bytes, offset + done, part);
        done += part;
        in.flip();
        decode(false, into);
        in.compact();
      }
    }

    void breakOff(Consumer<CharSequence> into) {
      if (in.position() > 0) {
        in.flip();
        decode(true, into);
        in.clear();
        decoder.reset();
      }
    }

    private void decode(boolean last, Consumer<CharSequence> into) {
      boolean overflows;
      do {
        overflows = decoder.decode(in, out, last).isOverflow();
        into.accept(out.flip());
        out.clear();
      } while (overflows);
    }
  }

  // ---- what a stream encodes its characters in

  /**
   * Returns the charset in which bytes that are written to a stream are to be read. ASCII is taken
   * for UTF-8, of which it is a part: it is what a JVM says in a container without a locale, whose
   * terminal nevertheless shows UTF-8.
   */
  private static Charset readable(Charset encoding) {
    return encoding.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : encoding;
  }

  private static Charset encoding(PrintStream of, ConsoleStream stream) {
    try {
      return (Charset)
          MethodHandles.publicLookup()
              .findVirtual(PrintStream.class, "charset", MethodType.methodType(Charset.class))
              .invoke(of);
    } catch (Throwable e) {
      return encodingOfProcess(
          "std" + stream.word() + ".encoding"); // before Java 18 a stream does not say
    }
  }

  private static Charset encodingOfProcess(String property) {
    String name = System.getProperty(property, System.getProperty("sun." + property));
    try {
      return name == null ? Charset.defaultCharset() : Charset.forName(name);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return Charset.defaultCharset();
    }
  }
}
