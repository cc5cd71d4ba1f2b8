package dev.tracker.format;

/** What a series holds. A series keeps its kind for ever; the codes stand in files. */
public enum Kind {
  /** IEEE 754 doubles; every bit is kept, NaN payloads included. */
  FLOAT64(0),
  /** 64-bit integers. */
  INT64(1),
  /** True or false. */
  BOOL(2),
  /** Unicode text. */
  STRING(3),
  /** Histograms whose counts are 32-bit integers. */
  HISTOGRAM_I32(4),
  /** Histograms whose counts are scaled to 0 to 255. */
  HISTOGRAM_U8(5),
  /** Images, audio, video, long texts and other files. */
  MEDIA(6),
  /** Rows of a table. */
  TABLE(7);

  private static final Kind[] BY_CODE = values();

  private final byte code;

  Kind(int code) {
    this.code = (byte) code;
  }

  /**
   * Whether a value is 64 bits; otherwise it is a stretch of bytes: a text as UTF-8, others in the
   * form of their kind.
   */
  public boolean isFixed() {
    return code < STRING.code;
  }

  /**
   * Whether a value is one number, boolean or text, which stands in the journal's rows; values of
   * other kinds are entries of their own.
   */
  public boolean isScalar() {
    return code <= STRING.code;
  }

  /** Returns the number that stands for this kind in files. */
  public byte code() {
    return code;
  }

  /** Returns the kind of a code; an unknown one is an {@link IllegalArgumentException}. */
  public static Kind of(int code) {
    if (code < 0 || code >= BY_CODE.length) {
      throw new IllegalArgumentException(
          "unknown kind of series: code=" + code + " (written by a newer version?)");
    }
    return BY_CODE[code];
  }
}
