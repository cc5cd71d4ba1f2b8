package dev.tracker.torture;

/**
 * The calls of one thread that a {@link Checker} found in a run, in their order.
 *
 * @param ids life and number of each, see {@link Call#id}
 * @param steps the step of each
 * @param globalSteps the global step of each
 * @param micros the time of each
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record Found(double[] ids, long[] steps, long[] globalSteps, long[] micros) {
  static final Found NOTHING = new Found(new double[0], new long[0], new long[0], new long[0]);

  int size() {
    return ids.length;
  }

  int life(int i) {
    return Call.life(ids[i]);
  }

  long number(int i) {
    return Call.number(ids[i]);
  }

  /** Returns how many of the first rows have no greater step. */
  int upTo(long step) {
    int i = 0;
    while (i < size() && steps[i] <= step) {
      i++;
    }
    return i;
  }

  /** Returns the time of the last call of a life; 0 where there is none. */
  long lastMicros(int life) {
    int last = size() - 1;
    return last >= 0 && life(last) == life ? micros[last] : 0;
  }

  /** Returns how many calls of a life there are, with those before that a rewind took away. */
  long calls(int life) {
    int last = size() - 1;
    while (last >= 0 && life(last) > life) {
      last--;
    }
    return last >= 0 && life(last) == life ? number(last) + 1 : 0;
  }
}
