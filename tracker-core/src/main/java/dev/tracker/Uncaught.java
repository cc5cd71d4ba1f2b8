package dev.tracker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.ErrorText;
import dev.tracker.format.RunDocument;
import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The exceptions that ended other threads than the board's while it was open: the first few of
 * them, each once. Any thread.
 */
final class Uncaught {
  /** A pool whose every thread dies of the same thing tells nothing new after these. */
  private static final int MAX = 16;

  private static final int MAX_CHARS = 4096;
  private static final int MAX_NAME_CHARS = 256;

  // Both guarded by this.
  private final ArrayNode all = JsonNodeFactory.instance.arrayNode();
  private final Set<Throwable> known = Collections.newSetFromMap(new IdentityHashMap<>());

  /** Adds one and returns what becomes of the run's document; null where nothing does. */
  synchronized @Nullable ObjectNode add(Thread thread, Throwable error) {
    if (all.size() >= MAX || !known.add(error)) {
      return null;
    }
    String name = thread.getName();
    all.addObject()
        .put("time", Instant.now().toString())
        .put("thread", name.substring(0, Math.min(name.length(), MAX_NAME_CHARS)))
        .put("error", ErrorText.of(error, MAX_CHARS));
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.set(RunDocument.UNCAUGHT, all.deepCopy());
    return patch;
  }
}
