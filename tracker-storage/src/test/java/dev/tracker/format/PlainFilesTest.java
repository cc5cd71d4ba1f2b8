package dev.tracker.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class PlainFilesTest {
  @TempDir Path root;

  private Path folder;
  private Path file;
  private Path link;

  @BeforeEach
  void make() throws IOException {
    folder = Files.createDirectory(root.resolve("folder"));
    file = Files.createFile(folder.resolve("file"));
    link = Files.createSymbolicLink(root.resolve("link"), folder);
  }

  @Test
  void whatShouldBeThere_isThereOrNot() throws IOException {
    assertTrue(PlainFiles.requireFile(file));
    assertTrue(PlainFiles.requireFile(root, file));
    assertTrue(PlainFiles.requireFolder(folder));
    assertFalse(PlainFiles.requireFile(root.resolve("none")));
    assertFalse(PlainFiles.requireFile(root, root.resolve("none").resolve("none")));
    assertFalse(PlainFiles.requireFolder(root.resolve("none")));
  }

  @Test
  void anythingElse_isRefusedByName() {
    refuses(link, "a link stands in the place of a folder", () -> PlainFiles.requireFolder(link));
    refuses(link, "a link stands in the place of a file", () -> PlainFiles.requireFile(link));
    refuses(file, "a file stands in the place of a folder", () -> PlainFiles.requireFolder(file));
    refuses(folder, "a folder stands in the place of a file", () -> PlainFiles.requireFile(folder));
  }

  @Test
  void linkToNothing_isRefused() throws IOException {
    Files.delete(file);
    Files.delete(folder);
    refuses(link, "a link stands", () -> PlainFiles.requireFile(link));
  }

  @Test
  void linkOnTheWay_isRefused() {
    refuses(link, "a link stands", () -> PlainFiles.requireFile(root, link.resolve("file")));
  }

  @Test
  void linkToTheRoot_isFollowed() throws IOException {
    assertTrue(PlainFiles.requireFile(link, link.resolve("file")));
  }

  private static void refuses(Path path, String what, Executable look) {
    String said = String.valueOf(assertThrows(IOException.class, look).getMessage());
    assertEquals(0, said.indexOf(what), said);
    assertTrue(said.contains("file=" + path + " "), said);
  }
}
