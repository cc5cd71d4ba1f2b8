package dev.tracker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Keeps the arrows between the modules: core uses storage, storage uses media, and nothing points
 * back.
 */
@Tag("once")
class ArchitectureTest {
  private static final String CORE = "dev.tracker";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.tracker");

  @Test
  void coreUsesOnlyStorageAndTheRing() {
    classes()
        .that()
        .resideInAPackage(CORE)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            CORE,
            "dev.tracker.format",
            "dev.tracker.host",
            "dev.tracker.journal",
            "dev.tracker.lock",
            "dev.tracker.media",
            "dev.tracker.read",
            "dev.tracker.seal",
            "dev.tracker.value",
            "java.io..",
            "java.lang..",
            "java.math..",
            "java.net..",
            "java.nio..",
            "java.time..",
            "java.util..",
            "com.fasterxml.jackson..",
            "com.lmax.disruptor..",
            "org.jspecify..",
            "org.slf4j..")
        .check(CLASSES);
  }

  @Test
  void whatAsksTheMachineKnowsNothingOfRuns() {
    classes()
        .that()
        .resideInAPackage("dev.tracker.host")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.tracker.host",
            "com.fasterxml.jackson.databind..",
            "com.sun.management",
            "java..",
            "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void nothingInStorageUsesCoreOrTheRing() {
    noClasses()
        .that()
        .resideInAPackage("dev.tracker.*..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CORE, "com.lmax.disruptor..")
        .check(CLASSES);
  }

  @Test
  void noPackageIsSplitBetweenModules() {
    Map<String, TreeSet<String>> modules = new TreeMap<>();
    for (JavaClass type : CLASSES) {
      String file = type.getSource().orElseThrow().getUri().toString();
      String inside = type.getName().replace('.', '/') + ".class";
      assertTrue(file.endsWith(inside), file);
      modules
          .computeIfAbsent(type.getPackageName(), name -> new TreeSet<>())
          .add(file.substring(0, file.length() - inside.length()));
    }
    assertTrue(
        modules.values().stream().distinct().count() >= 3,
        "three modules were looked at: " + modules);
    modules.forEach((name, in) -> assertEquals(1, in.size(), name + " is in " + in));
  }
}
