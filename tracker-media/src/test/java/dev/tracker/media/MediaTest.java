package dev.tracker.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MediaTest {
  @TempDir Path folder;

  @Test
  void a_text_is_utf_8_of_its_type() {
    Text text = Text.markdown("# für \uD83D\uDE00 \uD800!").withCaption("report");
    Encoded encoded = text.encode();
    assertEquals("text/markdown md", encoded.mediaType() + " " + encoded.extension());
    String back = new String(encoded.toByteArray(), StandardCharsets.UTF_8);
    assertEquals("# für \uD83D\uDE00 \uFFFD!", back);
    assertEquals("report", text.caption());
    assertEquals("txt", Text.of("x").extension());
    assertEquals("html", Text.html("x").extension());
    assertEquals("csv", Text.of("x").withMediaType("text/CSV; charset=utf-8").extension());
    assertEquals("txt", Text.of("x").withMediaType("text/strange").extension());
    assertThrows(IllegalArgumentException.class, () -> Text.of("x").withMediaType("text/x\ny"));
    assertEquals(0, Text.of("").encode().length());
  }

  @Test
  void an_attachment_has_the_type_and_ending_of_its_name() throws Exception {
    byte[] bytes = {1, 2};
    Attachment attachment = Attachment.of(bytes, "weights/../Epoch 3.ONNX");
    bytes[0] = 7;
    assertArrayEquals(new byte[] {1, 2}, attachment.encode().toByteArray());
    assertEquals("application/onnx onnx", type(attachment));
    assertEquals("weights/../Epoch 3.ONNX", attachment.caption());
    assertEquals("application/octet-stream bin", type(Attachment.of(bytes, "a.../..\0?")));
    assertEquals("application/octet-stream bin", type(Attachment.of(bytes, "Makefile")));
    assertEquals("application/octet-stream pt", type(Attachment.of(bytes, "model.pt")));
    assertEquals("x/y pt", type(Attachment.of(bytes, "model.pt").withMediaType("x/y")));

    Path file = Files.write(folder.resolve("data.tar.gz"), bytes);
    Attachment byPath = Attachment.of(file);
    assertEquals("application/gzip gz", type(byPath));
    assertEquals("data.tar.gz", byPath.caption());
    assertEquals(Optional.of(file), byPath.source());
    assertEquals(2, byPath.sourceFile().orElseThrow().size());
    assertEquals(0, byPath.payloadBytes());
    assertThrows(IllegalStateException.class, byPath::encode);
  }

  @Test
  void a_video_is_always_a_path() {
    Video video = Video.of(folder.resolve("film.mp4"), "walk");
    assertEquals("video/mp4 mp4", type(video));
    assertEquals("walk", video.caption());
    assertTrue(video.sourceFile().orElseThrow().isGone());
    assertThrows(IllegalStateException.class, video::encode);
  }

  @Test
  void the_limit_is_a_property() {
    String gigabyte = "x".repeat(300 << 20);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Text.of(gigabyte)).getMessage();
    assertTrue(message.contains("limit=268435456"), message);
    assertTrue(message.contains("-Dtracker.media.maxBytes"), message);
    System.setProperty(MediaLimits.MAX_BYTES_PROPERTY, "10");
    try {
      assertEquals(10, Text.of("0123456789").encode().length());
      assertThrows(IllegalArgumentException.class, () -> Text.of("012345678ü"));
      assertThrows(IllegalArgumentException.class, () -> Attachment.of(new byte[11], "x"));
      assertThrows(IllegalArgumentException.class, () -> Audio.of(new float[3], 1, 1));
      assertThrows(IllegalArgumentException.class, () -> Image.ofEncoded(new byte[11]));
      assertThrows(
          IllegalArgumentException.class, () -> Image.of(new float[3], 1, 1, 3, Layout.HWC));
    } finally {
      System.clearProperty(MediaLimits.MAX_BYTES_PROPERTY);
    }
  }

  private static String type(Media media) {
    return media.mediaType() + " " + media.extension();
  }
}
