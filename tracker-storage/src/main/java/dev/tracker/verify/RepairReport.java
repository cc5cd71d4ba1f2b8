package dev.tracker.verify;

import java.nio.file.Path;
import java.util.List;

/**
 * What {@link Repairer} did.
 *
 * @param run the run that was read, which is as it was
 * @param target the new run
 * @param findings what was wrong with the old one
 * @param lost what the new one lacks, a sentence each; empty where it has everything
 * @param rows how many sealed rows the new one has
 * @param result what verifying the new one found
 */
public record RepairReport(
    Path run,
    Path target,
    List<Finding> findings,
    List<String> lost,
    long rows,
    Verification result) {}
