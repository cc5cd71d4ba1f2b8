package dev.tracker.journal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Bytes that are no records are said to be none. */
class RecordDecoderTest {
  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void payloadOfAnyBytes_isRecordsOrMalformed(@ForAll long seed) {
    Random random = new Random(seed);
    int length = random.nextInt(120);
    byte[] payload = new byte[length + RecordDecoder.SLACK];
    random.nextBytes(payload);
    int[] tags = {
      0x10, 0x11, 0x12, 0x1F, 0x20, 0x2F, 0x30, 0x3F, 0x40, 0x50, 0x60, 0x70, 0x80, 0xA0
    };
    for (int i = 0; i < length; i++) {
      int choice = random.nextInt(4);
      payload[i] =
          (byte)
              (choice == 0
                  ? tags[random.nextInt(tags.length)]
                  : choice == 1 ? random.nextInt(4) : payload[i]);
    }
    int[] delivered = new int[1];
    RecordVisitor counting =
        new RecordVisitor() {
          @Override
          public void value(int series, long bits) {
            delivered[0]++;
          }

          @Override
          public void text(int series, byte[] bytes, int offset, int count) {
            assertTrue(count >= 0 && offset + count <= length);
          }
        };
    try {
      new RecordDecoder().decode(payload, 0, length, Counters.START, counting);
    } catch (RecordDecoder.MalformedException e) {
      assertFalse(e.getMessage().isEmpty());
    }
    assertTrue(delivered[0] <= length);
  }
}
