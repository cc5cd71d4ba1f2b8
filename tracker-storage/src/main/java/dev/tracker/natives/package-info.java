/**
 * What native libraries need before they run in a JVM that was started without flags: a file to be
 * loaded from, and rights. And what is to be done after them: their memory given back.
 *
 * <ul>
 *   <li>Job: unpack a library once for all processes of the user; give modules the access that
 *       their native code asks for. Which library that is, its user knows: {@code
 *       dev.tracker.series} and {@code dev.tracker.metadata}. Give back memory that is free.
 *   <li>May depend on nothing of ours.
 *   <li>Threads: any.
 *   <li>Errors: what went wrong is thrown as it is; the caller makes one sentence of it, which says
 *       why the library is unavailable.
 * </ul>
 */
@NullMarked
package dev.tracker.natives;

import org.jspecify.annotations.NullMarked;
