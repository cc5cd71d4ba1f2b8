package dev.tracker.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DatasetTest {
  private final Dataset digits = Dataset.load();

  @Test
  void shouldHoldEveryDigitAsOftenAsItsSourceSays() {
    int[] histogram = new int[Dataset.CLASSES];
    for (int label : labels(digits)) {
      histogram[label]++;
    }
    assertEquals(1_797, digits.size());
    assertArrayEquals(new int[] {178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, histogram);
  }

  @Test
  void shouldScalePixelsFromPaperToInk() {
    for (int i = 0; i < digits.size(); i++) {
      double[] image = digits.image(i);
      assertEquals(Dataset.PIXELS, image.length);
      for (double pixel : image) {
        assertTrue(pixel >= 0 && pixel <= 1, "pixel=" + pixel);
      }
    }
    assertArrayEquals(
        new double[] {0, 0, 5 / 16.0, 13 / 16.0, 9 / 16.0, 1 / 16.0, 0, 0},
        Arrays.copyOf(digits.image(0), 8));
  }

  @Test
  void shouldKeepImagesWithTheirLabelsWhenShuffled() {
    Dataset shuffled = digits.shuffled(new Random(5));
    IdentityHashMap<double[], Integer> labelOf = new IdentityHashMap<>();
    for (int i = 0; i < digits.size(); i++) {
      labelOf.put(digits.image(i), digits.label(i));
    }
    for (int i = 0; i < shuffled.size(); i++) {
      assertEquals(labelOf.remove(shuffled.image(i)), shuffled.label(i));
    }
    assertTrue(labelOf.isEmpty());
    assertNotEquals(labels(digits), labels(shuffled));
    assertEquals(labels(shuffled), labels(digits.shuffled(new Random(5))));
  }

  @Test
  void shouldCutBatchesThatTogetherHoldEveryImageOnce() {
    List<Dataset> batches = digits.slice(100, 200).batches(32);
    assertEquals(List.of(32, 32, 32, 4), batches.stream().map(Dataset::size).toList());
    Set<double[]> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Dataset batch : batches) {
      for (int i = 0; i < batch.size(); i++) {
        assertTrue(seen.add(batch.image(i)));
      }
    }
    assertEquals(100, seen.size());
    assertSame(digits.image(199), batches.get(3).image(3));
  }

  private static List<Integer> labels(Dataset digits) {
    return IntStream.range(0, digits.size()).mapToObj(digits::label).toList();
  }
}
