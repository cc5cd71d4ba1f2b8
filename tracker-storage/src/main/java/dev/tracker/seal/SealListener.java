package dev.tracker.seal;

/**
 * Hears what becomes of a run's sealing, on the sealer's thread. While it blocks nothing is sealed.
 */
public interface SealListener {
  /**
   * A stretch of the journal was committed: up to which position, with how many values of how many
   * series.
   */
  void sealed(long position, long rows, long values, int series, long millis);

  /**
   * A cycle failed, was rolled back and will be tried again; the journal keeps what it was about.
   *
   * @param kind the same for failures that ask for the same remedy
   */
  void failed(String kind, Exception cause);

  /** The sealer looks after the run, as it does several times a second unless it is sealing. */
  void looked();
}
