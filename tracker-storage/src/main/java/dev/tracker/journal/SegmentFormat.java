package dev.tracker.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The bytes of a segment: a header, then frames end to end, then zeros or the end of the file. All
 * numbers are little endian; checksums are CRC-32C.
 *
 * <p>A frame counts only if its checksum does. The checksum begins with the segment's nonce and the
 * frame's own place in the file, so that zeros, what an earlier file left on the disk, and a frame
 * that was copied elsewhere are not taken for one. What follows the last whole frame is nothing.
 */
final class SegmentFormat {
  /** {@code long} at an offset of a byte array, plain access, any alignment. */
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** {@code int} at an offset of a byte array, plain access, any alignment. */
  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  // Segment header, written before the file gets its name:
  //
  //   0               8       12      16              24              32
  //   +---------------+-------+-------+---------------+---------------+----
  //   | "TRKJRNL1"    |version| 0     | nonce         | first position|
  //   +---------------+-------+-------+---------------+---------------+----
  //   32              40              48              56      60      64
  //   +---------------+---------------+---------------+-------+-------+
  //   | created, µs   | 0             | 0             | 0     | crc   |
  //   +---------------+---------------+---------------+-------+-------+
  //   crc: of bytes 0 to 59

  /** {@code "TRKJRNL1"} as it is read from the file. */
  static final long MAGIC = 0x314C_4E52_4A4B_5254L;

  static final int HEADER_BYTES = 64;
  static final int HEADER_VERSION = 8;
  static final int HEADER_NONCE = 16;
  static final int HEADER_FIRST = 24;
  static final int HEADER_CREATED = 32;
  static final int HEADER_CRC = 60;

  // Frame header; a frame begins at a multiple of 8:
  //
  //   0       4       8               16      20      24              32
  //   +-------+-------+---------------+-------+-------+---------------+----
  //   | length| crc   | first position|records| rows  | step before   |
  //   +-------+-------+---------------+-------+-------+---------------+----
  //   32              40              48              56
  //   +---------------+---------------+---------------+----------+------+
  //   | global step   | time before,  | forced: what  | payload  | 0 to |
  //   | before        | µs            | was durable   | (length) | 8n   |
  //   +---------------+---------------+---------------+----------+------+
  //   crc: of nonce, offset of the frame in the file (8 bytes each), length (4 bytes),
  //        then the frame from byte 8 to the end of its padding

  static final int FRAME_BYTES = 56;
  static final int FRAME_LENGTH = 0;
  static final int FRAME_CRC = 4;
  static final int FRAME_FIRST = 8;
  static final int FRAME_RECORDS = 16;
  static final int FRAME_ROWS = 20;
  static final int FRAME_STEP = 24;
  static final int FRAME_GLOBAL_STEP = 32;
  static final int FRAME_MICROS = 40;
  static final int FRAME_FORCED = 48;

  /** A frame's payload is never longer; a length beyond it is not one. */
  static final int MAX_PAYLOAD_BYTES = 1 << 30;

  // Records. A row's tag is its type plus, where it has one value, the value's form.

  /** Row that takes the next step: {@code tag, time, [count], values}. */
  static final int ROW_NEXT = 0x10;

  /** Row at the current step, which stays: {@code tag, time, [count], values}. */
  static final int ROW_KEEPING = 0x20;

  /** Row at its own step: {@code tag, zigzag (step - counter), time, [count], values}. */
  static final int ROW_AT = 0x30;

  /** Added to a row's tag where it has no value or several: a count follows the time. */
  static final int SEVERAL = 0x0F;

  /** First use of a series: {@code tag, varint id, byte kind, varint length, UTF-8}. */
  static final int SERIES = 0x40;

  /** New global step: {@code tag, zigzag (new - old)}. */
  static final int GLOBAL_STEP = 0x50;

  /** Dropped rows: {@code tag, varint rows, zigzag from, zigzag (to - from)}. */
  static final int GAP = 0x60;

  /** Patch of the run's document: {@code tag, varint length, JSON}. */
  static final int RUN = 0x70;

  /** Counters that rows which are gone had moved: {@code tag, three zigzags: new - old}. */
  static final int COUNTERS = 0x80;

  /**
   * All rows before with a greater step are void: {@code tag, zigzag step, zigzag global step}. The
   * step counter becomes {@code min(counter, step + 1)}, the global step what is given. The only
   * record of its frame.
   */
  static final int REWIND = 0x90;

  /**
   * Line that the program printed: {@code tag, byte stream, time, varint length, UTF-8} without LF
   * and CR.
   */
  static final int CONSOLE = 0xA0;

  /**
   * Value that is more than a number or a text, of a row that was written before: {@code tag,
   * varint series, zigzag (step - counter), zigzag (global step - current), time, varint length,
   * bytes}. It moves no counter.
   */
  static final int ENTRY = 0xB0;

  /** Form of a FLOAT64 or INT64 value: 8 bytes. */
  static final int FIXED = 0;

  /** Form of a BOOL value: one byte, 0 or 1. */
  static final int BOOL = 1;

  /** Form of a STRING value: varint length, UTF-8. */
  static final int TEXT = 2;

  /** In a row of several, a value begins with {@code varint (series << FORM_BITS | form)}. */
  static final int FORM_BITS = 4;

  private static final int SEED_BYTES = 20;

  private SegmentFormat() {}

  /** Returns the bytes that a frame takes in the file, header and padding included. */
  static int frameBytes(int payload) {
    return (FRAME_BYTES + payload + 7) & ~7;
  }

  static byte[] header(long nonce, long first, long createdMicros, int version) {
    byte[] header = new byte[HEADER_BYTES];
    LONG.set(header, 0, MAGIC);
    INT.set(header, HEADER_VERSION, version);
    LONG.set(header, HEADER_NONCE, nonce);
    LONG.set(header, HEADER_FIRST, first);
    LONG.set(header, HEADER_CREATED, createdMicros);
    INT.set(header, HEADER_CRC, headerCrc(header));
    return header;
  }

  /** Returns whether the bytes are a segment's header, of whatever version. */
  static boolean isHeader(byte[] header) {
    return (long) LONG.get(header, 0) == MAGIC
        && (int) INT.get(header, HEADER_CRC) == headerCrc(header);
  }

  private static int headerCrc(byte[] header) {
    CRC32C crc = new CRC32C();
    crc.update(header, 0, HEADER_CRC);
    return (int) crc.getValue();
  }

  /** Computes the checksums of frames. One thread uses one. */
  static final class Checksum {
    private final CRC32C crc = new CRC32C();
    private final byte[] seed = new byte[SEED_BYTES];

    /**
     * Returns the checksum of a frame.
     *
     * @param bytes holds the frame
     * @param start where it begins in {@code bytes}
     * @param length how many bytes it takes, padding included
     * @param nonce the segment's
     * @param offset where the frame stands in the segment's file
     */
    int of(byte[] bytes, int start, int length, long nonce, long offset) {
      LONG.set(seed, 0, nonce);
      LONG.set(seed, 8, offset);
      INT.set(seed, 16, (int) INT.get(bytes, start + FRAME_LENGTH));
      crc.reset();
      crc.update(seed, 0, SEED_BYTES);
      crc.update(bytes, start + FRAME_FIRST, length - FRAME_FIRST);
      return (int) crc.getValue();
    }

    /** Fills in what depends on the frame's place: what is durable by now, and the checksum. */
    void stamp(byte[] bytes, int start, int length, long nonce, long offset, long forced) {
      LONG.set(bytes, start + FRAME_FORCED, forced);
      INT.set(bytes, start + FRAME_CRC, of(bytes, start, length, nonce, offset));
    }
  }
}
