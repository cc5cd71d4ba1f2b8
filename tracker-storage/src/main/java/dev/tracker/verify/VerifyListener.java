package dev.tracker.verify;

/** Is told how far verifying or repairing has come, on the thread that does it. */
@FunctionalInterface
public interface VerifyListener {
  /** Nobody. */
  VerifyListener NOBODY = (what, done, all) -> {};

  /**
   * Something has been looked through.
   *
   * @param what the file or series
   * @param done how many bytes of all that metadata names
   * @param all how many bytes that is
   */
  void checked(String what, long done, long all);
}
