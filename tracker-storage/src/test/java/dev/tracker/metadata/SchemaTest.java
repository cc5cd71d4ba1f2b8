package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.format.Counters;
import dev.tracker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which databases are taken for one of a run, and how. */
class SchemaTest {
  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void finishARun() throws IOException {
    file = folder.resolve("metadata.db");
    try (MetadataWriter writer = MetadataWriter.open(file)) {
      writer.commit(new Change(new Counters(5, 0, 0, 0)));
      assertTrue(writer.finish());
    }
  }

  @Test
  void whatWasMade_isKnownByItsWords_inACopyToo() throws IOException {
    Path copy = folder.resolve("copy.db");
    assertTrue(MetadataReader.copy(file, copy));
    assertTrue(isWordForWord(file));
    assertTrue(isWordForWord(copy));
  }

  @Test
  void anIndexThatSomebodyAdded_harmsNothing() throws Exception {
    change("CREATE INDEX theirs ON series (kind)");
    assertFalse(isWordForWord(file));
    assertEquals(5, MetadataReader.read(file).orElseThrow().checkpoint().position());
  }

  @Test
  void aViewInATablesPlace_isRefused() throws Exception {
    change("DROP TABLE gap", "CREATE VIEW gap AS SELECT 1 AS ordinal");
    assertRefused();
  }

  @Test
  void aTableOfOneWordMore_whichComputes_isRefused() throws Exception {
    change("ALTER TABLE gap ADD COLUMN twice AS (rows * 2)");
    assertRefused();
  }

  @Test
  void aTrigger_isRefused() throws Exception {
    change("CREATE TRIGGER theirs AFTER INSERT ON gap BEGIN DELETE FROM series; END");
    assertRefused();
  }

  private void change(String... statements) throws Exception {
    try (Connection foreign = Samples.foreign(file)) {
      for (String statement : statements) {
        Samples.run(foreign, statement);
      }
    }
  }

  private void assertRefused() {
    MetadataException e = assertThrows(MetadataException.class, () -> MetadataReader.read(file));
    assertEquals(Reason.DAMAGED, e.reason());
    assertTrue(e.getMessage().contains("changed by another program?"), e.getMessage());
    assertTrue(Files.exists(file));
  }

  private static boolean isWordForWord(Path file) throws IOException {
    try (Database database = Database.toRead(file)) {
      return database.attempt("look at the tables", Schema::isWordForWord);
    }
  }
}
