package dev.tracker.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PixelDeflateTest {
  @Property(tries = 300)
  void every_input_comes_back(
      @ForAll long seed,
      @ForAll @IntRange(max = 200_000) int length,
      @ForAll @IntRange(min = 1, max = 256) int values,
      @ForAll @IntRange(min = 1, max = 600) int longestRun)
      throws DataFormatException {
    Random random = new Random(seed);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; ) {
      byte value = (byte) random.nextInt(values);
      for (int end = i + 1 + random.nextInt(longestRun); i < Math.min(end, length); i++) {
        bytes[i] = value;
      }
      i = Math.min(i + 1, length);
    }
    assertRoundTrip(bytes);
  }

  @Test
  void codes_that_would_grow_too_long_are_limited() throws DataFormatException {
    ByteArrayOutputStream fibonacci = new ByteArrayOutputStream(); // makes the deepest tree
    int rarer = 1;
    int next = 1;
    for (int symbol = 0; fibonacci.size() + next < 65_000; symbol++) {
      for (int i = 0; i < next; i++) {
        fibonacci.write(i % 2 == 0 ? symbol : 255); // no runs
      }
      int sum = rarer + next;
      rarer = next;
      next = sum;
    }
    assertRoundTrip(fibonacci.toByteArray());
    int[] counts = new int[40];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = i < 2 ? 1 : counts[i - 1] + (i < 30 ? counts[i - 2] : 0);
    }
    byte[] lengths = Huffman.lengths(counts, 7);
    double kraft = 0;
    for (byte length : lengths) {
      assertTrue(length >= 1 && length <= 7, "length " + length);
      kraft += Math.pow(2, -length);
    }
    assertEquals(1.0, kraft);
  }

  @Test
  void noise_is_stored_and_zeros_nearly_vanish() throws DataFormatException {
    byte[] noise = new byte[300_000];
    new Random(1).nextBytes(noise);
    assertTrue(assertRoundTrip(noise) < noise.length + 100);
    assertTrue(assertRoundTrip(new byte[300_000]) < 1_000);
    assertRoundTrip(new byte[0]);
    assertRoundTrip(new byte[1]);
  }

  private static int assertRoundTrip(byte[] bytes) throws DataFormatException {
    PixelDeflate.Stream stream = PixelDeflate.compress(bytes, bytes.length);
    Inflater inflater = new Inflater();
    inflater.setInput(stream.bytes(), 0, stream.length());
    byte[] back = new byte[bytes.length];
    int length = 0;
    while (!inflater.finished() && length < back.length) {
      int inflated = inflater.inflate(back, length, back.length - length);
      assertTrue(inflated > 0 || inflater.finished(), "the stream goes on");
      length += inflated;
    }
    assertEquals(0, inflater.inflate(new byte[1]));
    assertTrue(inflater.finished());
    assertEquals(0, inflater.getRemaining());
    assertArrayEquals(bytes, back);
    inflater.end();
    return stream.length();
  }
}
