package dev.tracker.format;

/** Where a program printed a line. */
public enum ConsoleStream {
  /** Standard output. */
  OUT(0, "out"),

  /** Standard error. */
  ERR(1, "err");

  private static final ConsoleStream[] STREAMS = values();

  private final byte code;
  private final String word;

  ConsoleStream(int code, String word) {
    this.code = (byte) code;
    this.word = word;
  }

  /** Returns the number that stands for it in the journal. */
  public byte code() {
    return code;
  }

  /** Returns the word that stands for it in {@code logs/output.log}. */
  public String word() {
    return word;
  }

  /**
   * Returns the stream of a number; a number that stands for none is an {@link
   * IllegalArgumentException}.
   */
  public static ConsoleStream of(int code) {
    if (code < 0 || code >= STREAMS.length) {
      throw new IllegalArgumentException("no such console stream: code=" + code);
    }
    return STREAMS[code];
  }

  /**
   * Returns the stream of a word; a word that stands for none is an {@link
   * IllegalArgumentException}.
   */
  public static ConsoleStream of(String word) {
    for (ConsoleStream stream : STREAMS) {
      if (stream.word.equals(word)) {
        return stream;
      }
    }
    throw new IllegalArgumentException("no such console stream: word='" + word + "'");
  }
}
