package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Kind;
import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.read.RunReader;
import dev.tracker.read.RunStatus;
import dev.tracker.seal.Sealer;
import dev.tracker.system.Await;
import dev.tracker.system.ChildJvm;
import dev.tracker.system.Folders;
import dev.tracker.system.InLance;
import dev.tracker.system.Model;
import dev.tracker.system.SampleProgram;
import dev.tracker.system.Twin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same run read in every state in which a reader may meet it, each time the same and whole. */
class ReadingTest {
  private static final Model SAMPLE = SampleProgram.model();

  @TempDir Path root;
  @TempDir Path elsewhere;

  private static void check(Path run, RunStatus status) {
    try (RunReader reader = RunReader.open(run)) {
      assertEquals(status, reader.info().status());
      assertEquals("sample", reader.info().name());
      assertEquals("run", reader.info().id());
      assertEquals(
          status == RunStatus.SUCCEEDED,
          reader.info().finished().isPresent(),
          "finished " + reader.info().finished());
      SAMPLE.check(reader);
    }
  }

  private Board sample() {
    Board board = Board.builder("sample").root(root).id("run").open();
    SampleProgram.log(new Twin(board, new Model()));
    return board;
  }

  private ChildJvm.Starter child() {
    return ChildJvm.of(SampleProgram.class);
  }

  private Path written(ChildJvm child) {
    return Path.of(child.hear("written"));
  }

  @Test
  void liveInTheSameJvm_beforeAndAfterSealing() {
    try (Board board = sample();
        RunReader early = RunReader.open(board.directory())) {
      board.flush();
      check(board.directory(), RunStatus.RUNNING);
      early.refresh();
      SAMPLE.check(early);
      Await.until("all is sealed", () -> board.health().sealed() == board.health().journaled());
      check(board.directory(), RunStatus.RUNNING);
      SAMPLE.check(early);
      early.refresh();
      SAMPLE.check(early);
      board.finish();
      SAMPLE.check(early);
      early.refresh();
      SAMPLE.check(early);
      assertEquals(RunStatus.SUCCEEDED, early.info().status());
    }
  }

  @Test
  void liveInTheSameJvm_withSealedRowsAndATail() {
    try (Board board = Board.builder("sample").root(root).id("run").open()) {
      Model model = new Model();
      Twin twin = new Twin(board, model);
      SampleProgram.log(twin);
      Await.until("something is sealed", () -> board.health().sealed() > 0);
      SampleProgram.log(twin);
      board.flush();
      try (RunReader reader = RunReader.open(board.directory())) {
        model.check(reader);
        board.finish();
        model.check(reader);
      }
    }
  }

  @Test
  void liveInAnotherProcess_thenFinished_thenCopied_thenOnAReadOnlyMedium() throws Exception {
    Path run;
    try (ChildJvm child = child().start(root.toString(), "run")) {
      run = written(child);
      check(run, RunStatus.RUNNING);
      try (RunReader reader = RunReader.open(run)) {
        reader.copyTo(elsewhere.resolve("live copy"));
      }
      check(elsewhere.resolve("live copy"), RunStatus.CRASHED);
      child.ask("finish", "finished");
    }
    check(run, RunStatus.SUCCEEDED);
    Path copy = Folders.copy(run, elsewhere.resolve("plain copy"));
    check(copy, RunStatus.SUCCEEDED);
    try (RunReader reader = RunReader.open(run)) {
      reader.copyTo(elsewhere.resolve("finished copy"));
    }
    check(elsewhere.resolve("finished copy"), RunStatus.SUCCEEDED);
    long files = Folders.files(copy);
    try (Folders.ReadOnly medium = Folders.ReadOnly.of(copy)) {
      check(copy, RunStatus.SUCCEEDED);
      try (RunReader reader = RunReader.open(copy)) {
        reader.copyTo(elsewhere.resolve("copy of the medium"));
      }
      assertEquals(files, Folders.files(copy));
      if (medium.isEffective()) {
        assertThrows(StorageException.class, () -> Sealer.seal(copy));
      }
    }
    check(elsewhere.resolve("copy of the medium"), RunStatus.SUCCEEDED);
  }

  @Test
  void dead_thenCopied_thenSealed() throws Exception {
    Path run;
    try (ChildJvm child = child().start(root.toString(), "run")) {
      run = written(child);
      child.kill();
    }
    check(run, RunStatus.CRASHED);
    Path copy = Folders.copy(run, elsewhere.resolve("copy"));
    check(copy, RunStatus.CRASHED);
    try (Folders.ReadOnly medium = Folders.ReadOnly.of(copy)) {
      check(copy, RunStatus.CRASHED);
      if (medium.isEffective()) {
        assertThrows(StorageException.class, () -> Sealer.seal(copy));
      }
    }
    Sealer.seal(copy);
    check(copy, RunStatus.CRASHED);
    checkSealed(copy);
    check(run, RunStatus.CRASHED);
  }

  @Test
  void neverSealed_withoutTheNativeLibrary_thenSealedElsewhere() throws Exception {
    Path run;
    try (ChildJvm child = child().property("tracker.native", "off").start(root.toString(), "run")) {
      run = written(child);
      check(run, RunStatus.RUNNING);
      child.ask("finish", "finished");
      child.say("end");
      assertEquals(0, child.exit());
      List<String> said =
          child.err().stream().filter(line -> line.contains("tracker.native")).toList();
      assertEquals(1, said.size(), child.story("was to say once why it does not seal"));
    }
    assertTrue(Files.notExists(new RunLayout(run).metadata()), "nothing was sealed");
    check(run, RunStatus.SUCCEEDED);
    Path copy = Folders.copy(run, elsewhere.resolve("copy"));
    check(copy, RunStatus.SUCCEEDED);
    Sealer.seal(run);
    check(run, RunStatus.SUCCEEDED);
    checkSealed(run);
  }

  @Test
  void neverSealed_bySwitchInTheEnvironment_andKilled() throws Exception {
    Path run;
    try (ChildJvm child =
        child().environment("TRACKER_NATIVE", "off").start(root.toString(), "run")) {
      run = written(child);
      child.kill();
    }
    check(run, RunStatus.CRASHED);
    Sealer.seal(run);
    check(run, RunStatus.CRASHED);
    checkSealed(run);
    Sealer.seal(run);
    check(run, RunStatus.CRASHED);
  }

  @Test
  void readersKeepTheirMoment_whateverIsSealedAndCompactedLater() throws Exception {
    int lives = 9;
    int rows = 1500;
    List<RunReader> readers = new ArrayList<>();
    try {
      for (int life = 0; life < lives; life++) {
        try (Board board =
            Board.builder("sample").root(root).id("run").resume(Resume.ALLOW).open()) {
          for (int i = 0; i < rows; i++) {
            board.log("loss", (double) (life * rows + i));
          }
          board.flush();
          readers.add(RunReader.open(board.directory()));
        }
        readers.add(RunReader.open(root.resolve("default").resolve("run")));
      }
      for (int i = 0; i < readers.size(); i++) {
        int expected = (i / 2 + 1) * rows;
        assertArrayEquals(
            IntStream.range(0, expected).asDoubleStream().toArray(),
            readers.get(i).scalars("loss").values(),
            "reader " + i);
        assertEquals(
            rows / 2, readers.get(i).scalars("loss", rows / 2, rows - 1).size(), "reader " + i);
      }
    } finally {
      readers.forEach(RunReader::close);
    }
    Path run = root.resolve("default").resolve("run");
    assertEquals((long) lives * rows, InLance.rows(run));
    long files = Folders.files(new RunLayout(run).series(Kind.FLOAT64, "loss"));
    assertTrue(files <= 10, "files of a finished series: " + files);
  }

  @Test
  void finishedFilesAreReadableAsTheFolderIs() throws Exception {
    Path run;
    try (Board board = sample()) {
      run = board.directory();
    }
    Set<PosixFilePermission> usual =
        Files.getPosixFilePermissions(Files.createFile(elsewhere.resolve("usual")));
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertEquals(usual, Files.getPosixFilePermissions(file), file.toString());
      }
    }
  }

  private static void checkSealed(Path run) throws Exception {
    assertEquals(List.of(), InLance.segments(run));
    long rows = 0;
    try (RunReader reader = RunReader.open(run)) {
      for (String metric : reader.metrics()) {
        rows +=
            metric.equals("say") ? reader.strings(metric).size() : reader.scalars(metric).size();
      }
    }
    assertEquals(rows, InLance.rows(run));
  }
}
