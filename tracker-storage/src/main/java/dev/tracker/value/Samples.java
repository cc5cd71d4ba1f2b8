package dev.tracker.value;

/** Numbers that are not binned yet, in the type they came in, read as doubles piece by piece. */
abstract sealed class Samples {
  final int length;

  private Samples(int length) {
    this.length = length;
  }

  /** Returns the bytes that the numbers occupy. */
  abstract long bytes();

  /** Writes {@code n} numbers, from {@code from} on, to {@code to} from {@code at} on. */
  abstract void read(int from, double[] to, int at, int n);

  /** Returns one number. */
  abstract double at(int index);

  /** Returns this one's numbers followed by the other's. */
  Samples and(Samples other) {
    double[] all = new double[Math.addExact(length, other.length)];
    read(0, all, 0, length);
    other.read(0, all, length, other.length);
    return new Doubles(all);
  }

  static final class Doubles extends Samples {
    private final double[] values;

    Doubles(double[] values) {
      super(values.length);
      this.values = values;
    }

    @Override
    long bytes() {
      return (long) length * Double.BYTES;
    }

    @Override
    void read(int from, double[] to, int at, int n) {
      System.arraycopy(values, from, to, at, n);
    }

    @Override
    double at(int index) {
      return values[index];
    }
  }

  static final class Floats extends Samples {
    private final float[] values;

    Floats(float[] values) {
      super(values.length);
      this.values = values;
    }

    @Override
    long bytes() {
      return (long) length * Float.BYTES;
    }

    @Override
    void read(int from, double[] to, int at, int n) {
      for (int i = 0; i < n; i++) {
        to[at + i] = values[from + i];
      }
    }

    @Override
    double at(int index) {
      return values[index];
    }
  }

  static final class Ints extends Samples {
    private final int[] values;

    Ints(int[] values) {
      super(values.length);
      this.values = values;
    }

    @Override
    long bytes() {
      return (long) length * Integer.BYTES;
    }

    @Override
    void read(int from, double[] to, int at, int n) {
      for (int i = 0; i < n; i++) {
        to[at + i] = values[from + i];
      }
    }

    @Override
    double at(int index) {
      return values[index];
    }
  }

  static final class Longs extends Samples {
    private final long[] values;

    Longs(long[] values) {
      super(values.length);
      this.values = values;
    }

    @Override
    long bytes() {
      return (long) length * Long.BYTES;
    }

    @Override
    void read(int from, double[] to, int at, int n) {
      for (int i = 0; i < n; i++) {
        to[at + i] = (double) values[from + i];
      }
    }

    @Override
    double at(int index) {
      return (double) values[index];
    }
  }
}
