package dev.tracker.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Uses images in a process that has no display and is not told so. */
class HeadlessTest {
  @Test
  void images_are_encoded_without_a_display_or_a_toolkit_that_wants_one() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-Xlog:class+load",
            "-cp",
            System.getProperty("java.class.path"),
            HeadlessTest.class.getName());
    builder.environment().put("DISPLAY", "nowhere:77");
    Process child = builder.redirectErrorStream(true).start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, child.exitValue(), said);
    assertTrue(said.contains("encoded 4"));
    for (String unwanted : List.of("sun.awt.X11", "HeadlessToolkit ", "EventDispatchThread ")) {
      assertFalse(said.contains(unwanted), unwanted);
    }
  }

  /** The child. */
  public static void main(String[] arguments) throws IOException {
    BufferedImage buffered = new BufferedImage(8, 8, BufferedImage.TYPE_INT_ARGB);
    buffered.setRGB(3, 3, -1);
    List<Image> images =
        List.of(
            Image.of(buffered),
            Image.of(buffered).jpeg(0.9),
            Image.of(new float[192], 8, 8, 3, Layout.CHW),
            Image.grid(List.of(Image.ofEncoded(Image.of(buffered).encode().toByteArray())), 2));
    System.out.println("encoded " + images.stream().map(Image::encode).toList().size());
  }
}
