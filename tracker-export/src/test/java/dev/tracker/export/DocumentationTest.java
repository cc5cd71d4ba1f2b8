package dev.tracker.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles the guide's snippets about export, which tracker-core cannot see. */
class DocumentationTest {
  private static final Pattern SNIPPET =
      Pattern.compile("^```java export\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

  @TempDir Path output;

  @Test
  void every_snippet_about_export_compiles() throws IOException {
    Matcher snippet = SNIPPET.matcher(Files.readString(Path.of("../docs/guide.md")));
    StringBuilder body = new StringBuilder();
    while (snippet.find()) {
      body.append("{\n").append(snippet.group(1)).append("}\n");
    }
    assertTrue(body.length() > 0);
    Path source = output.resolve("Snippets.java");
    Files.writeString(
        source,
        """
        import dev.tracker.export.*;
        import dev.tracker.read.*;
        import java.nio.file.*;
        import java.util.*;
        abstract class Snippets {
          static Path folder;
          void snippets() throws Exception {
        """
            + body
            + "} }\n");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of(
                      "-proc:none",
                      "-cp",
                      System.getProperty("java.class.path"),
                      "-d",
                      output.toString()),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      assertEquals("", messages.toString());
      assertTrue(compiled);
    }
  }
}
