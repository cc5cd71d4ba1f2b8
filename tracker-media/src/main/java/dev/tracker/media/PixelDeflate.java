package dev.tracker.media;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Adler32;

/**
 * Compresses filtered pixels into a zlib stream: runs of one byte and Huffman codes, no search for
 * repetitions, which in filtered pixels are few and cost most of the time.
 *
 * <p>Every block of the input gets its own codes (RFC 1951, dynamic Huffman), or is stored where
 * codes would not make it smaller. One object serves one stream.
 */
final class PixelDeflate {
  /** How much input shares codes. Stored blocks cannot be longer. */
  private static final int BLOCK = 0xFFFF;

  private static final int MIN_RUN = 3;
  private static final int MAX_RUN = 258;
  private static final int END = 256;
  private static final int LITERALS = 286;
  private static final int MAX_BITS = 15;
  private static final int MAX_LENGTH_BITS = 7;
  private static final int LENGTH_CODES = 19;

  /** Room for the codes of a block, its stored form and the long that is written ahead. */
  private static final int SLACK = 512;

  /** In which order the lengths of the codes for lengths are written. */
  private static final int[] LENGTH_ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  /** Of each length of a run: its symbol, the value of its extra bits, and their number. */
  private static final int[] RUN_SYMBOL = new int[MAX_RUN + 1];

  private static final int[] RUN_EXTRA = new int[MAX_RUN + 1];
  private static final int[] RUN_EXTRA_BITS = new int[MAX_RUN + 1];

  static {
    int length = MIN_RUN;
    for (int symbol = 257; symbol < LITERALS - 1; symbol++) {
      int bits = symbol < 265 ? 0 : (symbol - 261) / 4;
      for (int extra = 0; extra < 1 << bits && length < MAX_RUN; extra++) {
        RUN_SYMBOL[length] = symbol;
        RUN_EXTRA[length] = extra;
        RUN_EXTRA_BITS[length++] = bits;
      }
    }
    RUN_SYMBOL[MAX_RUN] = LITERALS - 1;
  }

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] in;
  private final int length;
  private byte[] out;
  private int at;

  /** Bits that are not written yet, the first in the lowest, and how many. */
  private long bits;

  private int bitCount;

  /** The symbols of a block: a literal, or 256 and the length of a run. */
  private final short[] tokens = new short[BLOCK];

  private final int[] counts = new int[LITERALS];

  /** Of each token: its code with all that follows it, and above 24 bits the number of bits. */
  private final int[] codes = new int[END + MAX_RUN + 1];

  private PixelDeflate(byte[] in, int length) {
    this.in = in;
    this.length = length;
    this.out = new byte[length / 4 + BLOCK + SLACK];
  }

  /**
   * Compresses the first bytes of an array.
   *
   * @return the stream, which begins at the array's beginning, and its length
   */
  static Stream compress(byte[] in, int length) {
    PixelDeflate deflate = new PixelDeflate(in, length);
    deflate.run();
    return new Stream(deflate.out, deflate.at);
  }

  /** A zlib stream: the first bytes of an array. */
  record Stream(@SuppressWarnings("ArrayRecordComponent") byte[] bytes, int length) {}

  private void run() {
    out[at++] = 0x78;
    out[at++] = 0x01;
    int from = 0;
    do {
      int to = Math.min(length, from + BLOCK);
      block(from, to);
      from = to;
    } while (from < length);
    put(0, (8 - bitCount) & 7);
    flush();
    Adler32 checksum = new Adler32();
    checksum.update(in, 0, length);
    long sum = checksum.getValue();
    for (int shift = 24; shift >= 0; shift -= 8) {
      out[at++] = (byte) (sum >> shift);
    }
  }

  private void block(int from, int to) {
    int size = to - from;
    if (out.length - at < size + SLACK) {
      out = Arrays.copyOf(out, out.length + out.length / 2 + BLOCK + SLACK);
    }
    int last = to == length ? 1 : 0;
    Arrays.fill(counts, 0);
    int count = tokenise(from, to);
    counts[END] = 1;
    byte[] lengths = Huffman.lengths(counts, MAX_BITS);
    long coded = codedBits(lengths);
    if (coded >= 8L * size) {
      store(from, size, last);
      return;
    }
    put(last | 2 << 1, 3);
    header(lengths);
    flush();
    int[] plain = Huffman.codes(lengths);
    for (int literal = 0; literal <= END; literal++) {
      codes[literal] = plain[literal] | lengths[literal] << 24;
    }
    for (int run = MIN_RUN; run <= MAX_RUN; run++) {
      int symbol = RUN_SYMBOL[run];
      int bitsOfSymbol = lengths[symbol];
      // a distance of 1 has the only code for distances, one bit of 0
      codes[END + run] =
          plain[symbol]
              | RUN_EXTRA[run] << bitsOfSymbol
              | (bitsOfSymbol + RUN_EXTRA_BITS[run] + 1) << 24;
    }
    write(count);
    put(plain[END], lengths[END]);
    flush();
  }

  /** Finds runs and counts symbols; returns the number of tokens. */
  private int tokenise(int from, int to) {
    byte[] bytes = in;
    short[] found = tokens;
    int[] counted = counts;
    int count = 0;
    int i = from;
    int previous = from > 0 ? bytes[from - 1] : END;
    while (i < to) {
      byte value = bytes[i];
      // one condition, seldom true, instead of three that a processor could not foresee
      if (i + MIN_RUN <= to
          && ((value ^ previous) | (bytes[i + 1] ^ value) | (bytes[i + 2] ^ value)) == 0) {
        int end = i + MIN_RUN;
        int limit = Math.min(to, i + MAX_RUN);
        while (end < limit && bytes[end] == value) {
          end++;
        }
        found[count++] = (short) (END + end - i);
        counted[RUN_SYMBOL[end - i]]++;
        i = end;
      } else {
        found[count++] = (short) (value & 0xFF);
        counted[value & 0xFF]++;
        previous = value;
        i++;
      }
    }
    return count;
  }

  private long codedBits(byte[] lengths) {
    long sum = 0;
    for (int symbol = 0; symbol < LITERALS; symbol++) {
      int extra = symbol < 265 || symbol == LITERALS - 1 ? 0 : (symbol - 261) / 4;
      sum += (long) counts[symbol] * (lengths[symbol] + (symbol > END ? extra + 1 : 0));
    }
    return sum;
  }

  private void store(int from, int size, int last) {
    put(last, 3);
    put(0, (8 - bitCount) & 7);
    put(size | (long) (~size & 0xFFFF) << 16, 32);
    flush();
    System.arraycopy(in, from, out, at, size);
    at += size;
  }

  private void write(int count) {
    short[] found = tokens;
    int[] table = codes;
    byte[] to = out;
    long pending = bits;
    int pendingCount = bitCount;
    int position = at;
    int i = 0;
    for (; i + 1 < count; i += 2) { // 7 bits are left at most, and a token has up to 24
      int first = table[found[i]];
      int second = table[found[i + 1]];
      pending |= (long) (first & 0xFFFFFF) << pendingCount;
      pendingCount += first >>> 24;
      pending |= (long) (second & 0xFFFFFF) << pendingCount;
      pendingCount += second >>> 24;
      LONGS.set(to, position, pending);
      position += pendingCount >>> 3;
      pending >>>= pendingCount & ~7;
      pendingCount &= 7;
    }
    if (i < count) {
      pending |= (long) (table[found[i]] & 0xFFFFFF) << pendingCount;
      pendingCount += table[found[i]] >>> 24;
    }
    bits = pending;
    bitCount = pendingCount;
    at = position;
  }

  /** Writes the lengths of all codes, runs of zeros shortened. */
  private void header(byte[] lengths) {
    int literals = LITERALS;
    while (lengths[literals - 1] == 0) {
      literals--;
    }
    byte[] all = Arrays.copyOf(lengths, literals + 1);
    all[literals] = 1; // the only distance
    int[] symbols = new int[all.length];
    int[] extras = new int[all.length];
    int count = 0;
    for (int i = 0; i < all.length; ) {
      int zeros = 0;
      while (i + zeros < all.length && all[i + zeros] == 0 && zeros < 138) {
        zeros++;
      }
      symbols[count] = zeros >= 11 ? 18 : zeros >= 3 ? 17 : all[i];
      extras[count++] = zeros >= 11 ? zeros - 11 : zeros >= 3 ? zeros - 3 : 0;
      i += zeros >= 3 ? zeros : 1;
    }
    int[] frequencies = new int[LENGTH_CODES];
    for (int i = 0; i < count; i++) {
      frequencies[symbols[i]]++;
    }
    byte[] lengthsOfLengths = Huffman.lengths(frequencies, MAX_LENGTH_BITS);
    int[] plain = Huffman.codes(lengthsOfLengths);
    put(literals - 257, 5);
    put(0, 5);
    put(LENGTH_CODES - 4, 4);
    for (int symbol : LENGTH_ORDER) {
      put(lengthsOfLengths[symbol], 3);
    }
    for (int i = 0; i < count; i++) {
      put(plain[symbols[i]], lengthsOfLengths[symbols[i]]);
      if (symbols[i] >= 17) {
        put(extras[i], symbols[i] == 17 ? 3 : 7);
      }
    }
  }

  /** Adds up to 32 bits, the lowest first. */
  private void put(long value, int count) {
    bits |= value << bitCount;
    bitCount += count;
    while (bitCount >= Integer.SIZE) {
      LONGS.set(out, at, bits);
      at += Integer.BYTES;
      bits >>>= Integer.SIZE;
      bitCount -= Integer.SIZE;
    }
  }

  /** Writes whole bytes. */
  private void flush() {
    while (bitCount >= Byte.SIZE) {
      out[at++] = (byte) bits;
      bits >>>= Byte.SIZE;
      bitCount -= Byte.SIZE;
    }
  }
}
