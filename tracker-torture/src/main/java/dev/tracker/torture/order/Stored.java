package dev.tracker.torture.order;

/** A file or folder of the {@link Platter}. */
sealed interface Stored permits StoredFile, StoredFolder {
  /** Whether a power cut would leave it as it is. */
  boolean isForced();

  /** Makes stable what was changed up to a change. */
  void force(long upTo);
}
