package dev.tracker.storage;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Keeps the arrows between the packages of tracker-storage: each package and all that it may use.
 */
@Tag("once")
class ArchitectureTest {
  /**
   * What every package may use. Not all of {@code java..}: {@code java.sql} is metadata's alone.
   */
  private static final List<String> EVERYWHERE =
      List.of(
          "java.io..",
          "java.lang..",
          "java.math..",
          "java.net..",
          "java.nio..",
          "java.security..",
          "java.time..",
          "java.util..",
          "com.fasterxml.jackson..",
          "org.jspecify..",
          "org.slf4j..");

  private static final String FORMAT = "dev.tracker.format";
  private static final String JOURNAL = "dev.tracker.journal";
  private static final String LOCK = "dev.tracker.lock";
  private static final String MEDIA = "dev.tracker.media";
  private static final String METADATA = "dev.tracker.metadata";
  private static final String NATIVES = "dev.tracker.natives";
  private static final String READ = "dev.tracker.read";
  private static final String SEAL = "dev.tracker.seal";
  private static final String SERIES = "dev.tracker.series";
  private static final String VALUE = "dev.tracker.value";
  private static final String VERIFY = "dev.tracker.verify";

  /** What each package may use besides itself and {@link #EVERYWHERE}. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry(FORMAT, List.of()),
          Map.entry(JOURNAL, List.of(FORMAT, MEDIA)),
          Map.entry(LOCK, List.of(FORMAT, MEDIA)),
          Map.entry(METADATA, List.of(FORMAT, MEDIA, NATIVES, "java.sql..", "org.sqlite..")),
          Map.entry(NATIVES, List.of(MEDIA, "javax.management..", "sun.misc")),
          Map.entry(READ, List.of(FORMAT, JOURNAL, LOCK, METADATA, SERIES, VALUE)),
          Map.entry(SEAL, List.of(FORMAT, JOURNAL, LOCK, MEDIA, METADATA, NATIVES, SERIES, VALUE)),
          Map.entry(
              SERIES, List.of(FORMAT, MEDIA, NATIVES, VALUE, "org.apache.arrow..", "org.lance..")),
          Map.entry(VALUE, List.of(MEDIA)),
          Map.entry(VERIFY, List.of(FORMAT, JOURNAL, LOCK, MEDIA, METADATA, SEAL, SERIES, VALUE)));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.tracker");

  static Stream<String> packages() {
    return ARROWS.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void packageUsesOnlyWhatItsArrowsAllow(String name) {
    List<String> allowed = new ArrayList<>(EVERYWHERE);
    allowed.addAll(ARROWS.get(name));
    allowed.add(name);
    classes()
        .that()
        .resideInAPackage(name)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed.toArray(String[]::new))
        .check(CLASSES);
  }

  @Test
  void everyPackageHasItsArrows() {
    TreeSet<String> found = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      found.add(type.getPackageName());
    }
    TreeSet<String> known = new TreeSet<>(ARROWS.keySet());
    known.add(MEDIA);
    assertEquals(known, found);
  }

  @Test
  void packagesAreFreeOfCycles() {
    com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices()
        .matching("dev.tracker.(*)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }
}
