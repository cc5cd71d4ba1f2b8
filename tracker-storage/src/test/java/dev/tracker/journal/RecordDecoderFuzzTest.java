package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Bytes that are no records, and records with changed bytes: the decoder either delivers something
 * or says that it cannot, and never asks for what is not there. {@code -Dtracker.test.seed} gives
 * the bytes of an earlier run, {@code -Dtracker.test.payloads} how many there are.
 */
class RecordDecoderFuzzTest {
  private static final int PAYLOADS = Integer.getInteger("tracker.test.payloads", 200_000);

  private final long seed = Long.getLong("tracker.test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final RecordDecoder decoder = new RecordDecoder();
  private long malformed;
  private long delivered;

  @Test
  void noBytesMakeTheDecoderFailOtherwiseThanBySayingSo() {
    byte[] sound = sound();
    for (int i = 0; i < PAYLOADS; i++) {
      byte[] bytes;
      int length;
      if (i % 2 == 0) {
        length = 1 + random.nextInt(200);
        bytes = new byte[length + RecordDecoder.SLACK];
        random.nextBytes(bytes);
      } else {
        length = sound.length - random.nextInt(sound.length);
        bytes = Arrays.copyOf(sound, sound.length + RecordDecoder.SLACK);
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          bytes[random.nextInt(sound.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      decode(bytes, length, i);
    }
    assertTrue(malformed > PAYLOADS / 10 && delivered > PAYLOADS / 100, () -> "seed=" + seed);
  }

  private void decode(byte[] bytes, int length, int number) {
    try {
      // The summary holds arrays that are as long as the greatest number of a series.
      decoder.decode(bytes, 0, length, Counters.START, new JournalSummary());
      delivered++;
    } catch (RecordDecoder.MalformedException e) {
      malformed++;
    } catch (RuntimeException | OutOfMemoryError e) {
      throw new AssertionError(
          "seed=" + seed + " payload=" + number + " bytes=" + Arrays.toString(bytes), e);
    }
  }

  private static byte[] sound() {
    FrameEncoder encoder = new FrameEncoder(Counters.START);
    encoder.series(0, Kind.FLOAT64, "a");
    encoder.series(1, Kind.STRING, "b");
    encoder.run("{\"id\":1}".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < 5; i++) {
      encoder.row(1_000 + i, 1);
      encoder.value(0, Double.doubleToRawLongBits(i));
    }
    encoder.row(2_000, 2);
    encoder.value(0, 1);
    encoder.text(1, "text");
    encoder.rowAt(70, 2_001, 1);
    encoder.text(1, "more");
    encoder.gap(3, 1, 2);
    encoder.entry(1, 3, 4, 5, new byte[40]);
    encoder.globalStep(9);
    Frame frame = encoder.cut();
    return Arrays.copyOfRange(encoder.bytes(), SegmentFormat.FRAME_BYTES, frame.length());
  }
}
