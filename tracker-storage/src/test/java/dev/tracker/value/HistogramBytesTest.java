package dev.tracker.value;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HistogramBytesTest {
  @Property
  void exact_bytes_are_the_histogram(
      @ForAll double[] values, @ForAll @IntRange(min = 1, max = 100) int bins) {
    Histogram histogram = Histogram.of(values).bins(bins).computeBins();
    ByteBuffer bytes = encode(histogram);
    Histogram decoded = Histogram.decode(bytes);
    assertEquals(0, bytes.remaining());
    HistogramTest.assertSame(histogram, decoded);
    assertFalse(decoded.isScaled());
    assertEquals(bytes.rewind(), encode(decoded));
  }

  @Property
  void compact_bytes_have_shares_and_totals(
      @ForAll @Size(min = 1, max = 300) int[] values,
      @ForAll @IntRange(min = 1, max = 100) int bins) {
    Histogram histogram = Histogram.of(values).bins(bins).compact().computeBins();
    assertFalse(histogram.isScaled());
    ByteBuffer bytes = encode(histogram);
    assertEquals(88 + bins, bytes.remaining());
    Histogram decoded = Histogram.decode(bytes);
    assertTrue(decoded.isScaled());
    assertArrayEquals(HistogramTest.totals(histogram), HistogramTest.totals(decoded));
    int[] counts = histogram.counts();
    int most = Arrays.stream(counts).max().orElseThrow();
    for (int i = 0; i < bins; i++) {
      int share = (int) Math.floor(counts[i] * 255.0 / most + 0.5);
      assertEquals(counts[i] == 0 ? 0 : Math.max(1, share), decoded.counts()[i]);
    }
    assertEquals(bytes.rewind(), encode(decoded));
    assertThrows(IllegalStateException.class, decoded::exact);
  }

  @Test
  void layout_is_what_the_contract_draws() {
    Histogram histogram =
        Histogram.ofBins(-1, 2, new int[] {1, 258})
            .outside(3, 4)
            .nonFinite(5, 6, 7)
            .statistics(-8, 9, 0.5);
    assertEquals(
        "0100000002000000" // version, precision, reserved, bins
            + "000080bf00000040" // low, high
            + "00000000000020c00000000000002240000000000000e03f" // min, max, sum
            + "1c01000000000000" // count
            + "03000000000000000400000000000000" // underflow, overflow
            + "050000000000000006000000000000000700000000000000" // nan, +inf, -inf
            + "0100000002010000", // counts
        HexFormat.of().formatHex(encode(histogram).array()));
  }

  @Test
  void samples_and_big_endian_buffers_are_refused() {
    Histogram samples = Histogram.of(new double[] {1});
    ByteBuffer room = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
    assertThrows(IllegalStateException.class, () -> samples.encode(room));
    assertThrows(
        IllegalArgumentException.class,
        () -> samples.computeBins().encode(ByteBuffer.allocate(1000)));
  }

  /** Whatever one byte becomes, what is decoded still adds up, or is refused. */
  @Property
  void damaged_bytes_are_refused_or_add_up(
      @ForAll @IntRange(max = 120) int at, @ForAll byte value, @ForAll boolean compact) {
    Histogram histogram = Histogram.of(new double[] {1, 2, 3, Double.NaN}).bins(8);
    ByteBuffer bytes = encode((compact ? histogram.compact() : histogram).computeBins());
    bytes.put(at % bytes.limit(), value);
    assertRefusedOrAddsUp(bytes);
  }

  @Property
  void random_bytes_are_refused_or_add_up(
      @ForAll @Size(max = 200) byte[] noise, @ForAll boolean begun) {
    ByteBuffer bytes = ByteBuffer.wrap(noise).order(ByteOrder.LITTLE_ENDIAN);
    if (begun && noise.length >= 8) {
      bytes.putInt(0, 1).putInt(4, 1 + (noise[4] & 0xff));
    }
    assertRefusedOrAddsUp(bytes);
  }

  @Test
  void cut_bytes_are_refused() {
    ByteBuffer bytes = encode(Histogram.of(new double[] {1, 2}).computeBins());
    for (int length = 0; length < bytes.capacity(); length++) {
      ByteBuffer cut = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(length);
      assertThrows(IllegalArgumentException.class, () -> Histogram.decode(cut));
    }
  }

  @Test
  void absurd_numbers_are_refused() {
    assertHostile(4, Integer.MAX_VALUE); // bins
    assertHostile(4, 65_536);
    assertHostile(4, 0);
    assertHostile(4, -1);
    assertHostile(8, Float.floatToRawIntBits(Float.POSITIVE_INFINITY)); // low
    assertHostile(8, Float.floatToRawIntBits(3)); // above high
    assertHostile(8, Float.floatToRawIntBits(Float.NaN));
    assertHostile(44, Integer.MIN_VALUE); // count
    assertHostile(44, Integer.MAX_VALUE);
    assertHostile(52, Integer.MAX_VALUE); // underflow
    assertHostile(88, -1); // counts
    assertHostile(88, 5);
  }

  private static void assertHostile(int at, int value) {
    ByteBuffer bytes = encode(Histogram.of(new double[] {1, 2}).bins(4).computeBins());
    bytes.putInt(at, value);
    assertThrows(IllegalArgumentException.class, () -> Histogram.decode(bytes));
  }

  private static void assertRefusedOrAddsUp(ByteBuffer bytes) {
    Histogram decoded;
    try {
      decoded = Histogram.decode(bytes);
    } catch (IllegalArgumentException refused) {
      return;
    }
    long inside = decoded.inside();
    assertTrue(inside >= 0);
    if (!decoded.isScaled()) {
      assertEquals(inside, Arrays.stream(decoded.counts()).asLongStream().sum());
    }
    assertEquals(decoded.count(), Arrays.stream(HistogramTest.totals(decoded)).skip(1).sum());
    assertTrue(decoded.low() <= decoded.high() || Float.isNaN(decoded.low()));
    assertEquals(decoded.bins() + 1, decoded.edges().length);
  }

  private static ByteBuffer encode(Histogram histogram) {
    ByteBuffer bytes =
        ByteBuffer.allocate(histogram.encodedLength()).order(ByteOrder.LITTLE_ENDIAN);
    histogram.encode(bytes);
    assertEquals(0, bytes.remaining());
    return bytes.flip();
  }
}
