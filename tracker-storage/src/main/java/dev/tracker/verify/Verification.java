package dev.tracker.verify;

import java.nio.file.Path;
import java.util.List;

/**
 * What {@link Verifier} found.
 *
 * @param run the run folder
 * @param findings what is wrong, in the order in which it was found
 * @param series how many series were looked at
 * @param rows how many sealed rows were read
 * @param records how many journal records beyond the checkpoint
 * @param files how many files were compared with their digests
 */
public record Verification(
    Path run, List<Finding> findings, long series, long rows, long records, long files) {
  /** Whether there is nothing but notes. */
  public boolean isSound() {
    return findings.stream().allMatch(finding -> finding.severity() == Severity.NOTE);
  }
}
