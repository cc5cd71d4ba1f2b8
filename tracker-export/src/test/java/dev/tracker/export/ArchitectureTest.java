package dev.tracker.export;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Keeps the arrows: export reads runs, and nothing knows of export. */
@Tag("once")
class ArchitectureTest {
  private static final String EXPORT = "dev.tracker.export";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.tracker");

  @Test
  void exportUsesOnlyTheReaderAndWhatKnowsTheFormats() {
    classes()
        .that()
        .resideInAPackage(EXPORT)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            EXPORT,
            "dev.tracker.format",
            "dev.tracker.read",
            "dev.tracker.series", // to have Arrow's memory made ready
            "java.io..",
            "java.lang..",
            "java.nio..",
            "java.time..",
            "java.util..",
            "com.fasterxml.jackson..",
            "org.apache.arrow..",
            "org.apache.hadoop.conf..",
            "org.apache.parquet..",
            "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void nothingUsesExport() {
    noClasses()
        .that()
        .resideOutsideOfPackage(EXPORT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(EXPORT)
        .check(CLASSES);
  }
}
