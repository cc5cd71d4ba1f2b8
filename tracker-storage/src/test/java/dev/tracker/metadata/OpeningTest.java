package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.format.FormatVersion;
import dev.tracker.format.Kind;
import dev.tracker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file may turn out to be, and what is said of it. */
class OpeningTest {
  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("metadata.db");
  }

  @Test
  void noFile_isNoStateYet() throws IOException {
    assertEquals(Optional.empty(), MetadataReader.read(file));
    assertEquals(List.of(), MetadataReader.gaps(file));
    assertFalse(MetadataReader.copy(file, folder.resolve("copy.db")));
    assertEquals(List.of(), names());
  }

  @Test
  void anEmptyFile_isNoStateYet_andAWriterBeginsThere() throws IOException {
    Files.createFile(file); // killed right after creating it
    assertEquals(Optional.empty(), MetadataReader.read(file));
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      assertEquals(Counters.START, writer.snapshot().checkpoint());
    }
  }

  @Test
  void aNewDatabase_isARunInWhichNothingHappened() throws IOException {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      Snapshot snapshot = MetadataReader.read(file).orElseThrow();
      assertEquals(writer.snapshot(), snapshot);
      assertEquals(Counters.START, snapshot.checkpoint());
      assertEquals(List.of(), snapshot.series());
    }
  }

  @Test
  void noFolder_isSaidSo() {
    Path nowhere = folder.resolve("gone").resolve("metadata.db");
    MetadataException e = assertThrows(MetadataException.class, () -> MetadataWriter.open(nowhere));
    assertEquals(Reason.NO_ACCESS, e.reason());
    assertTrue(e.getMessage().contains(nowhere.toString()), e.getMessage());
  }

  @Test
  void aNewerFormat_isRefused_withBothVersionsAndWhatToDo() throws Exception {
    commitOne();
    int newer = FormatVersion.CURRENT + 1;
    try (Connection foreign = Samples.foreign(file)) {
      Samples.run(foreign, "PRAGMA user_version = " + newer);
    }
    for (MetadataException e :
        List.of(
            assertThrows(MetadataException.class, () -> MetadataReader.read(file)),
            assertThrows(MetadataException.class, () -> MetadataWriter.open(file)))) {
      assertEquals(Reason.NEWER_FORMAT, e.reason());
      assertTrue(e.getMessage().contains("format=" + newer), e.getMessage());
      assertTrue(e.getMessage().contains("known=" + FormatVersion.CURRENT), e.getMessage());
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
  }

  @Test
  void anotherProgramsDatabase_isRefused_andLeftAsItIs() throws Exception {
    try (Connection foreign = Samples.foreign(file)) {
      Samples.run(foreign, "CREATE TABLE theirs (a)");
    }
    byte[] before = Files.readAllBytes(file);
    assertEquals(
        Reason.DAMAGED,
        assertThrows(MetadataException.class, () -> MetadataWriter.open(file)).reason());
    assertEquals(
        Reason.DAMAGED,
        assertThrows(MetadataException.class, () -> MetadataReader.read(file)).reason());
    assertTrue(Arrays.equals(before, Files.readAllBytes(file)));
    assertEquals(List.of("metadata.db"), names());
  }

  @Test
  void bytesThatAreNoDatabase_areRefused() throws IOException {
    Files.write(
        file,
        "not a database, but long enough to be looked at "
            .repeat(100)
            .getBytes(StandardCharsets.US_ASCII));
    for (Reason reason :
        List.of(
            assertThrows(MetadataException.class, () -> MetadataReader.read(file)).reason(),
            assertThrows(MetadataException.class, () -> MetadataWriter.open(file)).reason())) {
      assertEquals(Reason.DAMAGED, reason);
    }
  }

  @Test
  void aPageOverwritten_isNoticedWhereItIsRead() throws IOException {
    commitOne();
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      for (long page = 1; page < channel.size() / 4_096; page++) {
        channel
            .position(page * 4_096)
            .write(ByteBuffer.wrap("#".repeat(4_096).getBytes(StandardCharsets.US_ASCII)));
      }
    }
    MetadataException e = assertThrows(MetadataException.class, () -> MetadataReader.read(file));
    assertEquals(Reason.DAMAGED, e.reason());
    assertTrue(e.getMessage().contains("SQLITE_CORRUPT"), e.getMessage());
  }

  @Test
  void aFileCutShort_isNoticed() throws IOException {
    commitOne();
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() / 4_096 / 2 * 4_096);
    }
    MetadataException e = assertThrows(MetadataException.class, () -> MetadataReader.read(file));
    assertEquals(Reason.DAMAGED, e.reason());
  }

  @Test
  void aFinishedRun_isOneFile_andReadingItMakesNoOther() throws IOException {
    commitOne();
    assertEquals(List.of("metadata.db"), names());
    assertEquals(5, MetadataReader.read(file).orElseThrow().checkpoint().position());
    assertEquals(List.of("metadata.db"), names());
  }

  @Test
  void aFinishedRun_canBeGoneOnWith() throws IOException {
    commitOne();
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      assertEquals(5, writer.snapshot().checkpoint().position());
      writer.commit(new Change(new Counters(6, 0, 0, 0)));
      assertTrue(writer.finish());
      assertTrue(writer.finish());
    }
    assertEquals(6, MetadataReader.read(file).orElseThrow().checkpoint().position());
  }

  @Test
  void pathsThatLookLikeParameters_areJustPaths() throws IOException {
    Path odd = Files.createDirectories(folder.resolve("50% a?mode=memory&b#c 'ü' 日本"));
    file = odd.resolve("metadata.db");
    commitOne();
    assertEquals(List.of("metadata.db"), names(odd));
    assertEquals(5, MetadataReader.read(file).orElseThrow().checkpoint().position());
    Path copy = odd.resolve("copy.db");
    assertTrue(MetadataReader.copy(file, copy));
    assertEquals(5, MetadataReader.read(copy).orElseThrow().checkpoint().position());
  }

  @Test
  void aCopyOfALiveDatabase_isOneFileWithAllOfIt() throws IOException {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      writer.commit(
          new Change(new Counters(9, 0, 0, 0))
              .series(Samples.empty(0, "loss", Kind.FLOAT64))
              .tiles(0, 0, Samples.fullTiles(Kind.FLOAT64, 0, 70)));
      Path copy = Files.createDirectories(folder.resolve("elsewhere")).resolve("metadata.db");
      assertTrue(MetadataReader.copy(file, copy));
      assertEquals(List.of("metadata.db"), names(copy.getParent()));
      Snapshot copied = MetadataReader.read(copy).orElseThrow();
      assertEquals(writer.snapshot(), copied);
      assertEquals(
          70, MetadataReader.tiles(copy, copied.series().get(0), 0, 0, 100).orElseThrow().size());
      assertEquals(List.of("metadata.db"), names(copy.getParent()));
      try (MetadataWriter goneOn = MetadataWriter.open(copy)) {
        goneOn.commit(new Change(new Counters(10, 0, 0, 0)));
      }
    }
  }

  @Test
  void aCopyOntoAnExistingFile_isRefused_andTheFileStays() throws IOException {
    commitOne();
    Path there = Files.writeString(folder.resolve("there.db"), "mine");
    assertThrows(MetadataException.class, () -> MetadataReader.copy(file, there));
    assertEquals("mine", Files.readString(there));
  }

  @Test
  void aDeletedFolder_isNoticedByTheNextCommit() throws IOException {
    MetadataWriter writer = MetadataWriter.open(file);
    writer.commit(new Change(new Counters(1, 0, 0, 0)));
    for (String name : names()) {
      Files.delete(folder.resolve(name));
    }
    Change change = new Change(new Counters(2, 0, 0, 0));
    MetadataException e = assertThrows(MetadataException.class, () -> writer.commit(change));
    assertEquals(Reason.NO_ACCESS, e.reason());
    assertTrue(e.getMessage().contains("gone"), e.getMessage());
    assertThrows(MetadataException.class, () -> writer.commit(change));
    writer.close();
  }

  @Test
  void aCheckpointThatGoesBack_isRefused() throws IOException {
    commitOne();
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> writer.commit(new Change(new Counters(4, 0, 0, 0))));
      writer.commit(new Change(new Counters(5, 0, 0, 0)));
    }
  }

  @Test
  void aSeriesThatChangesItsKind_isRefused() throws IOException {
    commitOne();
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      Change change =
          new Change(new Counters(6, 0, 0, 0)).series(Samples.empty(0, "loss", Kind.INT64));
      assertThrows(IllegalArgumentException.class, () -> writer.commit(change));
    }
  }

  @Test
  void aWriterThatIsClosed_saysSo() throws IOException {
    MetadataWriter writer = MetadataWriter.open(file);
    writer.close();
    writer.close();
    assertThrows(MetadataException.class, writer::snapshot);
    assertThrows(MetadataException.class, () -> writer.commit(new Change(Counters.START)));
    assertFalse(writer.finish());
  }

  private void commitOne() throws IOException {
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      Change change = new Change(new Counters(5, 0, 0, 0));
      for (int id = 0; id < 200; id++) {
        change.series(Samples.empty(id, id == 0 ? "loss" : "metric " + id, Kind.FLOAT64));
      }
      writer.commit(change);
      assertTrue(writer.finish());
    }
  }

  private List<String> names() throws IOException {
    return names(folder);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
