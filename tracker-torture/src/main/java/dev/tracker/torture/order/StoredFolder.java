package dev.tracker.torture.order;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A folder: which entries are stable, and which are there. */
final class StoredFolder implements Stored {
  private record Change(long number, String name, @Nullable Stored entry) {
    void apply(Map<String, Stored> entries) {
      if (entry == null) {
        entries.remove(name);
      } else {
        entries.put(name, entry);
      }
    }
  }

  private final Map<String, Stored> stable = new TreeMap<>();
  private final Map<String, Stored> now = new TreeMap<>();
  private final ArrayDeque<Change> pending = new ArrayDeque<>();

  @Nullable Stored get(String name) {
    return now.get(name);
  }

  Map<String, Stored> entries() {
    return now;
  }

  void put(long number, String name, Stored entry) {
    change(new Change(number, name, entry));
  }

  void remove(long number, String name) {
    change(new Change(number, name, null));
  }

  private void change(Change change) {
    pending.add(change);
    change.apply(now);
  }

  /** Whether an entry is there after a power cut, whatever else is. */
  boolean holdsForSure(String name, Stored entry) {
    return entry.equals(stable.get(name))
        && pending.stream().noneMatch(change -> change.name.equals(name));
  }

  @Override
  public boolean isForced() {
    return pending.isEmpty();
  }

  @Override
  public void force(long upTo) {
    for (Change change = pending.peek();
        change != null && change.number <= upTo;
        change = pending.peek()) {
      change.apply(stable);
      pending.remove();
    }
  }

  /** Returns what is stable, with the changes after that up to one. */
  Map<String, Stored> entries(long upTo) {
    Map<String, Stored> entries = new TreeMap<>(stable);
    pending.stream().filter(change -> change.number <= upTo).forEach(c -> c.apply(entries));
    return entries;
  }
}
