package dev.tracker.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Keeps the arrows: the command line uses what programs use, and nothing knows of it. */
@Tag("once")
class ArchitectureTest {
  private static final String CLI = "dev.tracker.cli";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.tracker");

  @Test
  void commandLineUsesOnlyWhatProgramsUse() {
    classes()
        .that()
        .resideInAPackage(CLI)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            CLI,
            "dev.tracker.export",
            "dev.tracker.format",
            "dev.tracker.read",
            "dev.tracker.seal",
            "dev.tracker.verify",
            "java.io..",
            "java.lang..",
            "java.nio..",
            "java.time..",
            "java.util..",
            "com.fasterxml.jackson..",
            "org.jspecify..",
            "picocli..")
        .check(CLASSES);
  }

  @Test
  void nothingUsesTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(CLI)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(CLI, "picocli..")
        .check(CLASSES);
  }
}
