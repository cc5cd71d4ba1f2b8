package dev.tracker.torture.order;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The frames that one writer's attempt has written to its journal, as {@code
 * file-format-journal.md} says they look.
 */
final class JournalFrames {
  private static final int HEAD_BYTES = 64;
  private static final int FRAME_HEAD_BYTES = 56;
  private static final int PAYLOAD_AT = 0;
  private static final int POSITION_AT = 8;
  private static final int RECORDS_AT = 16;
  private static final int ROWS_AT = 20;

  /** A write that was a frame, or the first part of one. */
  private record Frame(StoredFile file, long change, long rowsBefore) {}

  private final List<Frame> frames = new ArrayList<>();
  private final Map<StoredFile, Long> ends = new HashMap<>();
  private long rows;

  /** Forgets which log calls there were; how far segments reach stays. */
  void beginAttempt() {
    frames.clear();
    rows = 0;
  }

  /** Takes in a write to a segment, which was the given change. */
  void take(StoredFile file, long change, long offset, byte[] bytes) {
    ByteBuffer head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (offset < HEAD_BYTES || bytes.length < FRAME_HEAD_BYTES || head.getInt(PAYLOAD_AT) == 0) {
      return; // a head, or zeros
    }
    if (bytes.length < FRAME_HEAD_BYTES + head.getInt(PAYLOAD_AT)) {
      throw new IllegalStateException("a frame that is written in parts: bytes=" + bytes.length);
    }
    ends.merge(file, head.getLong(POSITION_AT) + head.getInt(RECORDS_AT), Math::max);
    frames.add(new Frame(file, change, rows));
    rows += head.getInt(ROWS_AT);
  }

  /** Returns how many log calls are written. */
  long rows() {
    return rows;
  }

  /** Returns the files of the frames that hold the first log calls, and are not forced. */
  List<StoredFile> unforced(long firstRows) {
    return frames.stream()
        .filter(frame -> frame.rowsBefore < firstRows && !frame.file.isForced(frame.change))
        .map(Frame::file)
        .distinct()
        .toList();
  }

  /** Returns the files of the frames that hold the first log calls. */
  List<StoredFile> files(long firstRows) {
    return frames.stream()
        .filter(frame -> frame.rowsBefore < firstRows)
        .map(Frame::file)
        .distinct()
        .toList();
  }

  /** Returns the position that follows the last frame of a segment; 0 where it has none. */
  long end(StoredFile file) {
    return ends.getOrDefault(file, 0L);
  }
}
