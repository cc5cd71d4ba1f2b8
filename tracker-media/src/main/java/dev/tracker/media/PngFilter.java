package dev.tracker.media;

/**
 * Turns rows of pixels into differences, which compress better. A filter is chosen for every
 * {@value #BAND} rows, by what one of them would become: the filter whose differences are the
 * smallest.
 */
final class PngFilter {
  private static final int BAND = 8;

  private static final int NONE = 0;
  private static final int SUB = 1;
  private static final int UP = 2;
  private static final int AVERAGE = 3;
  private static final int PAETH = 4;
  private static final int COUNT = 5;

  private PngFilter() {}

  /** Returns all rows, each with its filter's number before it. */
  static byte[] apply(Pixels pixels) {
    int row = pixels.rowBytes();
    byte[] filtered = new byte[Math.multiplyExact(row + 1, pixels.height)];
    byte[] trial = new byte[row + 1];
    int filter = SUB;
    for (int y = 0; y < pixels.height; y++) {
      if (y == 0) {
        filter = SUB; // there is no row above
      } else if ((y - 1) % BAND == 0) {
        filter = choose(pixels, Math.min(y + BAND / 2, pixels.height - 1), trial);
      }
      row(filter, pixels, y, filtered, y * (row + 1));
    }
    return filtered;
  }

  private static int choose(Pixels pixels, int y, byte[] trial) {
    int best = NONE;
    long least = Long.MAX_VALUE;
    for (int filter = 0; filter < COUNT; filter++) {
      row(filter, pixels, y, trial, 0);
      long sum = 0;
      for (int i = 1; i < trial.length; i++) {
        sum += Math.abs(trial[i]);
      }
      if (sum < least) {
        least = sum;
        best = filter;
      }
    }
    return best;
  }

  private static void row(int filter, Pixels pixels, int y, byte[] out, int to) {
    byte[] in = pixels.samples;
    int length = pixels.rowBytes();
    int from = y * length;
    int step = pixels.pixelBytes();
    out[to] = (byte) filter;
    switch (filter) {
      case NONE -> System.arraycopy(in, from, out, to + 1, length);
      case SUB -> sub(in, from, length, step, out, to + 1);
      case UP -> up(in, from, length, out, to + 1);
      case AVERAGE -> average(in, from, length, step, out, to + 1);
      case PAETH -> paeth(in, from, length, step, out, to + 1);
      default -> throw new AssertionError("no such filter: " + filter);
    }
  }

  private static void sub(byte[] in, int from, int length, int step, byte[] out, int to) {
    System.arraycopy(in, from, out, to, step);
    for (int i = step; i < length; i++) {
      out[to + i] = (byte) (in[from + i] - in[from + i - step]);
    }
  }

  private static void up(byte[] in, int from, int length, byte[] out, int to) {
    int above = from - length;
    for (int i = 0; i < length; i++) {
      out[to + i] = (byte) (in[from + i] - in[above + i]);
    }
  }

  private static void average(byte[] in, int from, int length, int step, byte[] out, int to) {
    int above = from - length;
    for (int i = 0; i < step; i++) {
      out[to + i] = (byte) (in[from + i] - ((in[above + i] & 0xFF) >> 1));
    }
    for (int i = step; i < length; i++) {
      int mean = ((in[from + i - step] & 0xFF) + (in[above + i] & 0xFF)) >> 1;
      out[to + i] = (byte) (in[from + i] - mean);
    }
  }

  private static void paeth(byte[] in, int from, int length, int step, byte[] out, int to) {
    int above = from - length;
    for (int i = 0; i < step; i++) {
      out[to + i] = (byte) (in[from + i] - in[above + i]);
    }
    for (int i = step; i < length; i++) {
      int left = in[from + i - step] & 0xFF;
      int up = in[above + i] & 0xFF;
      int corner = in[above + i - step] & 0xFF;
      int toLeft = Math.abs(up - corner);
      int toUp = Math.abs(left - corner);
      int toCorner = Math.abs(left + up - 2 * corner);
      int nearest = toLeft <= toUp ? left : up;
      int least = Math.min(toLeft, toUp);
      out[to + i] = (byte) (in[from + i] - (least <= toCorner ? nearest : corner));
    }
  }
}
