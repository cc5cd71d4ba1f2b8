package dev.tracker;

import dev.tracker.media.Media;
import dev.tracker.value.Table;
import dev.tracker.value.TableForm;
import dev.tracker.value.TableSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rows of a table into entries, one each. What stands in a cell as an image, a file and
 * the like becomes an entry of media before its row, in a series of its own; the cell holds the
 * digest. Where that fails the cell is null, and the entry of media says why.
 *
 * @param metric the table
 * @param rows the rows, with all columns of the table
 * @param form their bytes
 * @param companions the series of the media, by column
 * @param staging where large files go
 */
record TablePacking(
    Metric metric,
    TableSchema.Fitted rows,
    TableForm form,
    Map<Integer, Metric> companions,
    StagingFolder staging)
    implements Parcel.Packing {
  /** A table of less is packed by whoever takes it out of the queue. */
  private static final long LIGHT_BYTES = 16 * 1024;

  /**
   * Returns a table as it is logged.
   *
   * @param table fits the schema
   * @param companions the series of the media, by column of the schema
   */
  static Parcel parcel(
      Metric metric,
      TableSchema schema,
      Table table,
      Map<Integer, Metric> companions,
      StagingFolder staging) {
    TablePacking packing =
        new TablePacking(metric, schema.fit(table), schema.form(), companions, staging);
    return new Parcel(
        metric,
        List.copyOf(companions.values()),
        effort(table, companions.isEmpty()),
        table.payloadBytes(),
        packing);
  }

  private static Parcel.Effort effort(Table table, boolean isPlain) {
    if (isPlain) {
      return table.payloadBytes() < LIGHT_BYTES ? Parcel.Effort.LIGHT : Parcel.Effort.HEAVY;
    }
    for (int row = 0; row < table.rows(); row++) {
      for (int column = 0; column < table.columns().size(); column++) {
        if (table.get(row, column) instanceof Media media
            && MediaPacking.effort(media) == Parcel.Effort.COPY) {
          return Parcel.Effort.COPY;
        }
      }
    }
    return Parcel.Effort.HEAVY;
  }

  @Override
  public Parcel.Packed pack(long step) {
    Gathering gathering = new Gathering();
    for (int row = 0; row < rows.rows(); row++) {
      gathering.add(rows.row(row));
    }
    return new Parcel.Packed(gathering.entries, gathering.trouble);
  }

  private final class Gathering {
    final List<Parcel.Entry> entries = new ArrayList<>();

    @Nullable Throwable trouble;

    void add(@Nullable Object[] cells) {
      for (int i = 0; i < cells.length; i++) {
        Metric companion = companions.get(i);
        if (companion != null && cells[i] instanceof Media media) {
          cells[i] = digest(companion, media);
        }
      }
      entries.add(new Parcel.Entry(metric, form.encode(cells)));
    }

    /** Packs what stands in a cell, and returns its digest; null where it could not be packed. */
    private @Nullable String digest(Metric companion, Media media) {
      MediaPacking packing = new MediaPacking(companion, media, staging);
      try {
        MediaPacking.Content content = packing.content();
        entries.add(new Parcel.Entry(companion, content.bytes()));
        return content.form().digest();
      } catch (IOException | RuntimeException e) {
        trouble = e;
        entries.addAll(packing.failed(e));
        return null;
      }
    }
  }
}
