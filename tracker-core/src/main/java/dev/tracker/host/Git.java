package dev.tracker.host;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The git work tree that a folder is in, asked of the {@code git} command. It takes no lock there
 * and writes nothing, so whoever works with git at the same time does not notice.
 */
final class Git {
  /** The most bytes of a diff that are kept. */
  static final int MAX_DIFF = 256 * 1024;

  /** Commit, branch and the first change fit into this; more changes are not looked at. */
  private static final int STATUS_BYTES = 64 * 1024;

  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final Map<String, String> VARIABLES =
      Map.of("GIT_OPTIONAL_LOCKS", "0", "GIT_TERMINAL_PROMPT", "0", "LC_ALL", "C");

  private static final String COMMIT = "# branch.oid ";
  private static final String BRANCH = "# branch.head ";

  private final File folder;

  Git(File folder) {
    this.folder = folder;
  }

  /** Returns commit, branch, and whether a tracked file differs; empty where that is not known. */
  ObjectNode state() {
    ObjectNode state = JsonNodeFactory.instance.objectNode();
    git("status", "--porcelain=v2", "--branch", "--untracked-files=no")
        .ask(STATUS_BYTES)
        .ifPresent(answer -> read(answer.text(), state));
    return state;
  }

  private static void read(String status, ObjectNode state) {
    boolean dirty = false;
    for (String line : status.split("\n", -1)) {
      if (line.startsWith(COMMIT) && !line.endsWith("(initial)")) {
        state.put("commit", line.substring(COMMIT.length()));
      } else if (line.startsWith(BRANCH) && !line.endsWith("(detached)")) {
        state.put("branch", line.substring(BRANCH.length()));
      } else if (!line.startsWith("#") && !line.isEmpty()) {
        dirty = true;
      }
    }
    state.put("dirty", dirty);
  }

  /** Adds what the tracked files have that the commit does not. */
  void addDiff(ObjectNode state) {
    git("diff", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD")
        .ask(MAX_DIFF)
        .ifPresent(answer -> {
          state.put("diff", answer.text());
          if (!answer.whole()) {
            state.put("diffTruncated", true);
          }
        });
  }

  private Command git(String... what) {
    // A monitor of the file system is a program that the repository names: it is not started.
    List<String> words = new ArrayList<>(List.of("git", "-c", "core.fsmonitor=false"));
    words.addAll(List.of(what));
    return new Command(words, folder, VARIABLES, TIMEOUT_NANOS);
  }
}
