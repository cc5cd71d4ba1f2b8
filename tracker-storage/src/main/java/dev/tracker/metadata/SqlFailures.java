package dev.tracker.metadata;

import dev.tracker.metadata.MetadataException.Reason;
import java.nio.file.Path;
import java.sql.SQLDataException;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Turns what SQLite says into what a person can act on. A plain {@link SQLDataException} is ours:
 * what stands in the tables does not fit together.
 */
final class SqlFailures {
  /** An extended code carries the plain one in its low byte. */
  private static final int PLAIN_CODE = 0xff;

  private SqlFailures() {}

  static MetadataException explain(SQLException failure, Path file, String doing) {
    SQLiteErrorCode code =
        failure instanceof SQLiteException sqlite
            ? sqlite.getResultCode()
            : SQLiteErrorCode.UNKNOWN_ERROR;
    Reason reason = failure instanceof SQLDataException ? Reason.DAMAGED : reason(code);
    String message =
        "metadata database failed: doing=%s file=%s code=%s(%d) said=%s (%s)"
            .formatted(doing, file, code.name(), code.code, said(failure), guess(code, reason));
    return new MetadataException(reason, message, failure);
  }

  /** Codes as in https://www.sqlite.org/rescode.html. */
  private static Reason reason(SQLiteErrorCode code) {
    return switch (plain(code)) {
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL -> Reason.LOCKED;
      case SQLITE_FULL -> Reason.DISK_FULL;
      case SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_AUTH -> Reason.NO_ACCESS;
      // A query of ours that SQLite does not understand meets other tables than ours.
      case SQLITE_ERROR,
          SQLITE_CORRUPT,
          SQLITE_NOTADB,
          SQLITE_FORMAT,
          SQLITE_SCHEMA,
          SQLITE_MISMATCH ->
          Reason.DAMAGED;
      default -> Reason.OTHER;
    };
  }

  private static SQLiteErrorCode plain(SQLiteErrorCode code) {
    return code.code < 0 ? code : SQLiteErrorCode.getErrorCode(code.code & PLAIN_CODE);
  }

  private static String guess(SQLiteErrorCode code, Reason reason) {
    return switch (reason) {
      case LOCKED -> "another program holds a lock on it; is it open in a database tool?";
      case DISK_FULL -> "is the disk full, or a quota reached?";
      case NO_ACCESS ->
          code == SQLiteErrorCode.SQLITE_CANTOPEN
              ? "is its folder there, and may it be written?"
              : "is it on a read-only medium, or does it belong to someone else?";
      case DAMAGED -> "is it damaged, cut short, or changed by another program?";
      default ->
          plain(code) == SQLiteErrorCode.SQLITE_IOERR
              ? "is its disk failing, or its folder gone?"
              : "this was not expected";
    };
  }

  /** The driver puts its own words before SQLite's. */
  private static String said(SQLException failure) {
    return String.valueOf(failure.getMessage()).replace('\n', ' ');
  }
}
