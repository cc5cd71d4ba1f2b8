package dev.tracker;

/**
 * When what was logged is safe from a power cut. It survives the death of the process within
 * milliseconds anyway.
 */
public enum Durability {
  /**
   * Within a second, or when {@link Board#flush()} returns; log calls never wait for the disk. The
   * default.
   */
  DEFAULT,
  /** When the log call returns; calls of several threads share one force of the disk. */
  STRICT
}
