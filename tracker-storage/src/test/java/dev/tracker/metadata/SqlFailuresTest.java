package dev.tracker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.metadata.MetadataException.Reason;
import java.nio.file.Path;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SqlFailuresTest {
  @Test
  void codes_becomeReasons() {
    Map<SQLiteErrorCode, Reason> reasons =
        Map.of(
            SQLiteErrorCode.SQLITE_BUSY, Reason.LOCKED,
            SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT, Reason.LOCKED,
            SQLiteErrorCode.SQLITE_FULL, Reason.DISK_FULL,
            SQLiteErrorCode.SQLITE_READONLY, Reason.NO_ACCESS,
            SQLiteErrorCode.SQLITE_CANTOPEN_ISDIR, Reason.NO_ACCESS,
            SQLiteErrorCode.SQLITE_CORRUPT_INDEX, Reason.DAMAGED,
            SQLiteErrorCode.SQLITE_NOTADB, Reason.DAMAGED,
            SQLiteErrorCode.SQLITE_IOERR_FSYNC, Reason.OTHER,
            SQLiteErrorCode.UNKNOWN_ERROR, Reason.OTHER);
    reasons.forEach((code, reason) ->
        assertEquals(reason, explain(new SQLiteException("said", code)).reason(), code.name()));
  }

  @Test
  void theMessage_saysWhatWasDoneWhereWhatCameBackAndWhy() {
    SQLException cause =
        new SQLiteException("database or disk\nis full", SQLiteErrorCode.SQLITE_FULL);
    MetadataException e = explain(cause);
    assertEquals(
        "metadata database failed: doing=commit file=run/metadata.db code=SQLITE_FULL(13)"
            + " said=database or disk is full (is the disk full, or a quota reached?)",
        e.getMessage());
    assertSame(cause, e.getCause());
  }

  @Test
  void whatDoesNotFitTogether_isDamage() {
    MetadataException e = explain(new SQLDataException("tiles are missing: first=3"));
    assertEquals(Reason.DAMAGED, e.reason());
    assertTrue(e.getMessage().contains("tiles are missing: first=3"), e.getMessage());
  }

  private static MetadataException explain(SQLException cause) {
    return SqlFailures.explain(cause, Path.of("run", "metadata.db"), "commit");
  }
}
