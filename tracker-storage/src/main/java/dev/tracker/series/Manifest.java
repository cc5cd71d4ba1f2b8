package dev.tracker.series;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a version consists of: as much of Lance's manifest as reading needs.
 *
 * <p>It is read here and not by Lance, because Lance ends the JVM over some damaged manifests; and
 * it takes a tenth of the time.
 *
 * <pre>
 * … | u32 length | message Manifest (protobuf) | u64 position of length | u16 0 | u16 2 | "LANC"
 *
 * Manifest      2 fragments*   3 version
 * DataFragment  2 files*   3 deletion_file   4 physical_rows
 * DataFile      1 path   6 file_size_bytes
 * </pre>
 *
 * @param version the version it describes
 * @param fragments what it consists of, in row order
 */
record Manifest(long version, List<Part> fragments) {
  /** 16 bytes at the end of the file. */
  private static final int FOOTER_BYTES = 16;

  /** A name in {@code data/}: nothing that leads elsewhere, or that no file can have. */
  private static final Pattern NAME = Pattern.compile("(?!\\.)[0-9A-Za-z._-]{1,200}");

  /** {@code LANC}, little endian. */
  private static final int MAGIC = 0x434e414c;

  /**
   * One fragment, which is one data file.
   *
   * @param file the data file's name
   * @param bytes how long the file is
   * @param rows how many rows it has
   */
  record Part(String file, long bytes, int rows) {}

  /** Reads a manifest; {@link java.nio.file.NoSuchFileException} where there is none. */
  static Manifest read(Path file, long version) throws IOException {
    return parse(Files.readAllBytes(file), file, version);
  }

  /** Reads a manifest out of the bytes of a file. */
  static Manifest parse(byte[] bytes, Path file, long version) throws IOException {
    try {
      Manifest manifest = parse(message(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)));
      if (manifest.version != version) {
        throw new Malformed("version=" + manifest.version);
      }
      return manifest;
    } catch (RuntimeException e) {
      throw new IOException(
          "manifest is damaged: file=%s bytes=%d version=%d".formatted(file, bytes.length, version),
          e);
    }
  }

  long rows() {
    return fragments.stream().mapToLong(Part::rows).sum();
  }

  private static ByteBuffer message(ByteBuffer file) {
    int footer = file.capacity() - FOOTER_BYTES;
    if (footer < 0 || file.getInt(file.capacity() - Integer.BYTES) != MAGIC) {
      throw new Malformed("no manifest at all");
    }
    int position = Math.toIntExact(file.getLong(footer));
    int length = file.getInt(position);
    if (length != footer - position - Integer.BYTES) {
      throw new Malformed("position=%d length=%d".formatted(position, length));
    }
    return file.slice(position + Integer.BYTES, length);
  }

  private static Manifest parse(ByteBuffer message) {
    long version = 0;
    List<Part> fragments = new ArrayList<>();
    for (Field field = new Field(message); field.next(); ) {
      switch (field.number) {
        case 2 -> fragments.add(fragment(field.bytes()));
        case 3 -> version = field.value;
        default -> {}
      }
    }
    return new Manifest(version, List.copyOf(fragments));
  }

  private static Part fragment(ByteBuffer message) {
    long rows = 0;
    String file = "";
    long bytes = 0;
    for (Field field = new Field(message); field.next(); ) {
      switch (field.number) {
        case 2 -> {
          if (!file.isEmpty()) {
            throw new Malformed("fragment has several files (changed by another program?)");
          }
          for (Field part = new Field(field.bytes()); part.next(); ) {
            switch (part.number) {
              case 1 -> file = StandardCharsets.UTF_8.decode(part.bytes()).toString();
              case 6 -> bytes = part.value;
              default -> {}
            }
          }
        }
        case 3 -> throw new Malformed("fragment has deleted rows (changed by another program?)");
        case 4 -> rows = field.value;
        default -> {}
      }
    }
    if (!NAME.matcher(file).matches() || rows < 0) {
      throw new Malformed("not a data file: name=" + file + " rows=" + rows);
    }
    return new Part(file, bytes, Math.toIntExact(rows));
  }

  /** Goes through the fields of a protobuf message. */
  private static final class Field {
    private final ByteBuffer message;
    private ByteBuffer content = ByteBuffer.allocate(0);
    int number;

    /** The value of a number; of anything else, its length. */
    long value;

    Field(ByteBuffer message) {
      this.message = message;
    }

    boolean next() {
      if (!message.hasRemaining()) {
        return false;
      }
      int tag = Math.toIntExact(varint());
      number = tag >>> 3;
      int length =
          switch (tag & 7) {
            case 0 -> {
              value = varint();
              yield 0;
            }
            case 1 -> Long.BYTES;
            case 2 -> Math.toIntExact(varint());
            case 5 -> Integer.BYTES;
            default -> throw new Malformed("tag=" + tag);
          };
      content = message.slice(message.position(), length);
      message.position(message.position() + length);
      return true;
    }

    /** The content of a text or a message. */
    ByteBuffer bytes() {
      return content;
    }

    private long varint() {
      long result = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        byte b = message.get();
        result |= (long) (b & 0x7f) << shift;
        if (b >= 0) {
          return result;
        }
      }
      throw new Malformed("number is too long");
    }
  }

  /** Something that no manifest says. */
  private static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }
}
