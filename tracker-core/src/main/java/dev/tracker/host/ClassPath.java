package dev.tracker.host;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * The class path as names and versions, in its order. A jar's version is that of its file name,
 * else the one in its manifest, else that of the only {@code pom.properties} in it.
 */
final class ClassPath {
  /** What stands for the version of a folder. */
  static final String FOLDER = "folder";

  /** What stands for a version that is nowhere. */
  static final String UNKNOWN = "?";

  /** More entries are left out. */
  private static final int MAX_ENTRIES = 2_000;

  /** Jars beyond this are not opened: their names have to tell. */
  private static final int MAX_OPENED = 200;

  /** Manifests and properties beyond this are not read. */
  private static final long MAX_BYTES = 1 << 20;

  private static final Pattern NAMED = Pattern.compile("(.+)-(\\d.*)\\.jar");
  private static final List<String> VERSIONS =
      List.of("Implementation-Version", "Bundle-Version", "Specification-Version");

  private final ObjectNode found = JsonNodeFactory.instance.objectNode();
  private int opened;

  private ClassPath() {}

  /** Returns the versions by name. */
  static ObjectNode of(String classPath) {
    ClassPath all = new ClassPath();
    for (String entry : classPath.split(Pattern.quote(File.pathSeparator), -1)) {
      if (!entry.isEmpty()) {
        all.add(entry, true);
      }
    }
    return all.found;
  }

  private void add(String entry, boolean follows) {
    try {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        put(entry, entry, FOLDER);
      } else if (Files.isRegularFile(path)) {
        addJar(path, follows);
      }
    } catch (InvalidPathException e) {
      // A class path may hold anything; so much of it is no file.
    }
  }

  private void addJar(Path jar, boolean follows) {
    String file = String.valueOf(jar.getFileName());
    Matcher named = NAMED.matcher(file);
    boolean tells = named.matches();
    // What a jar brings along by its manifest is worth opening it for where it is the only one.
    boolean opens = (!tells || found.isEmpty()) && opened < MAX_OPENED;
    if (!opens) {
      put(tells ? named.group(1) : file, jar.toString(), tells ? named.group(2) : UNKNOWN);
      return;
    }
    opened++;
    try (JarFile open = new JarFile(jar.toFile(), false)) {
      Manifest manifest = manifest(open);
      Attributes main = manifest == null ? new Attributes() : manifest.getMainAttributes();
      String version = tells ? named.group(2) : version(open, main);
      put(tells ? named.group(1) : stem(file), jar.toString(), version);
      String more = main.getValue(Attributes.Name.CLASS_PATH);
      if (follows && more != null && !more.isBlank()) {
        for (String reference : more.strip().split("\\s+", -1)) {
          addReference(jar, reference);
        }
      }
    } catch (IOException | SecurityException e) {
      put(tells ? named.group(1) : stem(file), jar.toString(), tells ? named.group(2) : UNKNOWN);
    }
  }

  private void addReference(Path jar, String reference) {
    try {
      add(Path.of(jar.toUri().resolve(URI.create(reference))).toString(), false);
    } catch (RuntimeException e) {
      // The address of something that is no file.
    }
  }

  private static String stem(String file) {
    return file.endsWith(".jar") ? file.substring(0, file.length() - 4) : file;
  }

  private static @Nullable Manifest manifest(JarFile jar) throws IOException {
    ZipEntry entry = jar.getEntry(JarFile.MANIFEST_NAME);
    return entry == null || entry.getSize() > MAX_BYTES ? null : jar.getManifest();
  }

  private static String version(JarFile jar, Attributes main) throws IOException {
    for (String name : VERSIONS) {
      String version = main.getValue(name);
      if (version != null && !version.isBlank()) {
        return version.strip();
      }
    }
    List<? extends ZipEntry> poms =
        jar.stream()
            .filter(entry ->
                entry.getName().startsWith("META-INF/maven/")
                    && entry.getName().endsWith("/pom.properties")
                    && entry.getSize() <= MAX_BYTES)
            .limit(2)
            .toList();
    if (poms.size() != 1) {
      return UNKNOWN; // none, or those of all that were merged into the jar
    }
    Properties properties = new Properties();
    try (InputStream in = jar.getInputStream(poms.get(0))) {
      properties.load(in);
    }
    return properties.getProperty("version", UNKNOWN);
  }

  /** Puts an entry under its name, or, where that is taken, under its path. */
  private void put(String name, String path, String version) {
    if (found.size() < MAX_ENTRIES) {
      String key = found.has(name) ? path : name;
      found.put(key, version);
    }
  }
}
