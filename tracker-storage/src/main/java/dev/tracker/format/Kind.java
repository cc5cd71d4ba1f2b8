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
  STRING(3);

  private static final Kind[] BY_CODE = values();

  private final byte code;

  Kind(int code) {
    this.code = (byte) code;
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
