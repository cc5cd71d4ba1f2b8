package dev.tracker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tracker.format.Json;
import dev.tracker.format.RunDocument;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What people say of a run besides its rows: config, tags and notes, changed while it runs.
 *
 * <p>Each change is a patch of the run's document, which goes through the ring like a log call, and
 * so stands among them in their order. Any thread.
 */
final class Description {
  private static final int MAX_TEXT = 1 << 20;

  /** Null where the board is off. */
  private final @Nullable Ring ring;

  /**
   * Guards the tags, also while their patch is put in, so that patches are in order. That may have
   * to wait for room, so it is no monitor: one would pin a virtual thread.
   */
  private final ReentrantLock changing = new ReentrantLock();

  /** All tags. */
  private final Set<String> tags;

  /**
   * Goes on from what is known.
   *
   * @param document the run's document
   */
  Description(@Nullable Ring ring, ObjectNode document) {
    this.ring = ring;
    this.tags = new LinkedHashSet<>(tags(document));
  }

  /** Returns a text that is neither null nor too long; others are an IllegalArgumentException. */
  static String checkText(String what, @Nullable String text) {
    if (text == null || text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "illegal "
              + what
              + ": "
              + (text == null ? "null" : "length=" + text.length() + " limit=" + MAX_TEXT));
    }
    return text;
  }

  /** Merges an object into the config. */
  void config(ObjectNode added) {
    if (added.isEmpty()) {
      put(null);
    } else {
      ObjectNode patch = JsonNodeFactory.instance.objectNode();
      patch.set(RunDocument.CONFIG, added);
      put(patch);
    }
  }

  void notes(String notes) {
    put(JsonNodeFactory.instance.objectNode().put("notes", checkText("notes", notes)));
  }

  void tag(String... added) {
    List<String> checked = checkTags(added);
    changing.lock();
    try {
      putTags(tags.addAll(checked));
    } finally {
      changing.unlock();
    }
  }

  void untag(String... removed) {
    List<String> checked = checkTags(removed);
    changing.lock();
    try {
      putTags(tags.removeAll(checked));
    } finally {
      changing.unlock();
    }
  }

  private static List<String> checkTags(String... tags) {
    Objects.requireNonNull(tags, "tags");
    return Arrays.stream(tags).map(Description::checkTag).toList();
  }

  private static String checkTag(@Nullable String tag) {
    if (tag != null && tag.isBlank()) {
      throw new IllegalArgumentException("illegal tag: '" + tag + "' (blank)");
    }
    return checkText("tag", tag);
  }

  private void putTags(boolean changed) {
    put(changed ? setTags(JsonNodeFactory.instance.objectNode(), tags) : null);
  }

  /** Puts a patch in; null only checks whether that would be allowed. */
  private void put(@Nullable ObjectNode patch) {
    Ring to = ring;
    if (to == null) {
      return;
    }
    if (patch == null) {
      to.checkOpen();
    } else {
      to.putPatch(Json.bytes(patch));
    }
  }

  // ---- tags in documents

  private static List<String> tags(ObjectNode document) {
    List<String> tags = new ArrayList<>();
    document.path("tags").forEach(tag -> tags.add(tag.asText()));
    return tags;
  }

  private static ObjectNode setTags(ObjectNode document, Collection<String> tags) {
    ArrayNode array = document.putArray("tags");
    tags.forEach(array::add);
    return document;
  }

  /** Adds tags to those that a document has; each is there once. */
  static void addTags(ObjectNode document, String... added) {
    Set<String> all = new LinkedHashSet<>(tags(document));
    all.addAll(checkTags(added));
    setTags(document, all);
  }

  /** Lets a patch that sets tags keep those that the document has already. */
  static void keepTags(ObjectNode before, ObjectNode patch) {
    if (patch.has("tags")) {
      Set<String> all = new LinkedHashSet<>(tags(before));
      all.addAll(tags(patch));
      setTags(patch, all);
    }
  }
}
