/**
 * Does Tracker force the right things in the right order? Its real system calls are recorded by
 * {@code strace}, and a model of a disk tells at every one of them what a power cut would leave.
 *
 * <p>One job: to find what is named before it is on stable storage, or deleted before what replaces
 * it is. The model promises less than any file system does: what was not forced may be lost, in any
 * part, entries of folders included.
 */
@NullMarked
package dev.tracker.torture.order;

import org.jspecify.annotations.NullMarked;
