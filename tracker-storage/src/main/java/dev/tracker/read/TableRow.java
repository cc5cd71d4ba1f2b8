package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.value.Column;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One row of a table. Immutable, and independent of the reader but for {@link #media}. */
public final class TableRow {
  /** What the rows of a page share. */
  private final TablePages.Shape shape;

  private final TableMedia media;
  private final long step;
  private final long globalStep;
  private final long timestamp;

  /** By column of the shape. */
  private final @Nullable Object[] cells;

  TableRow(
      TablePages.Shape shape,
      TableMedia media,
      long step,
      long globalStep,
      long timestamp,
      @Nullable Object[] cells) {
    this.shape = shape;
    this.media = media;
    this.step = step;
    this.globalStep = globalStep;
    this.timestamp = timestamp;
    this.cells = cells;
  }

  /** Returns the step of the log call. */
  public long step() {
    return step;
  }

  /** Returns the global step of the log call. */
  public long globalStep() {
    return globalStep;
  }

  /** Returns the time of the log call, in microseconds since the epoch. */
  public long timestamp() {
    return timestamp;
  }

  /**
   * Returns a cell: by the column's type a {@link String}, {@link Double}, {@link Long}, {@link
   * Boolean} or {@link Instant}; of media the SHA-256 as 64 hexadecimal digits; or null.
   *
   * @throws IllegalArgumentException if there is no such column among those selected
   */
  public @Nullable Object get(String column) {
    return cells[shape.place(column)];
  }

  /** Returns a cell by the place of its column among those that were read. */
  @Nullable Object cell(int place) {
    return cells[place];
  }

  /**
   * Returns the image, audio, video or file that stands in a cell; empty where the cell is null:
   * nothing was logged there, or it could not be packed, which the entry of the series {@code
   * table/column} at this step then explains.
   *
   * @throws IllegalArgumentException if there is no such column of media among those selected
   */
  public Optional<MediaFile> media(String column) {
    int place = shape.place(column);
    if (shape.columns().get(place).type() != Column.Type.MEDIA) {
      throw new IllegalArgumentException(
          "column '"
              + column
              + "' holds "
              + shape.columns().get(place).type()
              + ", not "
              + Kind.MEDIA
              + ": read it with get()");
    }
    Object digest = cells[place];
    return digest == null ? Optional.empty() : media.find(column, step, digest.toString());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("TableRow[step=").append(step);
    for (int i = 0; i < cells.length; i++) {
      text.append(", ").append(shape.columns().get(i).name()).append('=').append(cells[i]);
    }
    return text.append(']').toString();
  }
}
