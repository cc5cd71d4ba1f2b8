package dev.tracker.media;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Media types by the endings of file names. Our own list, because what the system knows differs
 * from machine to machine.
 */
final class MediaTypes {
  static final String UNKNOWN = "application/octet-stream";
  static final String UNKNOWN_EXTENSION = "bin";

  private static final Pattern SAFE_EXTENSION = Pattern.compile("[a-z0-9]{1,16}");

  /** A type and its endings, the usual one first. */
  private static final String[][] KNOWN = {
    {"application/gzip", "gz", "tgz"},
    {"application/java-archive", "jar"},
    {"application/json", "json"},
    {"application/onnx", "onnx"},
    {"application/pdf", "pdf"},
    {"application/vnd.apache.arrow.file", "arrow", "feather"},
    {"application/vnd.apache.parquet", "parquet"},
    {"application/x-hdf5", "h5", "hdf5"},
    {"application/x-ipynb+json", "ipynb"},
    {"application/x-ndjson", "jsonl", "ndjson"},
    {"application/x-tar", "tar"},
    {"application/xml", "xml"},
    {"application/yaml", "yaml", "yml"},
    {"application/zip", "zip"},
    {"application/zstd", "zst"},
    {"audio/aac", "aac"},
    {"audio/flac", "flac"},
    {"audio/mp4", "m4a"},
    {"audio/mpeg", "mp3"},
    {"audio/ogg", "ogg", "oga", "opus"},
    {"audio/wav", "wav", "wave"},
    {"image/avif", "avif"},
    {"image/bmp", "bmp"},
    {"image/gif", "gif"},
    {"image/jpeg", "jpg", "jpeg"},
    {"image/png", "png"},
    {"image/svg+xml", "svg"},
    {"image/tiff", "tif", "tiff"},
    {"image/webp", "webp"},
    {"text/css", "css"},
    {"text/csv", "csv"},
    {"text/html", "html", "htm"},
    {"text/javascript", "js", "mjs"},
    {"text/markdown", "md", "markdown"},
    {"text/plain", "txt", "log", "text"},
    {"text/tab-separated-values", "tsv"},
    {"text/x-java-source", "java"},
    {"text/x-python", "py"},
    {"video/mp4", "mp4", "m4v"},
    {"video/mpeg", "mpg", "mpeg"},
    {"video/ogg", "ogv"},
    {"video/quicktime", "mov"},
    {"video/webm", "webm"},
    {"video/x-matroska", "mkv"},
    {"video/x-msvideo", "avi"},
  };

  private static final Map<String, String> BY_EXTENSION = new HashMap<>();
  private static final Map<String, String> EXTENSIONS = new HashMap<>();

  static {
    for (String[] line : KNOWN) {
      EXTENSIONS.put(line[0], line[1]);
      for (int i = 1; i < line.length; i++) {
        BY_EXTENSION.put(line[i], line[0]);
      }
    }
  }

  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}(?:;[ -~]{1,127})?");

  private MediaTypes() {}

  /** Returns the type that a file's name tells. */
  static String ofName(String name) {
    return BY_EXTENSION.getOrDefault(extension(name), UNKNOWN);
  }

  static String ofName(Path file) {
    return ofName(nameOf(file));
  }

  /**
   * Returns the ending of a file's name in lower case, or {@code bin} where it has none that is
   * safe.
   */
  static String extension(String name) {
    int dot = name.lastIndexOf('.');
    String extension = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    return SAFE_EXTENSION.matcher(extension).matches() ? extension : UNKNOWN_EXTENSION;
  }

  static String extension(Path file) {
    return extension(nameOf(file));
  }

  private static String nameOf(Path file) {
    return Objects.toString(file.getFileName(), "");
  }

  /** Returns the usual ending of a type, or {@code bin}. */
  static String extensionOf(String mediaType) {
    String plain = mediaType.split(";", 2)[0].strip();
    return EXTENSIONS.getOrDefault(plain, UNKNOWN_EXTENSION);
  }

  /** Checks a type that the user states, and returns it in lower case. */
  static String check(String mediaType) {
    String lower = mediaType.strip().toLowerCase(Locale.ROOT);
    if (!MEDIA_TYPE.matcher(lower).matches()) {
      throw new IllegalArgumentException(
          "not a media type: mediaType=" + mediaType + " (such as text/csv)");
    }
    return lower;
  }
}
