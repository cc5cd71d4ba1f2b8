package dev.tracker.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FolderNamesTest {
  @Test
  void plain_names_stay_readable() {
    assertEquals("train__loss", FolderNames.of("train/loss"));
    assertEquals("grad_norm", FolderNames.of("grad_norm"));
    assertEquals("layer-1.weight__l2", FolderNames.of("layer-1.weight/l2"));
  }

  @Test
  void generations_tell_which_series_they_are_of() {
    for (String name :
        List.of("train/loss", "A/B", "a~g2", "x~g3", "g", "~g2", "x".repeat(1_000))) {
      String first = FolderNames.of(name);
      assertEquals(first, FolderNames.first(first), name);
      assertEquals(first, FolderNames.ofGeneration(first, 1), name);
      String second = FolderNames.ofGeneration(first, 2);
      assertEquals(first + "~g2", second);
      assertEquals(first + "~g17", FolderNames.ofGeneration(second, 17));
      assertEquals(first, FolderNames.first(second), name);
    }
  }

  @Test
  void names_that_only_look_alike_get_folders_of_their_own() {
    List<String> names =
        List.of(
            "a/b",
            "a__b",
            "A/B",
            "A__B",
            "a_/b",
            "a/_b",
            "a//b",
            "a_b",
            "a._b",
            "a.",
            "a",
            ".a",
            "..",
            ".",
            "/",
            "//",
            "con",
            "CON",
            "con.txt",
            "nul",
            "ä",
            "a\u0308",
            "😀",
            "😁",
            "a b",
            "a-b",
            "a:b",
            "x".repeat(10_000),
            "x".repeat(10_001),
            "a~b",
            " ",
            "a/",
            "/a");
    Map<String, String> owners = new HashMap<>();
    for (String name : names) {
      String before = owners.put(FolderNames.of(name).toLowerCase(Locale.ROOT), name);
      assertTrue(before == null, () -> name + " and " + before + " share a folder");
    }
  }

  @Property
  void different_names_never_share_a_folder(@ForAll("names") String a, @ForAll("names") String b) {
    if (!a.equals(b)) {
      assertNotEquals(
          FolderNames.of(a).toLowerCase(Locale.ROOT), FolderNames.of(b).toLowerCase(Locale.ROOT));
    }
  }

  @Property
  void a_folder_is_safe_on_every_file_system(@ForAll("names") String name) {
    String folder = FolderNames.of(name);
    assertTrue(folder.matches("[a-z0-9._~-]{1,128}"), folder);
    assertTrue(!folder.startsWith(".") && !folder.endsWith("."), folder);
  }

  /** Few letters, so that names that could meet are often drawn. */
  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings().withChars("aAbB_/.~-é1").ofMinLength(1).ofMaxLength(8);
  }

  @Test
  void a_folder_that_is_taken_is_passed_over() {
    assertEquals("loss~2", FolderNames.of("loss", Kind.FLOAT64, Set.of("loss")));
    assertEquals("loss~3", FolderNames.of("loss", Kind.FLOAT64, Set.of("loss", "loss~2")));
  }
}
