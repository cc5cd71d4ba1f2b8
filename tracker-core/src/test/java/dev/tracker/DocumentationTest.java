package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compiles every Java snippet of the README and the docs, so that none promises what is not there.
 */
class DocumentationTest {
  private static final Pattern SNIPPET =
      Pattern.compile("^```java\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

  /** What snippets may take for granted. */
  private static final String BEFORE =
      """
      import dev.tracker.*;
      import dev.tracker.media.*;
      import dev.tracker.read.*;
      import dev.tracker.seal.*;
      import dev.tracker.value.*;
      import dev.tracker.verify.*;
      import java.awt.image.BufferedImage;
      import java.nio.file.*;
      import java.time.*;
      import java.util.*;
      abstract class SnippetN {
        interface Batch {}
        interface Model { double train(Batch batch); double accuracy(); double loss(); float[] gradients(); }
        static List<Batch> batches; static Model model; static double lr; static Path folder; static Path otherFolder; static Board board;
        static BufferedImage bufferedImage; static float[] tensor; static double[][] kernel;
        void snippet() throws Exception {
      """;

  private static final String AFTER = "\n} }\n";

  @TempDir Path output;

  @ParameterizedTest
  @CsvSource({"README.md, 2", "docs/guide.md, 5"})
  void every_snippet_compiles(String page, int atLeast) throws IOException {
    List<JavaFileObject> sources = new ArrayList<>();
    Matcher snippet = SNIPPET.matcher(Files.readString(Path.of("..").resolve(page)));
    while (snippet.find()) {
      sources.add(new Source(sources.size(), snippet.group(1)));
    }
    assertTrue(sources.size() >= atLeast, page + " has snippets: " + sources.size());
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            "-proc:none", "-cp", System.getProperty("java.class.path"), "-d", output.toString());
    boolean compiled = compiler.getTask(messages, null, null, options, null, sources).call();
    assertEquals("", messages.toString(), page);
    assertTrue(compiled);
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(int number, String snippet) {
      super(URI.create("string:///Snippet" + number + ".java"), Kind.SOURCE);
      text = BEFORE.replace("SnippetN", "Snippet" + number) + snippet + AFTER;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
