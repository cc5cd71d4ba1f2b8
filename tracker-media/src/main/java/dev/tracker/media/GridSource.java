package dev.tracker.media;

import java.util.List;

/** Images in rows and columns. */
final class GridSource implements PixelSource {
  /** Pixels between two cells. */
  private static final int GAP = 2;

  private final List<PixelSource> cells;
  private final int columns;
  private final int cellWidth;
  private final int cellHeight;
  private final int rows;
  private final int channels;

  private GridSource(
      List<PixelSource> cells, int columns, int cellWidth, int cellHeight, int channels) {
    this.cells = cells;
    this.columns = columns;
    this.cellWidth = cellWidth;
    this.cellHeight = cellHeight;
    this.rows = (cells.size() + columns - 1) / columns;
    this.channels = channels;
  }

  static GridSource of(List<PixelSource> cells, int columns) {
    if (cells.isEmpty() || columns < 1) {
      throw new IllegalArgumentException(
          "a grid has at least one image and one column: images="
              + cells.size()
              + " columns="
              + columns);
    }
    int width = 1;
    int height = 1;
    int channels = 1;
    long bytes = 0;
    for (PixelSource cell : cells) {
      Details details = cell.details();
      if (details.width() == 0) {
        throw new IllegalArgumentException(
            "the size of a cell is not known: mediaType=" + cell.mediaType().orElse(""));
      }
      width = Math.max(width, details.width());
      height = Math.max(height, details.height());
      channels = Math.max(channels, details.channels());
      bytes += cell.bytes();
    }
    MediaLimits.checkBytes("grid", bytes);
    int used = Math.min(columns, cells.size());
    GridSource grid = new GridSource(List.copyOf(cells), used, width, height, channels);
    MediaLimits.checkBytes("grid", MediaLimits.checkPixels(grid.width(), grid.height()) * channels);
    return grid;
  }

  private long width() {
    return (long) columns * (cellWidth + GAP) - GAP;
  }

  private long height() {
    return (long) rows * (cellHeight + GAP) - GAP;
  }

  @Override
  public long bytes() {
    return cells.stream().mapToLong(PixelSource::bytes).sum();
  }

  @Override
  public Details details() {
    return Details.image((int) width(), (int) height(), channels);
  }

  @Override
  public Pixels render() {
    int width = (int) width();
    int height = (int) height();
    Pixels grid =
        new Pixels(width, height, channels, Byte.SIZE, new byte[width * height * channels]);
    for (int i = 0; i < cells.size(); i++) {
      int x = i % columns * (cellWidth + GAP);
      int y = i / columns * (cellHeight + GAP);
      draw(cells.get(i).render().shallow(), grid, x, y);
    }
    return grid;
  }

  /** Copies a cell, cut to its place should a decoder find more than the header had said. */
  private void draw(Pixels cell, Pixels grid, int left, int top) {
    int width = Math.min(cell.width, cellWidth);
    for (int y = 0; y < Math.min(cell.height, cellHeight); y++) {
      int to = ((top + y) * grid.width + left) * channels;
      int from = y * cell.rowBytes();
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          grid.samples[to++] = sample(cell, from + x * cell.channels, c);
        }
      }
    }
  }

  private static byte sample(Pixels cell, int pixel, int channel) {
    if (channel == 3 && cell.channels < 4) {
      return (byte) 255;
    }
    return cell.samples[pixel + (cell.channels == 1 ? 0 : Math.min(channel, cell.channels - 1))];
  }
}
