package dev.tracker.torture.order;

import dev.tracker.torture.order.Trace.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model of the disk below one folder, moved on by system calls: what is there, and what of it
 * would be there after a power cut.
 *
 * <p>Stable are bytes and length of a file that were written when a force of this file began, and
 * entries of a folder that were made when a force of this folder began. Nothing else is: neither
 * does a file's force reach its entry, nor does one change bring an earlier one with it.
 *
 * <p>A call that it does not know is refused, and after each process the model is compared with the
 * real folder; so what it says is not said of something else.
 */
final class Platter {
  private final String root;
  private final StoredFolder top = new StoredFolder();
  private final Map<Integer, Open> descriptors = new HashMap<>();
  private final IdentityHashMap<Call, Long> forcing = new IdentityHashMap<>();
  private long changes;

  private static final class Open {
    final Stored stored;
    final boolean appends;
    long offset;

    Open(Stored stored, boolean appends) {
      this.stored = stored;
      this.appends = appends;
    }
  }

  /** Begins with an empty folder that is stable itself. */
  Platter(Path root) {
    this.root = root.toString();
  }

  StoredFolder top() {
    return top;
  }

  /** Returns the number of the latest change. */
  long changes() {
    return changes;
  }

  /** Returns what is at a path below the folder. */
  @Nullable Stored find(String path) {
    Stored at = top;
    for (String name : path.split("/", -1)) {
      at = at instanceof StoredFolder folder ? folder.get(name) : null;
    }
    return at;
  }

  /** Whether a power cut leaves a path and all that is written to it. */
  boolean isStable(String path) {
    return isStable(top, path);
  }

  /** Whether it does so as far as it leaves a folder; both paths are of the whole disk. */
  boolean isStableIn(String folder, String path) {
    return find(folder) instanceof StoredFolder above
        && isStable(above, path.substring(folder.length() + 1));
  }

  private static boolean isStable(StoredFolder above, String path) {
    StoredFolder folder = above;
    String[] names = path.split("/", -1);
    for (int i = 0; i < names.length; i++) {
      Stored entry = folder.get(names[i]);
      if (entry == null || !folder.holdsForSure(names[i], entry)) {
        return false;
      }
      if (entry instanceof StoredFolder next) {
        folder = next;
      } else {
        return i == names.length - 1 && ((StoredFile) entry).isWritten();
      }
    }
    return true;
  }

  /** Visits every file that is there, with its path. */
  void forEachFile(BiConsumer<String, StoredFile> visitor) {
    visit("", top, visitor);
  }

  private static void visit(
      String prefix, StoredFolder folder, BiConsumer<String, StoredFile> visitor) {
    folder
        .entries()
        .forEach((name, entry) -> {
          if (entry instanceof StoredFolder inner) {
            visit(prefix + name + "/", inner, visitor);
          } else {
            visitor.accept(prefix + name, (StoredFile) entry);
          }
        });
  }

  /** Returns a path relative to the folder; null where it is not in it. */
  @Nullable String relative(String path) {
    return path.startsWith(root + "/") ? path.substring(root.length() + 1) : null;
  }

  /** Returns the file that a call writes to; null where it is none of ours. */
  @Nullable StoredFile written(Call call) {
    String descriptor = call.argument(0);
    Open open = relative(Call.path(descriptor)) == null ? null : open(descriptor);
    return open != null && open.stored instanceof StoredFile file ? file : null;
  }

  private @Nullable Open open(String descriptor) {
    return descriptors.get(Call.number(descriptor));
  }

  // -- moving on

  /** Takes in what a call did. */
  void take(Event event) {
    Call call = event.call();
    switch (call.name()) {
      case "fsync", "fdatasync" -> force(event);
      case "open", "openat" -> opened(event);
      case "write", "pwrite64" -> wrote(event);
      case "sendfile" -> copied(event, 1, 0);
      case "copy_file_range" -> copied(event, 0, 2);
      case "lseek" -> sought(event);
      case "ftruncate" -> truncated(event);
      case "mkdir" -> made(event, call.text(0));
      case "mkdirat" -> made(event, call.pathAt(0, 1));
      case "unlink", "rmdir" -> removed(event, call.text(0));
      case "unlinkat" -> removed(event, call.pathAt(0, 1));
      case "rename" -> renamed(event, call.text(0), call.text(1));
      case "renameat", "renameat2" -> renamed(event, call.pathAt(0, 1), call.pathAt(2, 3));
      case "link" -> linked(event, call.text(0), call.text(1));
      case "linkat" -> linked(event, call.pathAt(0, 1), call.pathAt(2, 3));
      case "close", "sync_file_range" -> {} // change nothing that is stable
      default -> refuse(call);
    }
  }

  private void refuse(Call call) {
    if (call.arguments().stream().anyMatch(argument -> argument.contains(root))) {
      throw new IllegalStateException("a system call that the model does not know: " + call.name());
    }
  }

  private void force(Event event) {
    String descriptor = event.call().argument(0);
    if (relative(Call.path(descriptor)) == null && !Call.path(descriptor).equals(root)) {
      return;
    }
    if (event.begins()) {
      forcing.put(event.call(), changes);
      return;
    }
    Long upTo = forcing.remove(event.call());
    Open open = open(descriptor);
    if (event.succeeded() && open != null && upTo != null) {
      open.stored.force(upTo);
    }
  }

  private void opened(Event event) {
    if (!event.succeeded()) {
      return;
    }
    Call call = event.call();
    boolean at = call.name().equals("openat");
    String result = String.valueOf(event.result()).split(" ", -1)[0];
    String path = Call.path(result);
    String flags = call.argument(at ? 2 : 1);
    descriptors.remove(Call.number(result));
    String inside = path.equals(root) ? "" : relative(path);
    if (inside == null) {
      return;
    }
    if (flags.contains("SYNC") || flags.contains("O_TMPFILE") || flags.contains("O_DIRECT|")) {
      throw new IllegalStateException("opened in a way that the model does not know: " + flags);
    }
    Stored stored = inside.isEmpty() ? top : find(inside);
    if (stored == null) {
      if (!flags.contains("O_CREAT")) {
        throw new IllegalStateException("opened, and the model does not have it: file=" + path);
      }
      stored = new StoredFile();
      put(inside, stored);
    } else if (flags.contains("O_TRUNC") && stored instanceof StoredFile file) {
      file.truncate(++changes, 0);
    }
    descriptors.put(Call.number(result), new Open(stored, flags.contains("O_APPEND")));
  }

  private void wrote(Event event) {
    StoredFile file = event.succeeded() ? written(event.call()) : null;
    Open open = file == null ? null : open(event.call().argument(0));
    if (file == null || open == null) {
      return;
    }
    byte[] bytes = event.call().bytes(1);
    int count = Integer.parseInt(String.valueOf(event.result()));
    byte[] done = count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
    if (event.call().name().equals("pwrite64")) {
      file.write(++changes, event.call().number64(3), done);
    } else {
      long offset = open.appends ? file.length() : open.offset;
      file.write(++changes, offset, done);
      open.offset = offset + count;
    }
  }

  /** The kernel copies a file that nothing was read from, in one call or several. */
  private void copied(Event event, int source, int target) {
    String to = event.call().argument(target);
    if (!event.succeeded() || relative(Call.path(to)) == null) {
      return;
    }
    String from = event.call().argument(source);
    Open read = relative(Call.path(from)) == null ? null : open(from);
    Open written = open(to);
    if (read == null
        || written == null
        || !(read.stored instanceof StoredFile original)
        || !(written.stored instanceof StoredFile copy)) {
      throw new IllegalStateException("copied what the model does not have: from=" + from);
    }
    int count = Integer.parseInt(String.valueOf(event.result()));
    byte[] all = original.content(change -> true);
    byte[] part = Arrays.copyOfRange(all, (int) read.offset, (int) read.offset + count);
    copy.write(++changes, written.offset, part);
    read.offset += count;
    written.offset += count;
  }

  private void sought(Event event) {
    Open open = event.succeeded() ? open(event.call().argument(0)) : null;
    if (open != null && relative(Call.path(event.call().argument(0))) != null) {
      open.offset = Long.parseLong(String.valueOf(event.result()));
    }
  }

  private void truncated(Event event) {
    StoredFile file = event.succeeded() ? written(event.call()) : null;
    if (file != null) {
      file.truncate(++changes, event.call().number64(1));
    }
  }

  private void made(Event event, String path) {
    String inside = relative(path);
    if (event.succeeded() && inside != null) {
      put(inside, new StoredFolder());
    }
  }

  private void removed(Event event, String path) {
    String inside = relative(path);
    if (event.succeeded() && inside != null) {
      folderOf(inside).remove(++changes, name(inside));
    }
  }

  private void renamed(Event event, String from, String to) {
    if (!event.succeeded() || (relative(from) == null && relative(to) == null)) {
      return;
    }
    String old = required(from);
    Stored moved = existing(old);
    long number = ++changes; // both halves of a rename are one change of the file system
    folderOf(old).remove(number, name(old));
    String inside = required(to);
    folderOf(inside).put(number, name(inside), moved);
  }

  private void linked(Event event, String from, String to) {
    if (event.succeeded() && relative(to) != null) {
      put(required(to), existing(required(from)));
    }
  }

  private String required(String path) {
    String inside = relative(path);
    if (inside == null) {
      throw new IllegalStateException("leaves the folder: path=" + path + " folder=" + root);
    }
    return inside;
  }

  private Stored existing(String inside) {
    Stored stored = find(inside);
    if (stored == null) {
      throw new IllegalStateException("the model does not have it: file=" + inside);
    }
    return stored;
  }

  private void put(String inside, Stored stored) {
    folderOf(inside).put(++changes, name(inside), stored);
  }

  private StoredFolder folderOf(String inside) {
    int slash = inside.lastIndexOf('/');
    if (slash < 0) {
      return top;
    }
    return (StoredFolder) existing(inside.substring(0, slash));
  }

  private static String name(String inside) {
    return inside.substring(inside.lastIndexOf('/') + 1);
  }

  // -- the real folder

  /** Returns where the model and the real folder differ. */
  List<String> differences() throws IOException {
    List<String> different = new ArrayList<>();
    Map<String, StoredFile> ours = new HashMap<>();
    forEachFile(ours::put);
    try (Stream<Path> walk = Files.walk(Path.of(root))) {
      for (Path path : walk.filter(Files::isRegularFile).toList()) {
        String inside = String.valueOf(relative(path.toString()));
        StoredFile file = ours.remove(inside);
        if (file == null
            || !Arrays.equals(file.content(change -> true), Files.readAllBytes(path))) {
          different.add(inside);
        }
      }
    }
    different.addAll(ours.keySet());
    different.removeIf(Platter::isMapped);
    return different;
  }

  /** SQLite writes its shared memory without system calls, and nothing of it must last. */
  private static boolean isMapped(String path) {
    return path.endsWith("-shm");
  }

  /** A process has ended, and its descriptors with it. */
  void forget() {
    descriptors.clear();
    forcing.clear();
  }

  /**
   * Makes a process' last calls, of which the trace does not tell whether they were carried out,
   * what the real folder says. Nothing of it is stable.
   */
  void adopt() throws IOException {
    forget();
    for (String inside : differences()) {
      Path real = Path.of(root, inside);
      Stored ours = find(inside);
      if (!Files.exists(real)) {
        folderOf(inside).remove(++changes, name(inside));
        continue;
      }
      byte[] bytes = Files.readAllBytes(real);
      if (!(ours instanceof StoredFile)) {
        makeFolders(inside);
        put(inside, new StoredFile());
      }
      StoredFile file = (StoredFile) existing(inside);
      file.truncate(++changes, bytes.length);
      file.write(++changes, 0, bytes);
    }
  }

  private void makeFolders(String inside) {
    for (int slash = inside.indexOf('/'); slash > 0; slash = inside.indexOf('/', slash + 1)) {
      String folder = inside.substring(0, slash);
      if (find(folder) == null) {
        put(folder, new StoredFolder());
      }
    }
  }

  // -- what a power cut leaves

  /** What a disk kept of a file. */
  @FunctionalInterface
  interface Kept {
    byte[] of(StoredFile file);
  }

  /**
   * Writes into an empty folder what a power cut leaves.
   *
   * @param upTo changes of folders up to this one have happened to last
   * @param kept what has happened to last of each file
   */
  void leave(Path target, long upTo, Kept kept) throws IOException {
    leave(target, top, upTo, kept);
  }

  private static void leave(Path target, StoredFolder folder, long upTo, Kept kept)
      throws IOException {
    Files.createDirectories(target);
    for (Map.Entry<String, Stored> entry : folder.entries(upTo).entrySet()) {
      Path path = target.resolve(entry.getKey());
      if (entry.getValue() instanceof StoredFolder inner) {
        leave(path, inner, upTo, kept);
      } else {
        Files.write(path, kept.of((StoredFile) entry.getValue()));
      }
    }
  }
}
