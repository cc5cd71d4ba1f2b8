package dev.tracker.torture.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two visitors that go about a root together, each on its own thread. */
final class Visitors {
  private final List<Visitor> visitors;
  private final List<Thread> threads;

  private Visitors(Path root, long seed) {
    visitors = List.of(new Visitor(root, seed), new Visitor(root, seed + 1));
    threads = visitors.stream().map(Thread::new).toList();
  }

  /** A JVM with visitors: takes the root, a seed, and how many seconds it is to last. */
  public static void main(String[] arguments) throws InterruptedException {
    Visitors visitors = start(Path.of(arguments[0]), Long.parseLong(arguments[1]));
    TimeUnit.SECONDS.sleep(Long.parseLong(arguments[2]));
    visitors.end();
    System.exit(visitors.failures() > 0 ? 1 : 0);
  }

  static Visitors start(Path root, long seed) {
    Visitors visitors = new Visitors(root, seed);
    visitors.threads.forEach(Thread::start);
    return visitors;
  }

  /** Takes away what visitors whose JVM was ended may have left. */
  static void deleteCopies(Path root, long seed) throws IOException {
    Folder.delete(Visitor.copies(root, seed));
    Folder.delete(Visitor.copies(root, seed + 1));
  }

  void end() throws InterruptedException {
    visitors.forEach(Visitor::end);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  long visits() {
    return visitors.stream().mapToLong(Visitor::visits).sum();
  }

  long failures() {
    return visitors.stream().mapToLong(Visitor::failures).sum();
  }
}
