package dev.tracker.value;

import java.util.Arrays;

/** Finds the value of a given rank (Hoare's quickselect); where that is slow, by sorting. */
final class Selection {
  private static final int SMALL = 32;

  private Selection() {}

  /** Returns the value that {@code rank} of the first {@code n} come before; moves them about. */
  static double select(double[] values, int n, int rank) {
    int low = 0;
    int high = n - 1;
    int rounds = 2 * (32 - Integer.numberOfLeadingZeros(n));
    while (high - low > SMALL && rounds-- > 0) {
      double pivot = middle(values[low], values[(low + high) >>> 1], values[high]);
      int left = low;
      int right = high;
      while (left <= right) {
        while (values[left] < pivot) {
          left++;
        }
        while (values[right] > pivot) {
          right--;
        }
        if (left <= right) {
          double swapped = values[left];
          values[left++] = values[right];
          values[right--] = swapped;
        }
      }
      if (rank <= right) {
        high = right;
      } else if (rank >= left) {
        low = left;
      } else {
        return values[rank];
      }
    }
    Arrays.sort(values, low, high + 1);
    return values[rank];
  }

  private static double middle(double a, double b, double c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
