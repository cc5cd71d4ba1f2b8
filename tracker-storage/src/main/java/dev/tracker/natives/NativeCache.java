package dev.tracker.natives;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Native libraries out of jars, each unpacked once and kept for all processes of the user.
 *
 * <p>A file's name carries the length and the CRC-32 of what it should hold, both as the jar's
 * directory has them, so that another version is another file and nothing needs to be unpacked to
 * know what to look for. It is written beside, forced, and renamed; processes that race each bring
 * a whole one. A file that was changed since it was last checked is checked again, and replaced
 * when it is damaged: {@code <file>.checked} holds its length and time of change at the last check.
 *
 * <p>Where the cache cannot be written, the library goes into the temporary folder, to be deleted
 * as soon as it is loaded.
 */
public final class NativeCache {
  /** Overrides the cache folder. */
  public static final String FOLDER_PROPERTY = "tracker.cache";

  private static final Duration ABANDONED = Duration.ofHours(1);
  private static final String TEMPORARY_SUFFIX = ".tmp";
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path folder;

  /**
   * Uses a folder as the cache.
   *
   * @param folder is made when something is put there
   */
  public NativeCache(Path folder) {
    this.folder = folder;
  }

  /**
   * A library that can be loaded.
   *
   * @param path where it is
   * @param temporary whether it is to be deleted once it is loaded
   */
  public record Library(Path path, boolean temporary) {
    /** Deletes a temporary one. */
    public void loaded() {
      if (temporary) {
        try {
          Files.deleteIfExists(path);
          Files.deleteIfExists(path.resolveSibling(""));
        } catch (IOException e) {
          path.toFile().deleteOnExit();
        }
      }
    }
  }

  /** Returns the user's cache folder, which may not exist. */
  public static Path userFolder() {
    String chosen = System.getProperty(FOLDER_PROPERTY, "");
    if (!chosen.isEmpty()) {
      return Path.of(chosen);
    }
    Path home = Path.of(System.getProperty("user.home", ""));
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (system.startsWith("mac")) {
      return home.resolve("Library").resolve("Caches").resolve("tracker");
    }
    boolean windows = system.startsWith("windows");
    String base = System.getenv(windows ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
    Path caches =
        base != null && Path.of(base).isAbsolute()
            ? Path.of(base)
            : windows ? home.resolve("AppData").resolve("Local") : home.resolve(".cache");
    return caches.resolve("tracker");
  }

  /**
   * Returns a library as a file, unpacked if need be.
   *
   * @param resource the library in its jar
   * @param label goes into the file's name: what it is and for which platform
   */
  public Library find(URL resource, String label) throws IOException {
    if (resource.getProtocol().equals("file")) {
      return new Library(pathOf(resource), false);
    }
    Content content = Content.of(resource);
    if (content == null) {
      return temporary(resource);
    }
    Path file = folder.resolve(content.fileName(label));
    try {
      if (!content.isIn(file)) {
        Files.createDirectories(folder);
        removeAbandoned();
        unpack(resource, content, file, true);
        content.setChecked(file);
      }
      return new Library(file, false);
    } catch (IOException e) {
      log()
          .warn(
              "native library cannot be cached, so every start unpacks it again: folder={}"
                  + " property={} cause={}",
              folder,
              FOLDER_PROPERTY,
              e.toString());
      return temporary(resource);
    }
  }

  /** Returns a library as a file of its own, to be deleted once it is loaded. */
  public static Library temporary(URL resource) throws IOException {
    Path folder = Files.createTempDirectory("tracker-native-");
    Path file = folder.resolve("library");
    Library library = new Library(file, true);
    try {
      unpack(resource, Content.of(resource), file, false);
      return library;
    } catch (IOException e) {
      library.loaded();
      throw e;
    }
  }

  /** Asked for when there is something to say: a program without a logger is not to hear of it. */
  private static Logger log() {
    return LoggerFactory.getLogger(NativeCache.class);
  }

  private static Path pathOf(URL resource) throws IOException {
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException e) {
      throw new IOException("not a file: url=" + resource, e);
    }
  }

  private static void unpack(URL resource, @Nullable Content content, Path file, boolean force)
      throws IOException {
    Path temporary = Files.createTempFile(file.resolveSibling(""), "unpacking-", TEMPORARY_SUFFIX);
    try {
      CRC32 crc = new CRC32();
      long length = 0;
      URLConnection connection = resource.openConnection();
      connection.setUseCaches(false);
      // Plain streams: an interrupt must not make the library unavailable for good.
      try (InputStream in = connection.getInputStream();
          FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        length = copy(in, out, crc);
        if (force) {
          out.getFD().sync();
        }
      }
      if (content != null && !content.equals(new Content(length, crc.getValue()))) {
        throw new IOException(
            "native library is damaged inside its jar: url=%s expected=%s found=%s"
                .formatted(resource, content, new Content(length, crc.getValue())));
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static long copy(InputStream in, OutputStream out, CRC32 crc) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long length = 0;
    for (int n; (n = in.read(buffer)) > 0; length += n) {
      crc.update(buffer, 0, n);
      out.write(buffer, 0, n);
    }
    return length;
  }

  /** Removes what processes left that died while they unpacked. */
  private void removeAbandoned() throws IOException {
    Instant limit = Instant.now().minus(ABANDONED);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + TEMPORARY_SUFFIX)) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException e) {
      log().debug("another process was faster", e);
    }
  }

  /**
   * What a file should hold.
   *
   * @param length how many bytes
   * @param crc their CRC-32
   */
  private record Content(long length, long crc) {
    /** Asks the jar's directory; null where the library is in something else. */
    static @Nullable Content of(URL resource) throws IOException {
      URLConnection connection = resource.openConnection();
      connection.setUseCaches(false);
      if (!(connection instanceof JarURLConnection jarConnection)) {
        return null;
      }
      try (JarFile jar = jarConnection.getJarFile()) {
        JarEntry entry = jar.getJarEntry(jarConnection.getEntryName());
        return entry == null || entry.getSize() < 0 || entry.getCrc() < 0
            ? null
            : new Content(entry.getSize(), entry.getCrc());
      }
    }

    String fileName(String label) {
      return "%s-%d-%08x".formatted(label, length, crc);
    }

    /** Whether a file holds this: looked at in full only where it has changed since last time. */
    boolean isIn(Path file) throws IOException {
      if (!Files.exists(file) || Files.size(file) != length) {
        return false;
      }
      Path note = note(file);
      if (Files.exists(note) && Files.readString(note).equals(stamp(file))) {
        return true;
      }
      CRC32 found = new CRC32();
      try (InputStream in = new FileInputStream(file.toFile())) {
        copy(in, OutputStream.nullOutputStream(), found);
      }
      if (found.getValue() != crc) {
        log().warn("cached native library is damaged and is replaced: file={}", file);
        return false;
      }
      setChecked(file);
      return true;
    }

    /** Notes that a file was looked at and found whole; without the note it is looked at again. */
    void setChecked(Path file) {
      try {
        Path temporary = Files.createTempFile(file.resolveSibling(""), "note-", TEMPORARY_SUFFIX);
        Files.writeString(temporary, stamp(file));
        Files.move(
            temporary,
            note(file),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        log().debug("native library is checked again next time: file={}", file, e);
      }
    }

    private static Path note(Path file) {
      return file.resolveSibling(file.getFileName() + ".checked");
    }

    private String stamp(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return "crc32=%08x length=%d changed=%s\n"
          .formatted(crc, attributes.size(), attributes.lastModifiedTime());
    }
  }
}
